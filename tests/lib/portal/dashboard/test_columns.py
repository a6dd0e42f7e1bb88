import pytest

from demo.portal.dashboard import SECTIONS as SHOWN
from lib.model import METRICS
from lib.portal.dashboard.columns import SECTIONS, normalise, section_of

ACCEPTED = {
    "Revenue": {
        "Previous Month": "prev_month_revenue",
        "Target Revenue": "target_revenue",
        "Last Month To Date": "lmt_d_revenue",
        "LMTDD": "lmt_d_revenue",
        "Month To Date": "mtd_revenue",
        "First To Date": "ftd_revenue",
        "Target Vs Ach": "tgt_vs_ach_pct",
        "Tgt&nbsp;Vs&nbsp;Ach": "tgt_vs_ach_pct",
        "Growth Pct": "growth_pct",
        "Profit": None,
    },
    "Pickup": {
        "New Conversion Percentage": "pickup_new_conv_pct",
        "% Existing": "pickup_existing_conv_pct",
        "Conv. Total": "pickup_total_conv_count",
        "Total New": None,
        "Cancelled": None,
    },
    "Delivery": {
        "TAT": "delivery_within_tat_count",
        "TAT%": "delivery_tat_pct",
        "Total TAT Percentage": "delivery_tat_pct",
        "Delivered": "delivery_total_delivered",
        "UNDEL. >10 DAYS": "delivery_undel_over_10_days",
        "Undel. &gt; 10 Days": "delivery_undel_over_10_days",
        "Total Undel. > 10 Days": "delivery_undel_over_10_days",
        "Undelivered Over 10 Days": "delivery_undel_over_10_days",
        "Undelivered Total": "delivery_total_undelivered",
        "Undelivered": None,
    },
    "Repeat Customers": {
        "Customers (6 months ago)": "repeat_customer_base_6m",
        "Repeat Customer Base 6m": "repeat_customer_base_6m",
        "Repeat Order Total": "repeat_orders",
        "Repeat Percentage Of Total Base": "repeat_total_base_pct",
        "Total Base": None,
        "Customers (half a year ago)": None,
    },
    "Package": {
        "Package Target": "package_target",
        "Non Pkg (> 800)": "package_non_pkg_over_800",
        "Non-Package Undelivered": "package_non_pkg_over_800_undelivered",
        "Undel. Non Package (> 800)": "package_non_pkg_over_800_undelivered",
        "": None,
    },
}
CANONICAL = [
    (heading, text, name) for heading, columns in SHOWN.items() for name, text in columns.items()
]
OTHERS = [
    (heading, text, name) for heading, columns in ACCEPTED.items() for text, name in columns.items()
]


@pytest.mark.parametrize(("heading", "text", "metric"), CANONICAL + OTHERS)
def test_a_header_names_its_metric_in_its_section(heading, text, metric):
    assert SECTIONS[heading](text) == metric


def test_every_metric_stands_in_the_section_where_the_page_shows_it():
    assert {name: section_of(name) for _, _, name in CANONICAL} == {
        name: heading for heading, _, name in CANONICAL
    }
    assert {name for _, _, name in CANONICAL} == {metric.name for metric in METRICS}


def test_headers_are_compared_without_case_entities_spaces_and_signs():
    assert normalise("Tgt\u00a0Vs&nbsp;Ach\n(%)") == "tgtvsach"
