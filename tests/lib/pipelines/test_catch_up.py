"""Which weeks and months are owed: tables over long histories, and what holds for every history."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.dates import DAY, Period
from lib.domain.pipelines import MONTHLY, WEEKLY
from lib.pipelines.catch_up import CatchUpPlan, History, Limits, Why, describe, plan

NO_LIMITS = Limits(max_periods=1000, max_age_days=10_000)
WINTER = Period(date(2023, 11, 15), date(2024, 3, 10))
"""117 days over a year's end and a leap day, from a Wednesday to a Sunday."""
GAPS = [Period(date(2023, 12, 4), date(2023, 12, 10)), Period(date(2024, 2, 1), date(2024, 2, 29))]
"""A whole week, and a whole month with the weeks inside it."""
TODAY = date(2024, 3, 13)


def history(days=WINTER, gaps=(), closed=(), said=()):
    stored = {day for day in days.days() if not any(day in gap for gap in gaps)}
    return History(stored, frozenset(closed), frozenset(said))


def made(calendar, facts, today=TODAY, limits=NO_LIMITS):
    return summary(calendar, plan(calendar, facts, today, limits))


def summary(calendar, found):
    """The plan by labels: what is to do, then what is left out."""
    return [calendar.label(period) for period in found.periods], [
        (calendar.label(period), str(why)) for period, why in found.left_out
    ]


def weeks(year, first, last):
    return [f"{year}-W{number:02d}" for number in range(first, last + 1)]


def test_a_hundred_days_of_weeks_over_a_year_s_end_and_a_leap_day():
    assert made(WEEKLY, history()) == (weeks(2023, 46, 52) + weeks(2024, 1, 10), [])


def test_a_hundred_days_of_months_over_a_year_s_end_and_a_leap_day():
    assert made(MONTHLY, history()) == (["2023-11", "2023-12", "2024-01", "2024-02"], [])


def test_gaps_and_closed_weeks_are_left_out_in_their_places():
    facts = history(gaps=GAPS, closed=[date(2023, 11, 26), date(2023, 12, 31), date(2024, 1, 7)])
    assert made(WEEKLY, facts) == (
        [
            "2023-W46",
            "2023-W48",
            "2023-W50",
            "2023-W51",
            *weeks(2024, 2, 5),
            "2024-W09",
            "2024-W10",
        ],
        [
            ("2023-W47", "closed"),
            ("2023-W49", "no data"),
            ("2023-W52", "closed"),
            ("2024-W01", "closed"),
            ("2024-W06", "no data"),
            ("2024-W07", "no data"),
            ("2024-W08", "no data"),
        ],
    )


def test_gaps_and_closed_months_are_left_out_in_their_places():
    facts = history(
        Period(date(2023, 11, 15), date(2024, 4, 2)), gaps=GAPS, closed=[date(2023, 12, 31)]
    )
    assert made(MONTHLY, facts, today=date(2024, 4, 3)) == (
        ["2023-11", "2024-01", "2024-03"],
        [("2023-12", "closed"), ("2024-02", "no data")],
    )


def test_a_leap_february_ends_on_the_29th():
    found = plan(
        MONTHLY, history(Period(date(2024, 2, 29), date(2024, 2, 29))), date(2024, 3, 1), NO_LIMITS
    )
    assert found.periods == (Period(date(2024, 2, 1), date(2024, 2, 29)),)


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        pytest.param(date(2024, 3, 10), "2024-W09", id="sunday"),
        pytest.param(date(2024, 3, 11), "2024-W10", id="monday"),
        pytest.param(date(2024, 3, 17), "2024-W10", id="the next sunday"),
    ],
)
def test_a_week_is_owed_from_the_day_after_its_sunday(today, latest):
    assert made(WEEKLY, history(), today)[0][-1] == latest


def test_nothing_is_owed_before_anything_was_stored():
    assert plan(WEEKLY, History((), (), ()), TODAY, NO_LIMITS) == CatchUpPlan((), ())


class TestNoData:
    """The latest period that has none is planned once, so that people learn of it."""

    last_week = Period(date(2024, 3, 4), date(2024, 3, 10))

    def test_the_latest_period_without_data_is_told_once(self):
        assert made(WEEKLY, history(gaps=[self.last_week]))[0][-1] == "2024-W10"

    def test_and_not_again(self):
        owed, left_out = made(WEEKLY, history(gaps=[self.last_week], said=[self.last_week.last]))
        assert (owed[-1], left_out) == ("2024-W09", [("2024-W10", "no data")])

    def test_late_data_opens_it_again(self):
        assert made(WEEKLY, history(said=[self.last_week.last]))[0][-1] == "2024-W10"


class TestLimits:
    def test_the_cap_takes_the_oldest_and_says_what_waits(self):
        facts = history(Period(date(2024, 2, 5), date(2024, 3, 10)))
        assert made(WEEKLY, facts, limits=Limits(2, 10_000)) == (
            ["2024-W06", "2024-W07"],
            [(label, "over the cap") for label in ("2024-W08", "2024-W09", "2024-W10")],
        )

    def test_closed_periods_do_not_count_for_the_cap(self):
        facts = history(Period(date(2024, 2, 19), date(2024, 3, 10)), closed=[date(2024, 2, 25)])
        assert made(WEEKLY, facts, limits=Limits(2, 10_000))[0] == ["2024-W09", "2024-W10"]

    @pytest.mark.parametrize(
        ("age_days", "oldest"), [(9, "2024-W10"), (10, "2024-W09"), (11, "2024-W09")]
    )
    def test_the_age_counts_from_the_last_day(self, age_days, oldest):
        facts = history(Period(date(2024, 2, 26), date(2024, 3, 10)))
        assert made(WEEKLY, facts, limits=Limits(10, age_days))[0][0] == oldest

    def test_the_operator_s_day_replaces_the_age(self):
        limits = Limits(100, max_age_days=1, since=date(2024, 2, 28))
        assert made(WEEKLY, history(), limits=limits) == (["2024-W09", "2024-W10"], [])


def test_the_plan_in_words():
    facts = history(gaps=GAPS, closed=[date(2023, 11, 26)])
    limits = Limits(max_periods=2, max_age_days=58)

    assert list(describe(plan(WEEKLY, facts, TODAY, limits), WEEKLY, limits)) == [
        "to do: 2024-W03 (2024-01-15 to 2024-01-21)",
        "to do: 2024-W04 (2024-01-22 to 2024-01-28)",
        "left out: 2023-W46: ended over 58 days ago (CATCH_UP_MAX_AGE_DAYS); --since makes it all the same",
        "left out: 2023-W47: closed",
        "left out: 2023-W48: ended over 58 days ago (CATCH_UP_MAX_AGE_DAYS); --since makes it all the same",
        "left out: 2023-W49: no report store has data; it stays open",
        "left out: 2023-W50 … 2024-W02 (5): ended over 58 days ago (CATCH_UP_MAX_AGE_DAYS); --since makes it all the same",
        "left out: 2024-W05: 2 periods are enough for one run (CATCH_UP_MAX_PERIODS); run again",
        "left out: 2024-W06 … 2024-W08 (3): no report store has data; it stays open",
        "left out: 2024-W09 … 2024-W10 (2): 2 periods are enough for one run (CATCH_UP_MAX_PERIODS); run again",
    ]


def test_an_empty_plan_says_so():
    assert list(describe(CatchUpPlan((), ()), WEEKLY, NO_LIMITS)) == ["to do: nothing"]


FIRST = date(2023, 12, 1)
some_days = st.sets(
    st.integers(0, 150).map(lambda number: FIRST + timedelta(days=number)), max_size=60
)
calendars = st.sampled_from([WEEKLY, MONTHLY])
caps = st.integers(1, 30)


@given(calendars, some_days, st.data(), caps)
def test_whatever_the_history_each_complete_period_is_owed_or_left_out_for_a_reason(
    calendar, days, data, cap
):
    today = FIRST + timedelta(days=data.draw(st.integers(0, 200)))
    every = calendar.complete(min(days), today) if days else []
    closed = (
        data.draw(st.sets(st.sampled_from([period.last for period in every]))) if every else set()
    )
    found = plan(calendar, History(days, closed, closed), today, Limits(cap, 10_000))

    assert sorted([*found.periods, *(period for period, _ in found.left_out)]) == every
    assert list(found.periods) == sorted(found.periods)
    assert len(found.periods) <= cap
    assert all(period.last < today and period.last not in closed for period in found.periods)
    for period in every[:-1]:
        has_data = any(day in days for day in period.days())
        assert has_data or period not in found.periods
    assert not found.left_out_as(Why.TOO_OLD)


@given(calendars, some_days)
def test_doing_the_plan_leaves_nothing_to_do(calendar, days):
    today = FIRST + 200 * DAY
    first = plan(calendar, History(days, (), ()), today, NO_LIMITS)
    dates = {period.last for period in first.periods}

    assert plan(calendar, History(days, dates, dates), today, NO_LIMITS).periods == ()
