from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.portal.series import EPOCH, Series

DAYS = st.dates(date(2023, 6, 1), date(2032, 12, 31))


@given(day=DAYS, rate=st.floats(0.01, 300), key=st.text(max_size=5))
def test_a_running_total_never_falls_and_a_day_is_the_difference_of_two(
    day: date, rate: float, key: str
) -> None:
    series = Series(key, rate)
    before, after = series.before(day), series.before(day + timedelta(days=1))

    assert after >= before >= 0
    assert series.between(day, day) == after - before


@pytest.mark.parametrize("day", [EPOCH, EPOCH - timedelta(days=1), date.min])
def test_nothing_happened_before_the_epoch(day: date) -> None:
    assert Series("any", 25).before(day) == 0


def test_a_year_has_about_its_rate_in_every_week() -> None:
    series = Series("any", 25)
    weeks = [date(2025, 1, 6) + timedelta(weeks=week) for week in range(52)]

    assert all(140 <= series.between(monday, monday + timedelta(days=6)) <= 210 for monday in weeks)
