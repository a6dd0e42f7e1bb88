from datetime import date

import pytest
from selectolax.lexbor import LexborHTMLParser

from demo.portal.dashboard import Layout, Style, cell_text, dashboard_page, rupees, style_of
from demo.portal.figures import figures
from demo.portal.world import World

ON = date(2025, 12, 9)
WORLD = World()
STORE = WORLD.by_code["A668"]
PLAIN = Style(date_text="09 Dec 2025")


def page(style: Style = PLAIN) -> LexborHTMLParser:
    return LexborHTMLParser(dashboard_page(STORE, figures(WORLD, STORE, ON), style))


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in tree.css(selector)]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "₹ 0"), (999, "₹ 999"), (1_000, "₹ 1,000"), (99_999, "₹ 99,999"), (912_450.5, "₹ 9,12,450.50"), (-12_345_678, "₹ -1,23,45,678")],
)  # fmt: skip
def test_rupees_are_grouped_as_in_india(value: float, text: str) -> None:
    assert rupees(value) == text


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("mtd_revenue", 18_240, "₹ 18,240"),
        ("growth_pct", -4.2, "-4.2 %"),
        ("delivery_tat_pct", 88.73, "88.73%"),
        ("pickup_new_count", 1_012, "1,012"),
        ("repeat_orders", 0, "0"),
        ("growth_pct", None, "-"),
        ("package_achievement_pct", None, "N/A"),
    ],
)
def test_a_cell_shows_its_value_as_the_portal_does(
    metric: str, value: float | None, text: str
) -> None:
    assert cell_text(metric, value) == text


def test_the_canonical_page_has_title_launch_date_and_five_sections_with_their_headers() -> None:
    tree = page()

    assert texts(tree, "h1.dashboard-title small") == ["09 Dec 2025"]
    assert texts(tree, "h3.section-title") == [
        "Launch Date",
        "Revenue",
        "Pickup",
        "Delivery",
        "Repeat Customers",
        "Package",
    ]
    assert texts(tree, "th") == [
        *("Prev Month", "Target", "LMTD", "MTD", "FTD", "Tgt Vs Ach (%)", "Growth (%)", "Extrapolated (%)"),
        *("New", "New Conv.", "New Conv. (%)", "Existing", "Existing Conv.", "Existing Conv. (%)"),
        *("Total", "Total Conv.", "Total Conv. (%)"),
        *("Total Orders", "Within TAT", "TAT (%)", "Total Delivered", "Undel. > 10 Days", "Total Undel."),
        *("Customer (6 Months Ago)", "Repeat Orders", "Total Base (%)"),
        *("Target", "New", "FTD", "Achievement (%)", "Overall", "Non Package Orders (> 800)", "Undelivered Non Package (> 800)"),
    ]  # fmt: skip
    assert len(tree.css("table.table-bordered td")) == 33


def test_a_count_with_a_link_has_its_number_in_the_first_word() -> None:
    cell = page().css("table")[2].css("td")[4]
    expected = figures(WORLD, STORE, ON)["delivery_undel_over_10_days"]

    assert " ".join(cell.text().split()) == f"{expected} Download"
    link = cell.css_first("a")
    assert link is not None
    assert link.attributes == {
        "title": "Download",
        "href": "/mis/download_undelivered_csv?type=u10&store_code=A668",
    }


@pytest.mark.parametrize(
    ("style", "selector", "count"),
    [
        (Style(layout=Layout.NO_THEAD), "th, thead", 0),
        (Style(layout=Layout.REVENUE_ROWS), "table:first-of-type tr", 8),
        (Style(layout=Layout.CARDS), ".card > .heading > h3", 5),
        (Style(has_title=False), "h1", 0),
        (Style(date_text=None), "small", 0),
        (Style(missing_sections=frozenset({"Delivery"})), "table", 4),
    ],
    ids=["no thead", "revenue as rows", "cards", "no title", "no date", "section missing"],
)
def test_a_page_can_be_built_otherwise(style: Style, selector: str, count: int) -> None:
    assert len(page(style).css(selector)) == count


def test_a_header_and_a_cell_can_read_otherwise() -> None:
    tree = page(
        Style(renames={"Customer (6 Months Ago)": "Base <M-6>"}, cells={"repeat_orders": ""})
    )

    assert "Base <M-6>" in texts(tree, "th")
    assert texts(tree, "td")[24] == "Download"


def test_stores_of_an_odd_world_have_different_pages_and_those_of_a_plain_one_do_not() -> None:
    plain = World(anomaly_rate=0)

    assert {style_of(plain, store, ON) == PLAIN for store in plain.by_code.values()} == {True}
    layouts = {style_of(WORLD, store, ON).layout for store in WORLD.by_code.values()}
    assert layouts == set(Layout)
