"""What PDF/UA-1 asks of the reports and a program can see: a stand-in for a validator, which would need Java."""

import itertools
import re
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from lib.model import Pipeline
from lib.reports.build.html import combined_html, daily_html, period_html
from lib.reports.combined.context import combined_context
from lib.reports.daily.context import daily_context
from lib.reports.period.context import store_context
from lib.reports.render import weasyprint_engine
from tests.factories.periods import MONTH, WEEK, run_of, standing, store
from tests.factories.reports import RUN, facts

pytestmark = pytest.mark.integration
"""Pages are drawn by Pango, a library of the system."""

UTC = ZoneInfo("UTC")
PRINT = 4
"""Annotation flag of what is on paper too."""


def of_month():
    everyone = [standing(Pipeline.MONTHLY, MONTH, name) for name in ("RIVERSIDE COLONY", "X")]
    return combined_context(everyone, run_of(Pipeline.MONTHLY, MONTH), MONTH, UTC)


PAGES = {
    "daily": lambda: daily_html(daily_context(facts(orders=30, leads=3), RUN, UTC)),
    "weekly": lambda: period_html(
        store_context(store(Pipeline.WEEKLY, WEEK), run_of(Pipeline.WEEKLY, WEEK), UTC)
    ),
    "monthly-all": lambda: combined_html(of_month()),
}
every_report = pytest.mark.parametrize("name", PAGES)


@cache
def report(name):
    return PdfReader(BytesIO(weasyprint_engine.render(PAGES[name]())))


def elements(name):
    """Return the structure elements in reading order."""

    def below(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                yield from below(child)
        elif isinstance(node, dict) and "/S" in node:
            yield node
            yield from below(node["/K"]) if "/K" in node else ()

    return list(below(report(name).root_object["/StructTreeRoot"]["/K"]))


def widgets(name):
    return [
        widget.get_object()
        for page in report(name).pages
        for widget in page.get("/Annots", ())
        if widget.get_object()["/Subtype"] == "/Widget"
    ]


@every_report
def test_it_says_that_it_is_tagged_in_english_and_named_by_its_title(name):
    root = report(name).root_object
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own kind of boolean
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert root["/Lang"] == "en-IN"
    assert report(name).metadata.title


@every_report
def test_its_metadata_claims_pdf_ua_1_and_repeats_the_title(name):
    metadata = report(name).root_object["/Metadata"].get_object().get_data().decode()
    assert 'pdfuaid:part="1"' in metadata
    assert re.search(r"<dc:title>.*?>([^<]+)</rdf:li>", metadata)[1] == report(name).metadata.title


@every_report
def test_fields_are_reached_in_the_order_of_the_structure(name):
    assert {page["/Tabs"] for page in report(name).pages} == {"/S"}


@every_report
def test_no_font_is_left_to_the_reader(name):
    fonts = [
        font.get_object()
        for page in report(name).pages
        for font in page["/Resources"]["/Font"].values()
    ]
    below = [
        descendant.get_object()
        for font in fonts
        for descendant in font.get("/DescendantFonts", [font])
    ]
    assert fonts
    assert all(
        {"/FontFile", "/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"]) for font in below
    )
    assert all("/ToUnicode" in font for font in fonts)


@every_report
def test_one_title_and_no_level_of_headings_is_skipped(name):
    levels = [int(one["/S"][2:]) for one in elements(name) if re.fullmatch(r"/H\d", one["/S"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@every_report
def test_every_drawing_has_words_and_a_place(name):
    figures = [one for one in elements(name) if one["/S"] == "/Figure"]
    assert figures
    assert all(
        len(one["/Alt"]) > len("Line chart.") and len(one["/A"]["/BBox"]) == len("xyxy")
        for one in figures
    )


@every_report
def test_every_cell_names_heads_that_are_in_its_table_and_every_head_is_named(name):
    tables = [one for one in elements(name) if one["/S"] == "/Table"]
    assert tables
    for table in tables:
        heads, cells = cells_of(table, "/TH"), cells_of(table, "/TD")
        named = {str(head) for cell in cells for head in cell["/A"]["/Headers"]}
        assert named == {str(head["/ID"]) for head in heads}
        assert all(cell["/A"]["/Headers"] for cell in cells)


def cells_of(table, kind):
    rows = [
        row for group in kids(table) for row in (kids(group) if group["/S"] != "/TR" else [group])
    ]
    return [cell for row in rows for cell in kids(row) if cell["/S"] == kind]


def kids(node):
    return [kid.get_object() for kid in node["/K"]]


def test_every_field_is_named_aloud_printed_and_in_the_structure():
    placed = [
        kid["/Obj"].get_object()
        for one in elements("daily")
        if one["/S"] == "/Form"
        for kid in kids(one)
    ]
    assert len(placed) == 3 * 30 + 2 * 3
    assert placed == widgets("daily")
    assert all(
        field["/TU"] and field["/F"] & PRINT and "/StructParent" in field for field in placed
    )
    assert len({field["/TU"] for field in placed}) == len(placed)


@pytest.mark.parametrize("name", ["weekly", "monthly-all"])
def test_a_report_to_read_has_no_fields(name):
    assert widgets(name) == []


@pytest.mark.parametrize("name", ["daily", "weekly"])
def test_a_phone_is_a_link_that_says_where_it_leads_and_is_in_the_structure(name):
    links = [one.get_object() for page in report(name).pages for one in page.get("/Annots", ())]
    links = [link for link in links if link["/Subtype"] == "/Link"]
    assert links
    assert all(re.fullmatch(r"tel:\d{10}", link["/A"]["/URI"]) for link in links)
    assert all(link["/Contents"] and "/StructParent" in link for link in links)
    assert len([one for one in elements(name) if one["/S"] == "/Link"]) == len(links)
