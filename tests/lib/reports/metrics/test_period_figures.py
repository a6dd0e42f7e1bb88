from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lib.dates import Period
from lib.model import Bucket, Pipeline
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import kpis, period_figures
from lib.reports.metrics.counters import Counter, Total
from lib.reports.metrics.kpis import Band, Health, HealthLabel
from lib.reports.metrics.period_kpis import DayValue
from tests.factories.periods import MONTH, STARTED_AT, WEEK, day, store

DAYS = list(WEEK.days())
SUNDAY_BEFORE = date(2025, 11, 9)


def facts(days, leads=()):
    return PeriodFacts("A668", "X", WEEK, tuple(days), STARTED_AT, dict(leads), (), ())


def of(*days, leads=()):
    return period_figures.of_store(facts(days, leads), WEEK)


def kpi_of(figures, kpi):
    return next(row for row in figures.kpis if row.kpi is kpi)


def test_revenue_is_the_sum_of_the_days_own_and_peak_and_mean_are_among_them():
    figures = of(
        *(day(on, ftd_revenue=Decimal(1000 * number)) for number, on in enumerate(DAYS, 1))
    )

    assert figures.revenue == Total(Decimal(28000), (), ())
    assert figures.revenue_a_day == 4000
    assert figures.peak == DayValue(DAYS[6], Decimal(7000))


def test_a_missing_day_is_a_gap_in_revenue_and_not_a_zero():
    figures = of(day(DAYS[0], ftd_revenue=Decimal(100)), day(DAYS[2], ftd_revenue=Decimal(300)))

    assert figures.revenue == Total(Decimal(400), tuple(DAYS[n] for n in (1, 3, 4, 5, 6)), ())
    assert figures.revenue_a_day == 200
    assert figures.missing == tuple(DAYS[n] for n in (1, 3, 4, 5, 6))
    assert [each.revenue for each in figures.days[:3]] == [100, None, 300]


def test_leads_are_counted_by_their_day_and_only_those_of_the_period():
    figures = of(leads=((SUNDAY_BEFORE, 9), (DAYS[0], 2), (DAYS[6], 3)))
    assert (figures.leads, [each.leads for each in figures.days]) == (5, [2, 0, 0, 0, 0, 0, 3])


def test_where_the_portal_shows_no_counts_the_last_value_is_judged_unrounded():
    values = [Decimal("81.99"), Decimal("82.00")]
    row = kpi_of(
        of(
            *(day(on, pickup_total_conv_pct=value) for on, value in zip(DAYS, values, strict=False))
        ),
        kpis.PICKUP_TOTAL,
    )

    assert (row.average, row.value, row.is_own_rate) == (Decimal("81.995"), 82, False)
    assert row.band is Band.EXCELLENT
    assert (row.best, row.worst) == (
        DayValue(DAYS[1], Decimal("82.00")),
        DayValue(DAYS[0], Decimal("81.99")),
    )


def test_for_a_backlog_the_lowest_day_is_the_best_and_the_first_of_equals_counts():
    row = kpi_of(
        of(
            *(
                day(on, delivery_total_undelivered=n)
                for on, n in zip(DAYS, (4, 0, 0, 9), strict=False)
            )
        ),
        kpis.UNDELIVERED,
    )

    assert (row.average, row.value, row.band) == (Decimal("3.25"), 9, Band.NEEDS_ATTENTION)
    assert (row.first, row.last) == (DayValue(DAYS[0], 4), DayValue(DAYS[3], 9))
    assert (row.best, row.worst) == (DayValue(DAYS[1], 0), DayValue(DAYS[3], 9))


COUNTED_TO_SUNDAY = {"pickup_total_count": 40, "pickup_total_conv_count": 40}


def counted(*converted, pickups=10):
    """Return the week's days with that many of the day's pickups converted, after a month of better ones."""
    days = [day(SUNDAY_BEFORE, **COUNTED_TO_SUNDAY)]
    total = dict(COUNTED_TO_SUNDAY)
    for on, good in zip(DAYS, converted, strict=False):
        total["pickup_total_count"] += pickups
        total["pickup_total_conv_count"] += good
        share = Decimal(100 * total["pickup_total_conv_count"]) / total["pickup_total_count"]
        days.append(day(on, **total, pickup_total_conv_pct=round(share, 2)))
    return days


def test_a_rate_is_judged_by_the_counts_of_these_days_and_not_by_the_running_one():
    row = kpi_of(of(*counted(5, 6, 5, 6, 5, 6, 5)), kpis.PICKUP_TOTAL)

    assert row.average > 70
    assert (round(row.value, 2), row.is_own_rate) == (Decimal("54.29"), True)
    assert row.band is Band.CRITICAL


def test_best_and_worst_day_are_by_the_days_own_counts():
    row = kpi_of(of(*counted(5, 9, 5, 6, 2, 6, 5)), kpis.PICKUP_TOTAL)
    assert (row.best, row.worst) == (DayValue(DAYS[1], 90), DayValue(DAYS[4], 20))


def test_a_day_of_few_is_neither_best_nor_worst():
    row = kpi_of(of(*counted(4, 0, 4, pickups=4)), kpis.PICKUP_TOTAL)
    assert (row.best, row.worst) == (None, None)


def test_leads_after_the_last_export_are_not_known():
    figures = period_figures.of_store(
        replace(facts((), ((DAYS[0], 2),)), older_lists={Bucket.MISSED_LEADS: DAYS[1]}), WEEK
    )

    assert [each.leads for each in figures.days] == [2, 0, None, None, None, None, None]
    assert figures.leads is None


def test_without_values_there_is_no_average_and_no_health():
    figures = of(day(DAYS[0]))

    assert {(row.average, row.best, row.band) for row in figures.kpis} == {
        (None, None, Band.NO_DATA)
    }
    assert figures.health == Health(0, HealthLabel.NO_DATA)


@pytest.mark.parametrize(
    ("pickups", "converted", "rate"),
    [
        pytest.param(
            (100, 110), (80, 84), Decimal(40), id="4 of 10, whatever the month-to-date rate"
        ),
        pytest.param((100, 100), (80, 80), None, id="no pickups"),
        pytest.param((100, 110), (80, None), None, id="one count unknown"),
    ],
)
def test_a_periods_own_rate_comes_from_its_own_counts(pickups, converted, rate):
    days = [
        day(on, pickup_total_count=p, pickup_total_conv_count=c)
        for on, p, c in zip((SUNDAY_BEFORE, DAYS[0]), pickups, converted, strict=True)
    ]
    assert of(*days).conversion == rate


@pytest.mark.parametrize(
    ("month", "wanted"),
    [
        (MONTH, [(1, 7), (8, 14), (15, 21), (22, 28), (29, 31)]),
        (Period(date(2026, 2, 1), date(2026, 2, 28)), [(1, 7), (8, 14), (15, 21), (22, 28)]),
        (
            Period(date(2028, 2, 1), date(2028, 2, 29)),
            [(1, 7), (8, 14), (15, 21), (22, 28), (29, 29)],
        ),
    ],
    ids=["31 days", "28 days", "a leap year"],
)
def test_a_month_has_blocks_of_seven_days_and_a_short_last_one(month, wanted):
    assert [(block.first.day, block.last.day) for block in period_figures.blocks(month)] == wanted


def test_the_blocks_of_a_month_add_up_to_it():
    facts_ = store(Pipeline.MONTHLY, MONTH)
    whole = period_figures.of_store(facts_, MONTH)
    parts = [period_figures.of_store(facts_, block) for block in period_figures.blocks(MONTH)]

    assert (
        sum(part.revenue.value for part in parts)
        == whole.revenue.value
        == whole.totals[Counter.REVENUE].value
    )
    for counter in Counter:
        assert sum(part.totals[counter].value for part in parts) == whole.totals[counter].value
