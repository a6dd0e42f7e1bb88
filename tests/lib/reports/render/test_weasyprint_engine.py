"""The page as readers get it: drawn by WeasyPrint and read back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from lib.config import PdfBackend, PdfSettings
from lib.model import Bucket
from lib.reports.build import html as html_module
from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.facts.model import StoredDay
from lib.reports.render import weasyprint_engine
from tests.factories.reports import METRICS_OF_T, NAMES, RUN, T, facts, history, lead, order

pytestmark = pytest.mark.integration
"""Pages are drawn by Pango, a library of the system."""

KIB = 1024
FONTS = Path(html_module.__file__).parents[1] / "fonts"


def drawn(**changes):
    return weasyprint_engine.render(
        daily_html(daily_context(facts(**changes), RUN, ZoneInfo("Asia/Kolkata")))
    )


def read(**changes):
    return PdfReader(BytesIO(drawn(**changes)), strict=True)


def words(page):
    """Return the page's text with every run of white space as one blank."""
    return " ".join(page.extract_text().split())


@pytest.fixture(scope="module")
def thirty():
    return drawn(orders=30, leads=30)


@pytest.fixture(scope="module")
def reader(thirty):
    return PdfReader(BytesIO(thirty), strict=True)


def test_page_1_tells_the_whole_day(reader):
    text = words(reader.pages[0])
    parts = [
        "RIVERSIDE COLONY", "Friday", "14 Nov 2025",
        "₹18,240", "usual Friday ₹24,550", "25.7% less",
        "₹2,51,340", "41.9% of the target of ₹6,00,000", "16 days left: ₹21,791 a day needed",
        "₹13,515", "in 30 orders", "oldest T1313, 13 days",
        "Do today", "Call the customers of the 4 dearest late orders", "T1313 ₹451, 13 days late",
        "To reach the target: sell ₹21,791 on each of 16 days; a usual Saturday here sells",
        "Pickup requests 26 18.0 212", "Deliveries 17 15.0 188",
        "Marks health 63 of 100 · At Risk · 3 of 7 Good or better",
        "81.95% min 82% Good", "61.2% min 80% Good", "96.0% min 95% Excellent",
        "72.5% min 95% Needs Attention", "3 0 Critical", "0.0% min 30.3% Critical",
        "Month against target", "Undelivered by age", "Going well", "To watch",
        ]  # fmt: skip
    positions = [text.find(part) for part in parts]
    assert -1 not in positions, parts[positions.index(-1)]
    assert positions == sorted(positions)


def test_every_page_says_what_it_is_and_where_the_numbers_come_from(reader):
    for number, page in enumerate(reader.pages, 1):
        text = words(page)
        assert "Daily Store Report · RIVERSIDE COLONY (A668) · 14 Nov 2025" in text
        assert (
            "Dashboard read 15 Nov 2025, 06:20 IST · generated 15 Nov 2025, 06:15 IST"
            " · run 20251115-061500-3f9a1c · how figures are counted: last page"
        ) in text
        assert f"Page {number} of {len(reader.pages)}" in text


def test_the_lists_follow_with_the_exact_columns_and_the_total(reader):
    text = " ".join(words(page) for page in reader.pages[1:])
    assert (
        "Order ID Phone Order Date Committed Delivery Date Age (days) Net Amount Delivered (Y/N) Comments"
        in text
    )
    assert "Total net amount ₹13,515.00" in text
    assert "Pickup requests, not yet an order" in text
    for head in "Phone|Customer Name|Pickup Created Date / Time|Pickup Time|Source|Customer Type|Lead Converted|Comments".split(
        "|"
    ):
        assert head in text


def test_the_last_page_says_how_figures_are_counted(reader):
    text = words(reader.pages[-1])
    assert "Late: from the promised date; the portal’s “> 10 days” is from the order date." in text  # noqa: RUF001
    assert text.count("3 of 7 KPIs are Good or better.") == 1


def test_a_line_says_what_to_do_with_the_form(reader):
    assert "Tick Y or N, write a comment (about 60 letters; English, Hindi or Tamil)" in words(
        reader.pages[1]
    )


def test_fields_are_real_unique_and_labelled(reader):
    fields = reader.get_fields()
    wanted = {}
    for n in range(1, 31):
        wanted |= {f"undelivered_delivered_{n}": "/Btn", f"undelivered_comment_{n}": "/Tx"}
        wanted |= {f"undelivered_not_delivered_{n}": "/Btn"}
        wanted |= {f"missed_lead_converted_{n}": "/Btn", f"missed_lead_comment_{n}": "/Tx"}
    assert {name: field["/FT"] for name, field in fields.items()} == wanted
    assert fields["undelivered_delivered_1"]["/TU"] == "Order T1313 delivered: yes"
    assert all(len(str(field["/TU"])) > len("Comment on ") for field in fields.values())
    assert not any(field.get("/V") not in ("", "/Off") for field in fields.values())


def test_a_field_can_be_filled_in(thirty):
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=BytesIO(thirty))
    writer.update_page_form_field_values(
        writer.pages[1], {"undelivered_comment_1": "Called ₹"}, auto_regenerate=False
    )
    assert writer.get_fields()["undelivered_comment_1"]["/V"] == "Called ₹"


def test_metadata_carries_store_period_run_and_the_runs_time(reader):
    info = {name.lower(): value for name, value in reader.metadata.items()}
    assert info["/title"] == "Daily Store Report – RIVERSIDE COLONY (A668) – 14 Nov 2025"  # noqa: RUF001
    assert (info["/storecode"], info["/period"], info["/runid"]) == (
        "A668",
        "2025-11-14",
        RUN.run_id,
    )
    assert reader.metadata.creation_date == reader.metadata.modification_date == RUN.started_at


def test_the_document_is_tagged_and_declares_its_language_and_standard(reader):
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en-IN"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_data()


def test_all_fonts_are_embedded_and_none_is_the_systems():
    named = read(leads=5, orders=1)
    fonts = [
        font.get_object() for page in named.pages for font in page["/Resources"]["/Font"].values()
    ]
    descriptors = [
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts
    ]
    assert {str(d["/FontName"]).partition("+")[2] for d in descriptors} == {
        "Report",
        "Report-Semi-Bold",
        "Form-Fields",
    }
    assert all("/FontFile2" in descriptor for descriptor in descriptors)


def test_the_same_facts_and_run_give_the_same_bytes(thirty):
    assert drawn(orders=30, leads=30) == thirty


def test_no_reader_of_pdfs_has_anything_to_repair(thirty):
    with pikepdf.open(BytesIO(thirty)) as document:
        assert document.check_pdf_syntax() == []


def test_thirty_and_thirty_rows_stay_small(thirty):
    assert len(thirty) <= 150 * KIB


@pytest.mark.parametrize(("rows", "pages"), [(0, 2), (1, 2), (30, 3)])
def test_page_1_is_one_page_whatever_follows(rows, pages):
    document = read(orders=rows, leads=rows)
    assert len(document.pages) == pages
    assert "To watch" in words(document.pages[0])
    assert words(document.pages[1]).startswith("Undelivered orders ")


@pytest.mark.parametrize(
    ("rows", "orders", "leads"),
    [(0, "0 orders", "0 requests"), (1, "1 order", "1 request"), (2, "2 orders", "2 requests")],
)
def test_lists_say_how_many_rows_they_have(rows, orders, leads):
    text = words(read(orders=rows, leads=rows).pages[1])
    assert f"Promised for November 2025 · {orders} · late ones first, by amount." in text
    assert f"to 14 Nov 2025 · {leads} · newest first Phone" in text


def test_empty_lists_say_so_and_have_no_fields():
    document = read()
    assert "No undelivered orders are pending." in words(document.pages[1])
    assert "No pickup requests are open." in words(document.pages[1])
    assert "Total net amount" not in words(document.pages[1])
    assert document.get_fields() is None


def test_table_heads_repeat_on_every_page_of_a_long_list():
    document = read(orders=100)
    texts = [words(page) for page in document.pages[1:]]
    listed = [text for text in texts if "T13" in text]
    assert len(listed) == 2
    assert all("Committed Delivery Date" in text for text in listed)


NAMES_OF_110 = {
    "English": "RIVERSIDE COLONY PHASE II NEAR THE OLD MUNICIPAL MARKET GATE FOUR AND RAILWAY STATION ROAD BRANCH WESTSIDE",
    "Hindi": "श्री साईं विहार कॉलोनी फेज दो पुराना नगर निगम बाजार द्वार चार रेलवे स्टेशन रोड शाखा पश्चिम दिशा नई दिल्ली महानगर",
    "Tamil": "ஸ்ரீ சாய் விகார் குடியிருப்பு இரண்டாம் கட்டம் பழைய நகராட்சி சந்தை வாயில் நான்கு ரயில் நிலையம் சாலை கிளை மேற்கு",
}


@pytest.mark.parametrize("language", NAMES_OF_110)
@pytest.mark.parametrize("face", ["Regular", "SemiBold"])
def test_every_letter_of_a_name_is_in_the_page_s_own_fonts(language, face):
    """Whatever fonts a host has: a letter that is missing would be drawn as nothing."""
    letters = set(NAMES_OF_110[language])

    with TTFont(FONTS / f"NotoSans-{face}.ttf") as font:
        assert {letter for letter in letters if ord(letter) not in font.getBestCmap()} == set()


WIDEST = Decimal("9999999999.99")


@pytest.mark.parametrize("language", NAMES_OF_110)
@pytest.mark.parametrize("rupees", [Decimal(0), Decimal(-999_999), WIDEST])
def test_whatever_the_figures_page_1_is_one_page_and_nothing_leaves_it(language, rupees):
    """Everything at once: 110 letters, up to 1,000 crore, 306 orders, all KPIs weak, a list that is missing."""
    of_t = METRICS_OF_T | dict.fromkeys(METRICS_OF_T, 0)
    of_t |= {name: rupees for name in METRICS_OF_T if name.endswith("revenue")}
    of_t |= {"target_revenue": WIDEST, "pickup_total_count": 100_012}
    of_t |= {"delivery_total_orders": 100_013, "delivery_total_undelivered": 99_999}
    of_t |= {"delivery_undel_over_10_days": 12_345, "package_target": 10_000}
    today = StoredDay(date(2025, 11, 10), of_t)
    known = facts(
        store_name=NAMES_OF_110[language],
        today=today,
        history=(*(day for day in history() if day.on < today.on), today),
        open_orders=tuple(
            order(n % 30, order_id=f"T{10_000 + n}", net_amount=abs(rupees)) for n in range(306)
        ),
        earlier_orders=tuple(order(40 + n, net_amount=abs(rupees)) for n in range(9)),
        older_lists={Bucket.MISSED_LEADS: T - timedelta(days=9)},
    )
    context = daily_context(known, RUN, ZoneInfo("Asia/Kolkata"))

    # The list begins on page 2 and takes longer to draw than what this is about: it is whole once, at its widest.
    if (language, rupees) != ("English", WIDEST):
        context = replace(context, undelivered_orders_rows=context.undelivered_orders_rows[:20])

    content = weasyprint_engine.render(daily_html(context))
    pdfium = pypdfium2.PdfDocument(content)
    first, second = (pdfium[number].get_textpage() for number in (0, 1))
    assert "To watch" in first.get_text_bounded()
    assert "began anew on" in first.get_text_bounded()
    assert second.get_text_bounded().startswith("Undelivered orders")
    boxes = [first.get_charbox(number) for number in range(first.count_chars())]
    # Blanks and line ends have no width.
    assert (
        max(right for left, _, right, _ in boxes if right > left + 0.5) * 25.4 / 72
        <= 210 - 14 + 0.2
    )


def test_a_day_without_values_prints_not_available():
    text = words(read(today=StoredDay(T, dict.fromkeys(METRICS_OF_T)), store_name=None).pages[0])
    assert "Marks no data" in text
    assert "of 100" not in text
    assert text.count("No Data") == 7
    assert "N/A%" not in text


def test_names_are_text_and_never_markup():
    html = daily_html(
        daily_context(
            facts(open_leads=(lead(3),), open_orders=(order(order_id='"><script>'),)),
            RUN,
            ZoneInfo("UTC"),
        )
    )
    assert NAMES[3] not in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:9/x.png", "file:///etc/hostname", "../../../etc/hostname", "data:,x"],
)
def test_a_page_that_names_anything_foreign_is_refused(target):
    with pytest.raises(weasyprint_engine.RenderingFailed, match="did not come with it"):
        weasyprint_engine.render(f'<html lang="en"><title>x</title><img alt="x" src="{target}">')


def test_the_operators_own_files_and_logo_may_be_used_and_nothing_else(tmp_path):
    (tmp_path / "parts").mkdir()
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'
    )
    theirs = tmp_path / "parts" / "daily_report.html"
    theirs.write_text(
        '<html lang="en"><title>x</title><p>Ours: {{ store_name }}</p><img alt="Logo" src="{{ logo }}">'
    )
    chosen = PdfSettings(PdfBackend.WEASYPRINT, None, templates_dir=theirs.parent, logo=logo)
    html = daily_html(daily_context(facts(), RUN, ZoneInfo("Asia/Kolkata")), chosen)
    drawn_ = weasyprint_engine.render(html, templates_dir=theirs.parent, logo=logo)
    assert "Ours: RIVERSIDE COLONY" in words(PdfReader(BytesIO(drawn_)).pages[0])
    with pytest.raises(weasyprint_engine.RenderingFailed):
        weasyprint_engine.render(html, templates_dir=theirs.parent)


def test_a_logo_stands_in_the_head_of_the_page(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'
    )
    html = daily_html(
        daily_context(facts(), RUN, ZoneInfo("UTC")),
        PdfSettings(PdfBackend.WEASYPRINT, None, logo=logo),
    )
    assert f'<p class="logo"><img src="{logo.as_uri()}" alt="Logo"/></p>' in html
    assert len(PdfReader(BytesIO(weasyprint_engine.render(html, logo=logo))).pages) == 2


def test_our_pages_are_xml_and_draw_the_same_as_html():
    html = daily_html(daily_context(facts(orders=2, leads=2), RUN, ZoneInfo("UTC")))
    no_xml = html.replace('<col style="width: 25mm"/>', '<col style="width: 25mm">')
    assert weasyprint_engine.render(html) == weasyprint_engine.render(no_xml)


def test_a_name_that_xml_cannot_hold_is_drawn_nevertheless():
    html = daily_html(daily_context(facts(store_name="LAKE\x0bVIEW"), RUN, ZoneInfo("UTC")))
    assert len(PdfReader(BytesIO(weasyprint_engine.render(html))).pages) == 2
