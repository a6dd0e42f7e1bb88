from datetime import date, timedelta
from itertools import pairwise

import pytest

from demo.portal.dashboard import SECTIONS
from demo.portal.exports import Export, rows_of
from demo.portal.figures import figures, percent
from demo.portal.world import World

WORLD = World(anomaly_rate=0)
STORE = WORLD.by_code["T105"]
DAYS = [date(2025, 11, 30) + timedelta(days=n) for n in range(34)]


def test_there_are_the_33_metrics_that_the_page_has_columns_for() -> None:
    columns = [metric for section in SECTIONS.values() for metric in section]

    assert list(figures(WORLD, STORE, DAYS[5])) == columns
    assert len(columns) == 33


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_the_page_counts_the_rows_of_the_exports_of_the_same_day(on: date) -> None:
    values = figures(WORLD, STORE, on)
    rows = {export: rows_of(WORLD, export, STORE, on + timedelta(days=1)) for export in Export}
    placed = sum(row["is_order_placed"] == "1" for row in rows[Export.MISSED_LEADS])
    undelivered = [row for row in rows[Export.UNDELIVERED_ALL] if not row["actual_deliver_on"]]

    assert values["pickup_total_count"] == len(rows[Export.MISSED_LEADS])
    assert values["pickup_total_conv_count"] == placed
    assert values["delivery_total_orders"] == len(rows[Export.UNDELIVERED_ALL])
    assert values["delivery_total_undelivered"] == len(undelivered) == len(rows[Export.UNDELIVERED])
    assert values["delivery_undel_over_10_days"] == len(rows[Export.UNDELIVERED_OVER_10])
    assert values["repeat_customer_base_6m"] == len(rows[Export.REPEAT_CUSTOMERS])
    if (on + timedelta(days=1)).day > 2:
        assert values["package_non_pkg_over_800"] == len(rows[Export.NON_PACKAGE_ALL])


COUNTERS = [
    "mtd_revenue",
    "pickup_total_count",
    "pickup_new_conv_count",
    "delivery_total_orders",
    "repeat_orders",
    "package_new",
]


@pytest.mark.parametrize("metric", COUNTERS)
def test_a_counter_only_grows_within_a_month_and_starts_again_with_the_next(metric: str) -> None:
    values = [float(figures(WORLD, STORE, on)[metric] or 0) for on in DAYS]
    december = values[1:32]

    assert december == sorted(december)
    assert values[1] < values[0]
    assert values[32] < values[31]


def test_revenue_adds_up_from_day_to_day_and_from_month_to_month() -> None:
    of = {on: figures(WORLD, STORE, on) for on in DAYS}
    for before, on in pairwise(DAYS[1:32]):
        assert of[on]["mtd_revenue"] == pytest.approx(
            float(of[before]["mtd_revenue"] or 0) + float(of[on]["ftd_revenue"] or 0)
        )
    december, new_year = of[date(2025, 12, 31)], of[date(2026, 1, 1)]

    assert new_year["prev_month_revenue"] == december["mtd_revenue"]
    assert new_year["lmt_d_revenue"] == of[date(2025, 12, 1)]["mtd_revenue"]


def test_percentages_follow_from_the_counts() -> None:
    values = figures(WORLD, STORE, date(2025, 12, 9))

    assert values["pickup_new_conv_pct"] == percent(
        float(values["pickup_new_conv_count"] or 0), float(values["pickup_new_count"] or 0)
    )
    assert values["delivery_tat_pct"] == percent(
        float(values["delivery_within_tat_count"] or 0), float(values["delivery_total_orders"] or 0)
    )


def test_a_percentage_of_nothing_is_unknown() -> None:
    assert percent(3, 0) is None
    assert figures(WORLD, STORE, date(2023, 5, 5))["delivery_tat_pct"] is None
