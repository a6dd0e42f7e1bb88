"""Days, weeks and months as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from lib.model import Pipeline
from lib.period_names import instant_name, period_name


@pytest.mark.parametrize(
    ("pipeline", "on", "short", "long"),
    [
        (Pipeline.DAILY, date(2026, 11, 28), "Sat 28 Nov", "Sat 28 Nov 2026"),
        (Pipeline.WEEKLY, date(2026, 11, 22), "16\N{EN DASH}22 Nov", "16\N{EN DASH}22 Nov 2026"),
        (
            Pipeline.WEEKLY,
            date(2026, 12, 6),
            "30 Nov \N{EN DASH} 6 Dec",
            "30 Nov \N{EN DASH} 6 Dec 2026",
        ),
        (
            Pipeline.WEEKLY,
            date(2027, 1, 3),
            "28 Dec \N{EN DASH} 3 Jan",
            "28 Dec 2026 \N{EN DASH} 3 Jan 2027",
        ),
        (Pipeline.MONTHLY, date(2026, 11, 30), "Nov 2026", "Nov 2026"),
        ("somebody_elses", date(2026, 11, 8), "8 Nov", "8 Nov 2026"),
    ],
)
def test_a_period_has_a_short_name_and_one_with_its_year(pipeline, on, short, long):
    assert period_name(pipeline, on) == short
    assert period_name(pipeline, on, with_year=True) == long


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(18, "28 Nov, 12:05 am IST"), (2, "27 Nov, 8:05 am IST"), (7, "27 Nov, 1:05 pm IST")],
)
def test_an_instant_is_of_the_wall_clock_with_its_zone(hour, expected):
    at = datetime(2026, 11, 27, hour, 35, tzinfo=UTC)
    assert instant_name(at, ZoneInfo("Asia/Kolkata")) == expected
