"""What a filled-in form says, whoever filled it in."""

import shutil
import subprocess
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import pikepdf
import pytest

from lib import chromium
from lib.domain import report_form
from lib.domain.report_form import ListKind
from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import chromium_engine
from lib.returns import form
from lib.returns.form import Unreadable
from lib.returns.model import Answer, FormRefusal, Said
from tests.factories import returned_forms
from tests.factories.reports import RUN, T, facts
from tests.lib.reports.render.viewers import Filler

# A viewer and a program fill the forms in.
pytestmark = pytest.mark.integration

ORDER, LEAD = ListKind.ORDER, ListKind.LEAD
TICKED = [
    "undelivered_delivered_1",
    "undelivered_not_delivered_2",
    "undelivered_delivered_3",
    "undelivered_not_delivered_3",
    "missed_lead_converted_2",
]
TYPED = {
    "undelivered_comment_2": "कल देंगे, ₹450",
    "undelivered_comment_5": "Called twice",
    "missed_lead_comment_3": "நாளை வரும்",
}


def orders(of):
    context = daily_context(of, RUN, ZoneInfo("Asia/Kolkata"))
    return [row.order_id for row in context.undelivered_orders_rows]


def leads(of):
    context = daily_context(of, RUN, ZoneInfo("Asia/Kolkata"))
    return [row.phone for row in context.missed_leads_rows]


OF = facts(orders=5, leads=3)
ORDERS, LEADS = orders(OF), leads(OF)
ANSWERS = (
    Answer(LEAD, 2, LEADS[1], Said.YES, None),
    Answer(LEAD, 3, LEADS[2], None, "நாளை வரும்"),
    Answer(ORDER, 1, ORDERS[0], Said.YES, None),
    Answer(ORDER, 2, ORDERS[1], Said.NO, "कल देंगे, ₹450"),
    Answer(ORDER, 3, ORDERS[2], Said.BOTH, None),
    Answer(ORDER, 5, ORDERS[4], None, "Called twice"),
)


def in_chrome(blank):
    viewer = Filler(blank)
    for name in TICKED:
        viewer.tick(name)
    for name, text in TYPED.items():
        viewer.type(name, text)
    return viewer.save()


def by_chromium():
    html = daily_html(daily_context(OF, RUN, ZoneInfo("Asia/Kolkata")))
    return chromium_engine.render(html, chromium_engine.find(None))


has_chromium = any(map(shutil.which, chromium.NAMES))
needs_chromium = pytest.mark.skipif(not has_chromium, reason="no Chromium on this machine")


def read_all(content):
    read = form.read(content)
    assert (read.store_code, read.report_on, read.run_id) == ("A668", T, RUN.run_id)
    return read.answers


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(returned_forms.blank, id="WeasyPrint"),
        pytest.param(by_chromium, id="Chromium", marks=needs_chromium),
    ],
)
def test_what_is_filled_in_in_chrome_is_read_whichever_engine_drew_it(drawn):
    assert read_all(in_chrome(drawn())) == ANSWERS


def test_what_a_program_fills_in_is_read():
    assert read_all(returned_forms.filled(TICKED, TYPED)) == ANSWERS


@pytest.mark.skipif(shutil.which("pdftk") is None, reason="pdftk is not installed here")
def test_what_another_program_fills_in_is_read(tmp_path):
    (tmp_path / "blank.pdf").write_bytes(returned_forms.blank())
    lines = [f"<< /T ({name}) /V /on >>" for name in TICKED]
    lines += [
        f"<< /T ({name}) /V <FEFF{text.encode('utf-16-be').hex()}> >>"
        for name, text in TYPED.items()
    ]
    fields = "%FDF-1.2\n1 0 obj\n<< /FDF << /Fields [" + "\n".join(lines) + "] >> >>\nendobj\n"
    (tmp_path / "said.fdf").write_text(fields + "trailer\n<< /Root 1 0 R >>\n%%EOF\n")
    subprocess.run(
        ["pdftk", "blank.pdf", "fill_form", "said.fdf", "output", "filled.pdf"],
        cwd=tmp_path,
        check=True,
        timeout=300,
    )

    assert read_all((tmp_path / "filled.pdf").read_bytes()) == ANSWERS


def test_a_program_that_names_the_state_of_a_box_otherwise_is_understood():
    def tick(pdf):
        field = pdf.Root.AcroForm.Fields[0]
        field.V = pikepdf.Name("/1")

    [answer] = read_all(returned_forms.changed(returned_forms.blank(), tick))
    assert answer.said is Said.YES


def test_the_value_of_a_field_counts_and_not_the_drawing_of_before():
    def only_drawn(pdf):
        pdf.Root.AcroForm.Fields[0].AS = pikepdf.Name("/on")

    with pytest.raises(Unreadable) as refused:
        form.read(returned_forms.changed(returned_forms.blank(), only_drawn))
    assert refused.value.refusal is FormRefusal.EMPTY


def test_a_comment_is_one_line_of_bounded_length():
    typed = {
        "undelivered_comment_1": "  two\r\nlines\tand\x00\x07 more ",
        "undelivered_comment_2": "x" * 10_000,
        "undelivered_comment_3": "\n \t",
        "undelivered_comment_4": "क्\u200dष",
    }
    said = [one.comment for one in read_all(returned_forms.filled((), typed))]
    assert said == ["two lines and more", "x" * form.MAX_COMMENT_CHARS, "क्\u200dष"]


@pytest.mark.parametrize(
    "written",
    [
        "\ufeffकल देंगे".encode("utf-16-be"),
        "\ufeffकल देंगे".encode(),
        "\ufeff\x1bhi\x1bकल \x1bhiIN\x1bदेंगे".encode("utf-16-be"),
    ],
    ids=["UTF-16", "UTF-8", "with its language"],
)
@pytest.mark.parametrize("is_stream", [False, True], ids=["string", "stream"])
def test_a_comment_is_read_in_every_form_that_a_text_may_have(written, is_stream):
    def write(pdf):
        comment = pdf.Root.AcroForm.Fields[2]
        comment.V = pdf.make_stream(written) if is_stream else pikepdf.String(written)

    [answer] = read_all(returned_forms.changed(returned_forms.blank(), write))
    assert answer.comment == "कल देंगे"


def test_half_a_letter_pair_does_not_get_as_far_as_the_database():
    def half(pdf):
        pdf.Root.AcroForm.Fields[2].V = pikepdf.String(b"\xfe\xff\xd8\x00\x00a")

    for one in read_all(returned_forms.changed(returned_forms.blank(), half)):
        (one.comment or "").encode()


def test_fields_that_say_two_things_of_a_row_say_nothing_of_what_it_is_about():
    def confuse(pdf):
        pdf.Root.AcroForm.Fields[0].TU = pikepdf.String("Order T9999 delivered: yes")

    content = returned_forms.filled(["undelivered_delivered_1"])
    [answer] = read_all(returned_forms.changed(content, confuse))
    assert answer == Answer(ORDER, 1, None, Said.YES, None)


def test_fields_without_end_are_followed_so_far_and_no_farther():
    def loop(pdf):
        fields = pdf.Root.AcroForm.Fields
        fields[0].Kids = fields

    [answer] = read_all(returned_forms.changed(returned_forms.yes(), loop))
    assert answer.said is Said.YES


def no_fields(pdf):
    pdf.Root.AcroForm.Fields = 7


REFUSED = {
    "no PDF": (lambda _: b"hello", FormRefusal.NO_PDF),
    "nothing": (lambda _: b"", FormRefusal.NO_PDF),
    "half a PDF": (lambda yes: yes[: len(yes) // 2], FormRefusal.NO_PDF),
    "behind a password": (returned_forms.locked, FormRefusal.LOCKED),
    "an invoice": (lambda _: returned_forms.invoice(), FormRefusal.NO_REPORT),
    "without a store": (partial(returned_forms.renamed, storecode=""), FormRefusal.NO_REPORT),
    "of no store": (partial(returned_forms.renamed, storecode="'; DROP"), FormRefusal.NO_REPORT),
    "of a week": (
        partial(returned_forms.renamed, period="2025-11-10/2025-11-16"),
        FormRefusal.NO_REPORT,
    ),
    "of no run": (partial(returned_forms.renamed, runid="../../x"), FormRefusal.NO_REPORT),
    "printed": (returned_forms.without_fields, FormRefusal.NO_FORM),
    "not filled in": (lambda _: returned_forms.blank(), FormRefusal.EMPTY),
    "two fields of a name": (returned_forms.two_of_a_name, FormRefusal.TWO_OF_A_NAME),
    "fields that are none": (partial(returned_forms.changed, change=no_fields), FormRefusal.NO_PDF),
}


@pytest.mark.parametrize("spoiled", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_reason(spoiled):
    spoil, reason = REFUSED[spoiled]
    content = spoil(returned_forms.yes())

    with pytest.raises(Unreadable) as refused:
        form.read(content)
    assert refused.value.refusal is reason


def test_a_protection_against_changes_only_does_not_keep_us_from_reading():
    encryption = pikepdf.Encryption(owner="owner", user="")
    content = returned_forms.changed(returned_forms.yes(), lambda _: None, encryption=encryption)
    assert read_all(content)


@pytest.mark.parametrize(
    ("kind", "spoken", "about"),
    [
        (ORDER, "Order T1 delivered: yes", "T1"),
        (ORDER, "Order T1 delivered: no", "T1"),
        (ORDER, "Comment on order T 1", "T 1"),
        (LEAD, "Pickup request 1 of 9000000001 became an order", "9000000001"),
        (LEAD, "Comment on pickup request 12 of 9000000001", "9000000001"),
        (LEAD, "Pickup request 1 became an order", None),
        (ORDER, "", None),
    ],
)
def test_a_spoken_name_says_what_a_row_is_about(kind, spoken, about):
    assert report_form.about(kind, spoken) == about


@pytest.mark.parametrize(
    "name", ["undelivered_delivered_0", "undelivered_delivered_01", "name", "undelivered_x_1", ""]
)
def test_another_field_is_none_of_a_report(name):
    assert report_form.parsed(name) is None


def test_a_reports_own_fields_are_known_by_their_names():
    for kind in ListKind:
        for name in report_form.names(kind, 12):
            found = report_form.parsed(name)
            assert found is not None
            assert found[:2] == (kind, 12)


def test_a_date_in_the_metadata_is_a_date():
    assert form.read(
        returned_forms.renamed(returned_forms.yes(), period="2025-11-13")
    ).report_on == date(2025, 11, 13)
