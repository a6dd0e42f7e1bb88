"""How weekly and monthly reports differ: in words, template and the period before theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib import formatting
from lib.dates import DAY, Period, month_of, week_of
from lib.model import Pipeline


@dataclass(frozen=True)
class PeriodWording:
    """The words of weekly or of monthly pages."""

    report_name: str
    #: File below `templates/`.
    template: str
    adjective: str
    noun: str
    heading: str
    #: Of the three columns of advice.
    insight_headings: tuple[str, str, str]
    #: The period of this kind that has a day.
    containing: Callable[..., Period]


WEEKLY = PeriodWording(
    report_name="Weekly Store Report",
    template="weekly_report.html",
    adjective="Weekly",
    noun="week",
    heading="Last Week",
    insight_headings=(
        "Highlights (Last Week)",
        "Risk Areas (Last Week)",
        "Focus for This Week",
    ),
    containing=week_of,
)
MONTHLY = PeriodWording(
    report_name="Monthly Store Report",
    template="monthly_report.html",
    adjective="Monthly",
    noun="month",
    heading="Last Month",
    insight_headings=(
        "What Worked Last Month",
        "Where We Lost Value",
        "Focus for This Month",
    ),
    containing=month_of,
)
WORDINGS = {Pipeline.WEEKLY: WEEKLY, Pipeline.MONTHLY: MONTHLY}


def before_of(period: Period, pipeline: Pipeline) -> Period:
    """Return the week or month before `period`."""
    return WORDINGS[pipeline].containing(period.first - DAY)


def period_text(period: Period, pipeline: Pipeline) -> str:
    """Return `10 Nov 2025 to 16 Nov 2025` with a dash, or `November 2025`."""
    if pipeline is Pipeline.MONTHLY:
        return f"{period.first:%B %Y}"

    return f"{formatting.day(period.first)} \N{EN DASH} {formatting.day(period.last)}"


def span(period: Period) -> str:
    """Return the days as `10-16 Nov`, with both months if need be; a whole month as `Oct 2025`."""
    first, last = period.first, period.last
    if period == month_of(first):
        return f"{first:%b %Y}"

    if first == last:
        return f"{last.day} {last:%b}"

    if first.month == last.month:
        return f"{first.day}\N{EN DASH}{last.day} {last:%b}"

    return f"{first.day} {first:%b} \N{EN DASH} {last.day} {last:%b}"
