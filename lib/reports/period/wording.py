"""How weekly and monthly reports differ: in words, in their template and in the period before theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib.dates import DAY, Period, month_of, week_of
from lib.model import Pipeline
from lib.reports.view import formatting


@dataclass(frozen=True)
class Calendar:
    """How the pages of one calendar speak."""

    report_name: str
    template: str
    adjective: str
    noun: str
    heading: str
    insight_headings: tuple[str, str, str]
    containing: Callable[..., Period]


WEEKLY = Calendar(
    report_name="Weekly Store Report", template="weekly_report.html", adjective="Weekly", noun="week",
    heading="Last Week", insight_headings=("Highlights (Last Week)", "Risk Areas (Last Week)", "Focus for This Week"),
    containing=week_of,
)  # fmt: skip
MONTHLY = Calendar(
    report_name="Monthly Store Report", template="monthly_report.html", adjective="Monthly", noun="month",
    heading="Last Month", insight_headings=("What Worked Last Month", "Where We Lost Value", "Focus for This Month"),
    containing=month_of,
)  # fmt: skip
CALENDARS = {Pipeline.WEEKLY: WEEKLY, Pipeline.MONTHLY: MONTHLY}


def before_of(period: Period, pipeline: Pipeline) -> Period:
    """Return the week or month before `period`."""
    return CALENDARS[pipeline].containing(period.first - DAY)


def period_text(period: Period, pipeline: Pipeline) -> str:
    """Print `10 Nov 2025 to 16 Nov 2025` with a dash, or `November 2025`."""
    if pipeline is Pipeline.MONTHLY:
        return f"{period.first:%B %Y}"

    return f"{formatting.day(period.first)} \N{EN DASH} {formatting.day(period.last)}"
