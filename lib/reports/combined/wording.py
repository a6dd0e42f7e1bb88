"""How the combined reports of a day, a week and a month differ in their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.dates import Period
from lib.model import Pipeline
from lib.reports.metrics.standing import rate_days
from lib.reports.period.wording import WORDINGS, before_of, period_text, span


@dataclass(frozen=True)
class CombinedWording:
    """The words of one page, and the days that its rates are about."""

    report_name: str
    #: In the header: `Saturday 28 Nov 2026`, `16 Nov 2026 to 22 Nov 2026`, `November 2026`.
    period_text: str
    #: The days of the sale: `Sat 28 Nov`, `16-22 Nov`.
    sale_of: str
    #: What the sale is compared with: `a usual Saturday`, `9-15 Nov`.
    before: str
    #: Heading of that column.
    versus: str
    #: The days of the rates.
    rates_of: str
    #: Behind the names of the rates, where their days are not those of the counts.
    rates_label: str
    footer: str
    #: False where the sale of the period is that of the month.
    has_month: bool


def of_run(pipeline: Pipeline, period: Period) -> CombinedWording:
    """Return the words for a run of the pipeline; a daily one has a period of one day."""
    if pipeline is Pipeline.DAILY:
        return _of_day(period.last)

    calendar = WORDINGS[pipeline]
    before = span(before_of(period, pipeline))

    return CombinedWording(
        report_name=f"{calendar.adjective} Report of All Stores",
        period_text=period_text(period, pipeline),
        sale_of=span(period),
        before=before,
        versus=f"vs {before}",
        rates_of=span(period),
        rates_label="",
        footer=f"{calendar.noun.capitalize()}: {period_text(period, pipeline)}",
        has_month=pipeline is not Pipeline.MONTHLY,
    )


def _of_day(on: date) -> CombinedWording:
    day = f"{on:%a} {span(Period(on, on))}"

    return CombinedWording(
        report_name="Daily Report of All Stores",
        period_text=f"{on:%A} {on.day} {on:%b %Y}",
        sale_of=day,
        before=f"a usual {on:%A}",
        versus="vs usual",
        rates_of=span(rate_days(on)),
        rates_label=", 7 days",
        footer=f"Day: {on:%a} {on.day} {on:%b %Y}",
        has_month=True,
    )
