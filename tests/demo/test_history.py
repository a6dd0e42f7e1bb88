"""How far back the demo's past goes."""

from datetime import date

import pytest

from demo import history
from lib.dates import last_complete_month


@pytest.mark.parametrize(
    ("today", "told"),
    [
        pytest.param(date(2025, 11, 15), "2025-10-01..2025-11-13", id="middle of a month"),
        pytest.param(date(2025, 12, 1), "2025-11-01..2025-11-29", id="the month has just ended"),
        pytest.param(date(2025, 3, 31), "2025-02-01..2025-03-29", id="last day of a month"),
        pytest.param(date(2026, 1, 2), "2025-12-01..2025-12-31", id="new year"),
    ],
)
def test_the_last_month_is_whole_and_yesterday_is_left_to_the_job(today, told):
    days = history.since_last_month(today)
    assert f"{days.first}..{days.last}" == told
    assert days.first == last_complete_month(today).first
