"""What a daily page counts: the day, its usual weekday and the month. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.dates import DAY
from lib.domain.headline import Count, DayCount, weekdays_before
from lib.model import Bucket
from lib.reports.daily.context import DailyContext
from lib.reports.explain import terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.terms import Days
from lib.reports.facts.model import DailyFacts
from lib.reports.metrics.counters import Counter
from lib.reports.view.headline import COUNTERS

#: Counts that are rows of a list, and which of its columns says the day.
LISTED = {
    Count.PICKUPS_FOR_THE_DAY: (Bucket.MISSED_LEADS, "the pickup agreed for"),
    Count.ORDERS_LISTED: (Bucket.UNDELIVERED_ALL, "the order date"),
}


def day_rows(context: DailyContext, facts: DailyFacts, days: Days) -> Iterator[Figure]:
    """Yield a figure for each row of the table of the day."""
    section = f"{context.report_on:%A} {formatting.short_day(context.report_on)}"

    for name, row in zip(Count, context.day_rows, strict=True):
        count = context.headline.count(name)
        printed = (
            row.note,
            row.day,
            row.usual,
            row.month,
        )

        yield terms.figure(
            section,
            row.label,
            printed,
            _terms(count, facts, days),
        )


def _terms(count: DayCount, facts: DailyFacts, days: Days) -> Iterator[Term]:
    if count.name in LISTED:
        return _listed(count, facts)

    if count.name is Count.PACKAGES:
        return _packages(count, days)

    return _counted(count, COUNTERS[count.name], days)


def _counted(count: DayCount, counter: Counter, days: Days) -> Iterator[Term]:
    on = days.days[-1].on

    yield terms.difference(
        formatting.count(count.day),
        days,
        counter,
        on,
    )

    if count.usual is not None:
        text = formatting.one_decimal(count.usual)
        yield terms.usual_difference(text, days, counter, weekdays_before(on))

    if count.month is not None:
        yield terms.dashboard(
            formatting.count(count.month),
            days,
            on,
            counter,
        )

    if count.corrected:
        yield terms.limit("0", "A fall of the portal’s count is counted as 0.")  # noqa: RUF001


def _packages(count: DayCount, days: Days) -> Iterator[Term]:
    on = days.days[-1].on

    yield terms.dashboard(
        formatting.count(count.day),
        days,
        on,
        "package_ftd",
    )

    if count.usual is not None:
        text = formatting.one_decimal(count.usual)
        yield terms.usual(text, days, "package_ftd", weekdays_before(on))

    yield terms.dashboard(
        formatting.count(count.month),
        days,
        on,
        "package_new",
    )

    yield terms.dashboard(
        formatting.count(count.target),
        days,
        on,
        "package_target",
    )


def _listed(count: DayCount, facts: DailyFacts) -> Iterator[Term]:
    bucket, which = LISTED[count.name]
    on = facts.today.on

    if count.day is None:
        reason = "The export of that day, or a later one, was not read."
        yield Term(
            formatting.NOTHING,
            Rule.UNKNOWN,
            (reason,),
            lists=(bucket,),
        )
    else:
        because = f"Rows of the list with {which} {formatting.day(on)}, open or not."
        yield terms.rows(
            formatting.count(count.day),
            bucket,
            because,
        )

    # The page compares the pickups with those of the day before.
    before = facts.leads_captured_before

    if count.name is Count.PICKUPS_FOR_THE_DAY and before is not None:
        because = f"Rows of the list with {which} {formatting.day(on - DAY)}, open or not."
        yield terms.rows(formatting.count(before), bucket, because)
