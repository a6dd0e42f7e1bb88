from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.dates import Period
from lib.domain.values import sale_change
from lib.model import Pipeline
from lib.reports.facts.model import StandingFacts
from lib.reports.metrics import standing
from lib.reports.metrics.standing import PeriodSale, Share
from tests.factories.periods import STARTED_AT, WEEK, day
from tests.factories.periods import standing as stands

FRIDAY = date(2025, 11, 14)


def facts(*days, **changes):
    made = StandingFacts("X", tuple(days), STARTED_AT, ())
    return replace(made, **changes)


def sold(on, rupees, **metrics):
    return day(on, ftd_revenue=Decimal(rupees), **metrics)


def of_friday(*days, **changes):
    return standing.of_day(facts(*days, **changes), FRIDAY, "Unnamed store")


def test_a_day_is_compared_with_the_mean_of_its_weekday_in_the_four_weeks_before():
    fridays = [sold(FRIDAY - timedelta(weeks=n), 100 * n) for n in (5, 4, 3, 2, 1)]
    sale = of_friday(*fridays, sold(FRIDAY - timedelta(days=1), 9999), sold(FRIDAY, 500)).sale

    assert (sale.value, sale.before, sale.change) == (500, 250, 100)


def test_a_first_day_is_compared_with_nothing():
    assert of_friday(sold(FRIDAY, 500)).sale == PeriodSale(500, 1, 1)
    assert of_friday(sold(FRIDAY, 500)).sale.change is None


@pytest.mark.parametrize("skip", [date(2025, 11, 5), date(2025, 11, 13)], ids=["before", "within"])
def test_a_week_with_a_gap_is_compared_with_nothing(skip):
    assert stands(Pipeline.WEEKLY, WEEK).sale.change is not None
    assert stands(Pipeline.WEEKLY, WEEK, skip={skip}).sale.change is None


@pytest.mark.parametrize(
    ("now", "before", "wanted"), [(90, 100, -10), (0, 100, -100), (-1, 100, None), (5, 0, None)]
)
def test_refunds_make_no_percentage(now, before, wanted):
    assert sale_change(now, before) == wanted


def test_rates_are_of_the_seven_days_that_end_with_the_day():
    days = [
        day(date(2025, 11, n), pickup_total_count=10 * n, pickup_total_conv_count=5 * n + 20 * late)
        for n, late in ((7, 0), (8, 0), (14, 1))
    ]
    assert of_friday(*days).converted == Share(5 * 7 + 20, 70)


def test_a_rate_of_counts_of_different_days_is_unknown():
    days = [
        day(date(2025, 11, 7), pickup_total_count=1),
        day(FRIDAY, pickup_total_count=9, pickup_total_conv_count=8),
    ]
    assert of_friday(*days).converted == Share(None, None)


def test_a_month_that_began_after_the_last_stored_day_is_unknown():
    week = Period(date(2025, 10, 27), date(2025, 11, 2))
    last = sold(date(2025, 10, 31), 5, mtd_revenue=Decimal(50), target_revenue=Decimal(100))
    stood = standing.of_period(facts(last), week, Period(date(2025, 10, 20), week.first), "")

    assert (stood.month.to_date, stood.month.share_pct) == (None, None)


def test_orders_of_which_no_list_was_read_are_unknown_and_an_empty_list_is_none():
    unread = of_friday(sold(FRIDAY, 1), has_orders_list=False)

    assert (unread.orders, unread.amount) == (None, None)
    assert (of_friday(sold(FRIDAY, 1)).orders, of_friday(sold(FRIDAY, 1)).amount) == (0, 0)


def test_counts_of_all_come_from_the_stores_that_show_both():
    first, second = stands(Pipeline.WEEKLY, WEEK), stands(Pipeline.WEEKLY, WEEK, seed=2)
    pooled = standing.share_of_all(
        [
            replace(first, converted=Share(9, 10)),
            replace(second, converted=Share(0, 90)),
            replace(second, converted=Share()),
        ],
        lambda store: store.converted,
    )

    assert pooled.percent == 9, "not 45, the mean of the rates"


def test_a_store_without_a_name_is_not_called_by_its_code():
    assert of_friday(sold(FRIDAY, 1), store_name=None).name == "Unnamed store"
