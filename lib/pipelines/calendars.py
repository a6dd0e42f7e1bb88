"""The two calendars of one pipeline: weeks and months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lib import dates
from lib.dates import Period
from lib.model import Pipeline


@dataclass(frozen=True)
class Calendar:
    """How a pipeline cuts the days into periods."""

    pipeline: Pipeline
    #: Of `python -m jobs.<job>`.
    job: str
    #: From the first day to look at and today: every period that is over, oldest first.
    complete: Callable[[date, date], list[Period]]
    #: Reads `--period`; raises UsageError.
    parse: Callable[[str], Period]
    #: What `--period` takes for it.
    label: Callable[[Period], str]


WEEKS = Calendar(
    Pipeline.WEEKLY,
    "weekly",
    dates.complete_weeks,
    dates.parse_week,
    dates.week_label,
)
MONTHS = Calendar(
    Pipeline.MONTHLY,
    "monthly",
    dates.complete_months,
    dates.parse_month,
    dates.month_label,
)
