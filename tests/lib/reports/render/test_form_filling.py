"""What people type and tick in one viewer is seen in the others; drawn, for a value that is stored may not be seen."""

import shutil
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdf
import pytest
from PIL import ImageChops
from pypdf.generic import NameObject

from lib import chromium
from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import chromium_engine, weasyprint_engine
from tests.factories.reports import RUN, facts
from tests.lib.reports.render.viewers import RENDERERS, SCALE, Filler

# The viewers are programs; the forms that they look at are filled in once.
pytestmark = pytest.mark.integration

SIXTY_LETTERS = "Customer asks to bring it on Tuesday after six, not earlier."
TYPED = {
    "undelivered_comment_1": "Called twice, ₹450 paid",
    "undelivered_comment_2": "कल देंगे",
    "undelivered_comment_3": "நாளை வரும்",
    "undelivered_comment_4": SIXTY_LETTERS,
    "missed_lead_comment_1": SIXTY_LETTERS,
    "missed_lead_comment_2": "फोन नहीं उठाया",
}
TICKED = [
    "undelivered_delivered_1",
    "undelivered_not_delivered_3",
    "undelivered_delivered_4",
    "missed_lead_converted_2",
]
UNTOUCHED = [
    "undelivered_delivered_2",
    "undelivered_not_delivered_1",
    "undelivered_delivered_3",
    "undelivered_comment_5",
    "missed_lead_converted_1",
    "missed_lead_comment_3",
]
ANOTHER_SHADE = 64


def by_chromium(html):
    return chromium_engine.render(html, chromium_engine.find(None))


has_chromium = any(map(shutil.which, chromium.NAMES))
needs_chromium = pytest.mark.skipif(not has_chromium, reason="no Chromium on this machine")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(weasyprint_engine.render, id="WeasyPrint"),
        pytest.param(by_chromium, id="Chromium", marks=needs_chromium),
    ],
)
def blank(request):
    context = daily_context(facts(orders=5, leads=3), RUN, ZoneInfo("Asia/Kolkata"))
    return request.param(daily_html(context))


@pytest.fixture(scope="module")
def places(blank):
    return Filler(blank).places


@pytest.fixture(scope="module")
def filled_in_chrome(blank):
    viewer = Filler(blank)
    for name in TICKED:
        viewer.tick(name)
    for name, text in TYPED.items():
        viewer.type(name, text)
    return viewer.save()


@pytest.fixture(scope="module", params=RENDERERS)
def drawn(request, blank, filled_in_chrome):
    """The pages with fields, empty and filled in, as one viewer draws them."""
    draw = RENDERERS[request.param]
    pages = range(1, len(pypdf.PdfReader(BytesIO(blank)).pages))
    return {number: (draw(blank, number), draw(filled_in_chrome, number)) for number in pages}


def ink(drawn, place):
    """Return where in a field, in points from its left and its top, what was filled in is seen."""
    number, (left, top, right, bottom) = place
    before, after = drawn[number]
    height = before.size[1] / SCALE
    box = [round(SCALE * edge) for edge in (left, height - top, right, height - bottom)]
    changed = ImageChops.difference(before.crop(box), after.crop(box))
    return changed.point(lambda shade: 255 * (shade > ANOTHER_SHADE)).getbbox()


@pytest.mark.parametrize("name", TICKED)
def test_a_box_ticked_in_chrome_is_ticked_in_every_viewer(drawn, places, name):
    left, top, right, bottom = ink(drawn, places[name])
    assert right - left > 8
    assert bottom - top > 8


@pytest.mark.parametrize("name", TYPED)
def test_a_comment_typed_in_chrome_is_seen_in_every_viewer(drawn, places, name):
    left, _, right, _ = ink(drawn, places[name])
    letters = len(TYPED[name])
    assert right - left > min(2 * SCALE * letters, 100)


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_was_not_touched_stays_empty(drawn, places, name):
    assert ink(drawn, places[name]) is None


def test_every_letter_of_a_comment_is_drawn_with_a_glyph_of_its_own(filled_in_chrome):
    """Glyph 0 is the box that stands for a letter that the font lacks."""
    fields = pypdf.PdfReader(BytesIO(filled_in_chrome)).get_fields()
    for name, text in TYPED.items():
        shown = [glyphs for glyphs in glyphs_of(fields[name]) if glyphs]
        assert len(shown) >= len(text.replace(" ", "")), name
        assert 0 not in shown


def glyphs_of(field):
    content = pypdf.generic.ContentStream(
        field.indirect_reference.get_object()["/AP"]["/N"].get_object(), None
    )
    for operands, operator in content.operations:
        if operator in (b"Tj", b"TJ"):
            parts = operands[0] if operator == b"TJ" else operands
            for part in parts:
                if isinstance(part, (bytes, str)):
                    raw = part.original_bytes if isinstance(part, str) else part
                    yield from (
                        int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)
                    )


def test_sixty_letters_fit_into_each_comment(filled_in_chrome):
    fields = pypdf.PdfReader(BytesIO(filled_in_chrome)).get_fields()
    for name in ("undelivered_comment_4", "missed_lead_comment_1"):
        field = fields[name].indirect_reference.get_object()
        height = float(field["/Rect"][3]) - float(field["/Rect"][1])
        assert lowest_line(field["/AP"]["/N"].get_object()) > 0 < height, name


def lowest_line(drawing):
    """Return how far above the field's lower edge the last line stands, in points."""
    y, lowest = 0.0, 1000.0
    for operands, operator in pypdf.generic.ContentStream(drawing, None).operations:
        if operator == b"Td":
            y += float(operands[1])
        if operator in (b"Tj", b"TJ"):
            lowest = min(lowest, y)
        if operator == b"BT":
            y = 0.0
    return lowest


def test_a_box_ticked_by_a_program_is_ticked_in_every_viewer(blank, places):
    """A sibling: whoever fills the form without a viewer sets the state and draws nothing."""
    name = "undelivered_delivered_1"
    writer = pypdf.PdfWriter(clone_from=BytesIO(blank))
    field = writer.get_fields()[name].indirect_reference.get_object()
    field[NameObject("/V")] = field[NameObject("/AS")] = NameObject("/on")
    into = BytesIO()
    writer.write(into)
    number = places[name][0]
    for viewer, draw in RENDERERS.items():
        pages = {number: (draw(blank, number), draw(into.getvalue(), number))}
        assert ink(pages, places[name]), viewer


def test_a_tick_can_be_taken_back(filled_in_chrome, places, blank):
    viewer = Filler(filled_in_chrome)
    viewer.tick(TICKED[0])
    again = viewer.save()
    number = places[TICKED[0]][0]
    for name, draw in RENDERERS.items():
        pages = {number: (draw(blank, number), draw(again, number))}
        assert ink(pages, places[TICKED[0]]) is None, name


def test_no_viewer_is_asked_to_invent_the_look_of_a_field(blank):
    reader = pypdf.PdfReader(BytesIO(blank))
    form = reader.trailer["/Root"]["/AcroForm"]
    assert "/NeedAppearances" not in form
    for field in reader.get_fields().values():
        widget = field.indirect_reference.get_object()
        assert widget["/DA"] == form["/DA"]
        looks = widget["/AP"]["/N"].get_object()
        states = ["/Off", "/on"] if widget["/FT"] == "/Btn" else []
        assert sorted(key for key in looks if key in ("/on", "/Off")) == states
