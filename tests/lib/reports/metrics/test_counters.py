from datetime import date

import pytest

from lib.dates import Period
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter, Increment, Total
from tests.factories.periods import day

WEEK = Period(date(2025, 11, 10), date(2025, 11, 16))
OVER_MONTHS = Period(date(2025, 10, 27), date(2025, 11, 2))


def nov(number):
    return date(2025, 11, number)


def oct_(number):
    return date(2025, 10, number)


def stored(values):
    return [day(on, pickup_total_count=value) for on, value in sorted(values.items())]


def steps(values):
    return counters.increments(stored(values), Counter.PICKUPS)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        pytest.param({}, [], id="no day at all"),
        pytest.param({nov(1): 7}, [(nov(1), nov(1), 7)], id="the 1st counts as it is"),
        pytest.param(
            {nov(1): 7, nov(2): 12},
            [(nov(1), nov(1), 7), (nov(2), nov(2), 5)],
            id="two days in a row",
        ),
        pytest.param(
            {nov(1): 7, nov(4): 12},
            [(nov(1), nov(1), 7), (nov(2), nov(4), 5)],
            id="a gap is one step",
        ),
        pytest.param(
            {nov(3): 12}, [(nov(1), nov(3), 12)], id="a month that is first seen on its 3rd"
        ),
        pytest.param(
            {oct_(31): 200, nov(1): 6},
            [(oct_(1), oct_(31), 200), (nov(1), nov(1), 6)],
            id="a month's end",
        ),
        pytest.param(
            {oct_(31): 200, nov(2): 9},
            [(oct_(1), oct_(31), 200), (nov(1), nov(2), 9)],
            id="a gap over it",
        ),
        pytest.param(
            {nov(1): 7, nov(2): None, nov(3): 12},
            [(nov(1), nov(1), 7), (nov(2), nov(3), 5)],
            id="null is a gap",
        ),
        pytest.param(
            {nov(1): 0, nov(2): 0}, [(nov(1), nov(1), 0), (nov(2), nov(2), 0)], id="zero is a value"
        ),
    ],
)
def test_a_day_adds_the_difference_to_the_stored_day_before_it_in_its_month(values, wanted):
    assert steps(values) == [Increment(Period(first, last), value) for first, last, value in wanted]


def test_a_fall_inside_a_month_is_a_correction_that_counts_as_0_and_starts_again_from_there():
    assert steps({nov(1): 10, nov(2): 15, nov(3): 12, nov(4): 20}) == [
        Increment(Period(nov(1), nov(1)), 10),
        Increment(Period(nov(2), nov(2)), 5),
        Increment(Period(nov(3), nov(3)), 0, corrected=True),
        Increment(Period(nov(4), nov(4)), 8),
    ]


@pytest.mark.parametrize(
    ("values", "period", "wanted"),
    [
        pytest.param({}, WEEK, Total(None, tuple(WEEK.days()), ()), id="nothing stored"),
        pytest.param(
            {nov(number): 10 * number for number in range(9, 17)},
            WEEK,
            Total(70, (), ()),
            id="every day: last less first",
        ),
        pytest.param(
            {nov(number): 10 * number for number in (9, 10, 13, 16)},
            WEEK,
            Total(70, (), ()),
            id="gaps inside are covered",
        ),
        pytest.param(
            {nov(number): 10 * number for number in (9, 10, 11)},
            WEEK,
            Total(20, tuple(nov(number) for number in range(12, 17)), ()),
            id="an open end is missing",
        ),
        pytest.param(
            {nov(number): 10 * number for number in (8, 10, 11)},
            Period(nov(10), nov(11)),
            Total(10, (nov(10),), ()),
            id="a step from before the period cannot be split",
        ),
        pytest.param(
            {nov(number): 10 * number for number in range(10, 17)},
            WEEK,
            Total(60, (nov(10),), ()),
            id="the first days ever stored, in mid-month",
        ),
        pytest.param(
            {oct_(number): 10 * number for number in range(26, 32)} | {nov(1): 4, nov(2): 9},
            OVER_MONTHS,
            Total(59, (), ()),
            id="a week over a month's end: 50 in October, 9 in November",
        ),
        pytest.param(
            {oct_(number): 10 * number for number in range(26, 32)} | {nov(2): 9},
            OVER_MONTHS,
            Total(59, (), ()),
            id="the same without the 1st",
        ),
        pytest.param(
            {nov(9): 90, nov(10): 80, nov(11): 95},
            Period(nov(10), nov(11)),
            Total(15, (), (nov(10),)),
            id="a correction",
        ),
    ],
)
def test_a_periods_total_is_the_sum_of_its_days(values, period, wanted):
    assert counters.total(steps(values), period) == wanted


def test_a_week_is_never_the_sum_of_its_counters():
    values = {nov(number): 300 + number for number in range(9, 17)}
    assert counters.total(steps(values), WEEK).value == 7


def test_what_was_read_on_a_day_is_found_by_its_last_day():
    found = steps({nov(1): 7, nov(4): 12})

    assert counters.on_day(found, nov(4)) == Increment(Period(nov(2), nov(4)), 5)
    assert counters.on_day(found, nov(3)) is None
