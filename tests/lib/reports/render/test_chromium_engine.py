"""The second PDF engine, driven as it is in production."""

import shutil
import signal
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from lib import chromium
from lib.errors import ConfigurationError
from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import chromium_engine, engines, pdf_check
from lib.reports.render.pdf_check import Expected
from lib.reports.render.print_shell import PrintShell
from tests.factories.reports import RUN, facts

pytestmark = pytest.mark.integration

needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, chromium.NAMES)),
    reason="no Chromium in PATH; the image's tests have one",
)
NAMES = frozenset(
    f"{kind}_{n}"
    for n in (1, 2)
    for kind in (
        "undelivered_delivered",
        "undelivered_not_delivered",
        "undelivered_comment",
        "missed_lead_converted",
        "missed_lead_comment",
    )
)


@pytest.fixture(scope="module")
def html():
    return daily_html(daily_context(facts(orders=2, leads=2), RUN, ZoneInfo("Asia/Kolkata")))


@pytest.fixture(scope="module")
def drawn(html):
    yield chromium_engine.render(html, chromium_engine.find(None))
    chromium_engine.stop()


def words(page):
    return " ".join(page.extract_text().split())


@needs_chromium
def test_the_report_passes_the_same_check_as_the_other_engines(drawn):
    pdf_check.check(drawn, Expected("A668", "2025-11-14", RUN.run_id, NAMES))


@needs_chromium
def test_page_1_tells_the_whole_day_and_every_page_has_its_footer(drawn):
    pages = PdfReader(BytesIO(drawn), strict=True).pages
    assert len(pages) == 2
    assert "To watch" in words(pages[0])
    assert "Undelivered orders Promised for November 2025" in words(pages[1])
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of 2" in words(page)
        assert "Dashboard read 15 Nov 2025, 06:20 IST" in words(page)


@needs_chromium
def test_fields_are_labelled_and_can_be_filled_in(drawn):
    fields = PdfReader(BytesIO(drawn)).get_fields()
    assert {name: field["/FT"] for name, field in fields.items()} == {
        name: "/Tx" if "comment" in name else "/Btn" for name in NAMES
    }
    assert fields["undelivered_comment_1"]["/TU"] == "Comment on order T1301"
    writer = PdfWriter(clone_from=BytesIO(drawn))
    writer.update_page_form_field_values(
        writer.pages[1], {"undelivered_comment_1": "Called", "undelivered_delivered_1": "/on"}
    )
    filled = writer.get_fields()
    assert (filled["undelivered_comment_1"]["/V"], filled["undelivered_delivered_1"]["/V"]) == (
        "Called",
        "/on",
    )


@needs_chromium
def test_metadata_is_the_runs_and_the_document_is_tagged(drawn):
    reader = PdfReader(BytesIO(drawn))
    assert reader.metadata.creation_date == reader.metadata.modification_date == RUN.started_at
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en-IN"


@needs_chromium
def test_the_header_says_what_the_file_is_and_all_fonts_are_embedded(drawn):
    assert drawn.startswith(b"%PDF-1.7")
    form = PdfReader(BytesIO(drawn)).trailer["/Root"]["/AcroForm"]
    fonts = [font.get_object() for font in form["/DR"]["/Font"].values()]
    descendants = [font["/DescendantFonts"][0].get_object() for font in fonts]
    assert descendants
    assert all("/FontFile2" in font["/FontDescriptor"] for font in descendants)


def place_of(pdf, words):
    """The page and the box of some words, in points from the lower left corner."""
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        text = page.get_textpage()
        if found := text.search(words).get_next():
            return number, *text.get_charbox(found[0])
    return None


@needs_chromium
def test_both_engines_put_the_same_words_in_the_same_places(drawn, html):
    other = engines.weasyprint(html)
    for words in ("Undelivered Orders", "Figures of 14", "Page 1"):
        assert place_of(drawn, words) == pytest.approx(place_of(other, words), abs=2.5)


@needs_chromium
def test_a_rule_stands_above_the_footer_from_margin_to_margin(drawn):
    page = pypdfium2.PdfDocument(drawn)[0]
    boxes = [each.get_bounds() for each in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_PATH])]
    rule = [box for box in boxes if box[1] > 35 and box[3] < 45 and box[3] - box[1] < 1]
    assert min(box[0] for box in rule) == pytest.approx(39.7, abs=0.5)
    assert max(box[2] for box in rule) == pytest.approx(595.3 - 39.7, abs=0.5)


@needs_chromium
def test_a_page_of_two_short_lists_is_a_small_file(drawn):
    assert len(drawn) < 100_000


def running():
    return chromium_engine._shells._shell


@needs_chromium
def test_the_same_chromium_prints_page_after_page_and_is_replaced_in_time(html, monkeypatch):
    chromium_engine.stop()
    monkeypatch.setattr(chromium_engine, "PAGES_A_SHELL", 2)
    used = []
    for _ in range(3):
        chromium_engine.render(html, chromium_engine.find(None))
        used.append(running())
    assert used[0] is used[1]
    assert used[1] is not used[2]
    assert used[0].has_ended


@needs_chromium
def test_nothing_is_left_of_a_chromium_that_was_stopped(html):
    chromium_engine.render(html, chromium_engine.find(None))
    shell = running()
    started = psutil.Process(shell._process.pid).children(recursive=True)
    assert started
    chromium_engine.stop()
    assert not Path(shell._profile.name).exists()
    assert psutil.wait_procs(started, timeout=300)[1] == []


def send_to_all(processes, number):
    """Send a signal to processes of Chromium."""
    for process in processes:
        # the end of one takes others along
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@needs_chromium
@pytest.mark.parametrize(
    ("sent", "timeout_s", "reason"),
    [
        pytest.param(signal.SIGSTOP, 3, r"took more than 3 s", id="hangs"),
        pytest.param(signal.SIGKILL, 120, r"and made no PDF", id="ends"),
    ],
)
def test_a_page_that_hangs_or_ends_chromium_costs_itself_alone(
    html, drawn, sent, timeout_s, reason
):
    chromium_engine.render(html, chromium_engine.find(None))
    wait = PrintShell._wait_for
    interrupted_ones = []

    def interrupted(shell, event):
        interrupted_ones.extend(psutil.Process(shell._process.pid).children(recursive=True))
        send_to_all(interrupted_ones, sent)
        wait(shell, event)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PrintShell, "_wait_for", interrupted)
        with pytest.raises(chromium_engine.ChromiumFailed, match=reason):
            chromium_engine.render(html, chromium_engine.find(None), timeout_s=timeout_s)

    # what is stopped does not hear that its browser has gone
    send_to_all(interrupted_ones, signal.SIGKILL)
    assert running() is None
    assert len(chromium_engine.render(html, chromium_engine.find(None))) > 30_000


@needs_chromium
def test_a_chromium_that_ended_between_two_pages_costs_none(html):
    chromium_engine.render(html, chromium_engine.find(None))
    process = running()._process
    send_to_all(psutil.Process(process.pid).children(recursive=True), signal.SIGKILL)
    process.wait(300)
    assert chromium_engine.render(html, chromium_engine.find(None))


@needs_chromium
def test_a_page_that_takes_too_long_is_stopped(html):
    with pytest.raises(chromium_engine.ChromiumFailed, match=r"took more than 0\.01 s"):
        chromium_engine.render(html, chromium_engine.find(None), timeout_s=0.01)


def test_a_program_that_makes_no_pdf_is_named(html):
    with pytest.raises(chromium_engine.ChromiumFailed, match="does /bin/true start"):
        chromium_engine.render(html, Path("/bin/true"))


def test_a_chosen_program_wins_and_none_at_all_says_what_to_set(monkeypatch):
    assert chromium_engine.find(Path("/opt/chrome")) == Path("/opt/chrome")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigurationError, match="PDF_RENDER_CHROME_EXECUTABLE"):
        chromium_engine.find(None)


def test_a_footer_cannot_end_its_string_or_its_style_sheet():
    page = '<head></head><div class="page-footer"><p>Asha &amp; "</style>"</p>\n</div>'
    assert r'content: "Asha \000026  ' in chromium_engine._complete(page, None)
    assert '</style>"' not in chromium_engine._complete(page.replace(page[13:], ""), None)
