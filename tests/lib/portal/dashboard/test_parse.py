from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.portal.dashboard import Layout, Style, dashboard_page
from demo.portal.figures import figures
from demo.portal.pages import logged_out_page
from demo.portal.world import World
from lib.model import METRICS, Dashboard, Finding, MetricKind, Status
from lib.portal.dashboard.parse import parse
from lib.portal.site.errors import (
    AnotherDay,
    AnotherStore,
    LoggedOutPage,
    PageRefused,
    UndatedPage,
    UntitledPage,
)

EXAMPLE = (Path(__file__).parents[1] / "data" / "dashboard.html").read_text()
T = date(2025, 12, 9)
WORLD = World(stores=8, scale=0.2)
STORE = WORLD.by_code["A668"]
FIGURES = figures(WORLD, STORE, T)

EXAMPLE_VALUES = [
    *map(Decimal, ["610300", "700000", "180450.50", "201775", "18240", "28.83", "11.82", "99.28"]),
    *(34, 21, Decimal("61.76"), 22, 20, Decimal("90.91"), 56, 41, Decimal("73.21")),
    *(71, 63, Decimal("88.73"), 66, 1, 5),
    *(180, 47, Decimal("26.11")),
    *(10, 3, 0, Decimal(30), 25, 14, 2),
]


def read(html, *, store_code="A900", known_name=None, expected_on=T):
    body = html if isinstance(html, bytes) else html.encode()
    return parse(body, store_code=store_code, expected_on=expected_on, known_name=known_name)


def page(**style):
    return dashboard_page(STORE, FIGURES, Style(**({"date_text": "09 Dec 2025"} | style)))


def texts(dashboard, severity=Status.WARNING):
    return [finding.text for finding in dashboard.findings if finding.severity is severity]


def test_the_example_page_yields_all_its_facts_and_nothing_to_remark():
    names = [metric.name for metric in METRICS]

    assert read(EXAMPLE) == Dashboard(
        "A900",
        "RIVERSIDE COLONY",
        T,
        date(2024, 5, 10),
        dict(zip(names, EXAMPLE_VALUES, strict=True)),
        (),
        {
            "Revenue": (
                "Prev Month",
                "Target",
                "LMTD",
                "MTD",
                "FTD",
                "Tgt Vs Ach (%)",
                "Growth (%)",
                "Extrapolated (%)",
            ),
            "Pickup": tuple(
                f"{who}{what}"
                for who in ("New", "Existing", "Total")
                for what in ("", " Conv.", " Conv. (%)")
            ),
            "Delivery": (
                "Total Orders",
                "Within TAT",
                "TAT (%)",
                "Total Delivered",
                "Undel. > 10 Days",
                "Total Undel.",
            ),
            "Repeat Customers": ("Customer (6 Months Ago)", "Repeat Orders", "Total Base (%)"),
            "Package": (
                *("Target", "New", "FTD", "Achievement (%)", "Overall"),
                *("Non Package Orders (> 800)", "Undelivered Non Package (> 800)"),
            ),
        },
    )


@pytest.mark.parametrize("layout", Layout)
def test_every_layout_yields_the_same_values(layout):
    dashboard = read(page(layout=layout), store_code="A668")

    assert dashboard == read(page(), store_code="A668")
    assert {name: float(value) for name, value in dashboard.metrics.items()} == pytest.approx(
        FIGURES
    )


@pytest.mark.parametrize(
    ("html", "error"),
    [
        (logged_out_page(), LoggedOutPage),
        (EXAMPLE.replace("</body>", "<p>Please LOGIN</p></body>"), LoggedOutPage),
        ("", UntitledPage),
        (EXAMPLE.replace("dashboard-title", "title"), UntitledPage),
        (EXAMPLE.replace("<br>RIVERSIDE COLONY", ""), UntitledPage),
        (EXAMPLE.replace("09 Dec 2025", ""), UndatedPage),
        (EXAMPLE.replace("09 Dec 2025", "08 Dec 2025"), AnotherDay),
        (EXAMPLE.replace("<br>RIVERSIDE", "<br>B002<br>RIVERSIDE"), AnotherStore),
        (EXAMPLE.replace("store_code=A900", "store_code=A901"), AnotherStore),
    ],
    ids="logged-out sentence-late empty no-title no-name no-date another-day another-code another-links".split(),
)
def test_a_page_that_is_not_the_one_asked_for_is_refused_by_name(html, error):
    with pytest.raises(error):
        read(html)


def test_a_page_under_another_name_than_the_known_one_is_refused_with_the_next_step():
    with pytest.raises(AnotherStore) as refused:
        read(EXAMPLE, known_name="Lakeview Bazaar")

    assert str(refused.value) == (
        "its name is not 'Lakeview Bazaar', as which the store is known;"
        " if it was renamed, correct store_master.store_name"
    )


def test_the_known_name_is_compared_without_case_and_spacing():
    assert read(EXAMPLE, known_name="Riverside  Colony").store_name == "RIVERSIDE COLONY"


def test_a_renamed_header_is_named_and_its_metric_is_null():
    dashboard = read(EXAMPLE.replace("Customer (6 Months Ago)", "Customer Base (Y1)"))

    assert dashboard.metrics["repeat_customer_base_6m"] is None
    assert dashboard.metrics["repeat_orders"] == 47
    assert texts(dashboard) == [
        "unexpected column 'Customer Base (Y1)' in Repeat Customers",
        "Repeat Customers has no column for repeat_customer_base_6m",
    ]


def test_a_missing_section_takes_no_other_sections_table():
    dashboard = read(page(missing_sections=frozenset({"Delivery"})), store_code="A668")

    assert {name: value for name, value in dashboard.metrics.items() if value is None} == {
        name: None for name in FIGURES if name.startswith("delivery_")
    }
    assert texts(dashboard) == ["the section Delivery is missing with its 6 metrics"]


def test_a_heading_without_a_table_never_reads_a_later_one():
    heading = '<h3 class="section-title">Delivery</h3>'
    start, end = (
        EXAMPLE.index(heading) + len(heading),
        EXAMPLE.index('<h3 class="section-title">Repeat'),
    )
    dashboard = read(EXAMPLE[:start] + EXAMPLE[end:])

    assert dashboard.metrics["delivery_total_orders"] is None
    assert dashboard.metrics["repeat_orders"] == 47


def test_a_table_outside_the_headings_card_is_not_its_own():
    html = EXAMPLE.replace(
        '<h3 class="section-title">Package</h3>',
        '<div class="card"><h3 class="section-title">Package</h3></div>',
    )

    assert texts(read(html)) == ["the section Package is missing with its 7 metrics"]


def test_a_cell_without_a_number_is_null_and_only_information():
    dashboard = read(EXAMPLE.replace("<td>1 <a", "<td><a"))

    assert dashboard.metrics["delivery_undel_over_10_days"] is None
    assert dashboard.findings == (
        Finding(Status.OK, "delivery_undel_over_10_days shows no value", "A900"),
    )


@pytest.mark.parametrize(
    ("cell", "text", "metric", "problem"),
    [
        ("28.83%", "10,000.00 %", "tgt_vs_ach_pct", "10,000 % or more does not fit numeric(6,2)"),
        (
            "<td>34<",
            "<td>2147483648<",
            "pickup_new_count",
            "more than 2,147,483,647 does not fit 32 bits",
        ),
        (
            "6,10,300",
            "9" * 14,
            "prev_month_revenue",
            "1,000,000,000,000 or more does not fit numeric(14,2)",
        ),
        ("<td>71<", "<td>many<", "delivery_total_orders", "its text is not one number"),
    ],
)
def test_one_wild_cell_becomes_null_and_the_other_32_stay(cell, text, metric, problem):
    dashboard = read(EXAMPLE.replace(cell, text))

    assert dashboard.metrics == dict(read(EXAMPLE).metrics) | {metric: None}
    assert texts(dashboard) == [f"{metric} was not read: {problem}"]


def test_two_columns_of_one_metric_are_both_distrusted():
    dashboard = read(EXAMPLE.replace("<th>LMTD</th>", "<th>MTD</th>"))

    assert (dashboard.metrics["mtd_revenue"], dashboard.metrics["lmt_d_revenue"]) == (None, None)
    assert texts(dashboard) == [
        "mtd_revenue stands on the page twice; neither was read",
        "Revenue has no column for lmt_d_revenue",
    ]


def test_a_row_that_does_not_match_its_headers_is_not_read():
    dashboard = read(EXAMPLE.replace("<td>180</td>", ""))

    assert [dashboard.metrics[name] for name in FIGURES if name.startswith("repeat_")] == [None] * 3
    assert "Repeat Customers has 3 columns but 2 values" in texts(dashboard)


@pytest.mark.parametrize(
    ("text", "launched_on", "warnings"),
    [
        ("10/05/2024", date(2024, 5, 10), []),
        ("-", None, []),
        ("--", None, []),
        ("soon", None, ["the launch date is not a date like 31-12-2024"]),
    ],
)
def test_a_launch_date_is_a_date_or_unknown(text, launched_on, warnings):
    dashboard = read(EXAMPLE.replace("10-05-2024", text))

    assert (dashboard.launched_on, texts(dashboard)) == (launched_on, warnings)


def test_the_accounts_tax_number_stays_out_of_the_result():
    assert "29AAAAA0000A1Z5" not in repr(read(EXAMPLE))


PIECES = st.sampled_from(
    [
        *('<h3 class="section-title">Revenue</h3>', '<h3 class="section-title">Pickup</h3>'),
        *(
            '<table class="table-bordered">',
            "</table>",
            "<thead>",
            "<tr>",
            "</tr>",
            "<th>FTD</th>",
            "<th>New (%)</th>",
        ),
        *(
            "<td>",
            "</td>",
            "<td>12</td>",
            "<td>₹ 1,2",
            '<div class="card">',
            "</div>",
            "<section>",
            "</section>",
        ),
        *(
            '<h1 class="dashboard-title">',
            "</h1>",
            "<br>",
            "&nbsp;",
            "\x00",
            "09 Dec 2025",
            "NAME",
            "<a href='?download'>",
        ),
        *(
            "<a href='http://[download?store_code=A'>",
            "<p>-</p>",
            '<h3 class="section-title">Launch Date</h3>',
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES | st.text(max_size=20), max_size=40), st.booleans())
def test_no_page_makes_it_raise_anything_else_or_invent_a_number(pieces, has_title):
    title = '<h1 class="dashboard-title">Dashboard<br>NAME<br>09 Dec 2025</h1>' if has_title else ""
    html = title + "".join(pieces)
    try:
        dashboard = read(html)
    except PageRefused:
        return

    assert list(dashboard.metrics) == [metric.name for metric in METRICS]
    for metric in METRICS:
        value = dashboard.metrics[metric.name]
        assert value is None or isinstance(
            value, int if metric.kind is MetricKind.COUNT else Decimal
        )
        assert value is None or str(abs(int(value)))[:1] in html


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise_anything_else(body):
    with pytest.raises(PageRefused):
        read(body)


def test_absurd_nesting_is_survived():
    assert read("<div>" * 5_000 + EXAMPLE).store_name == "RIVERSIDE COLONY"
