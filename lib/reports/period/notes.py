"""What weekly and monthly pages say about their own figures: the verdict in words, gaps, corrections, bases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from lib.dates import DAY, Period
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period import insights
from lib.reports.period.wording import Calendar
from lib.reports.view import formatting

BASES = (
    "Average, best and worst day are of the portal's month-to-date values. Counts are differences of its counters,"
    " which restart on the 1st."
)


def narrative(now: PeriodFigures, then: PeriodFigures, calendar: Calendar) -> tuple[str, ...]:
    """Return the two or three sentences beside the score."""
    moved = insights.change(now.revenue, then.revenue)
    against = f"; {insights.worded(moved, then.period)}" if moved is not None else ""
    revenue = f"Revenue of the {calendar.noun}: {formatting.rupees(now.revenue.value)}{against}."
    lacking = "missing" if now.stores == 1 else "not those of every store"
    gaps = (
        f"Figures of {formatting.counted(len(now.missing), 'day')} are {lacking}."
        if now.missing
        else ""
    )

    return tuple(sentence for sentence in (now.health.summary, revenue, gaps) if sentence)


def notes(now: PeriodFigures, absent: int = 0) -> tuple[str, ...]:
    """Return what a reader must know before trusting a total; `absent` stores have no data at all."""
    corrected = sorted({day for counter in Counter for day in now.totals[counter].corrected})
    texts = [BASES, *_gaps(now)]

    if absent:
        texts.append(
            f"Without a dashboard in this period, and so not in these figures: {formatting.counted(absent, 'store')}."
        )

    if corrected:
        texts.append(
            f"The portal corrected counters downwards on {_listed(corrected)} (*): counted as 0."
        )

    if (check := _cross_check(now)) is not None:
        texts.append(
            f"By the portal's month-to-date revenue these days made {formatting.rupees(check)}."
        )

    return tuple(texts)


def _gaps(now: PeriodFigures) -> Iterator[str]:
    whose, uncounted = (
        "" if now.stores == 1 else " of some stores",
        now.totals[Counter.PICKUPS].missing,
    )
    if covered := [day for day in now.missing if day not in uncounted]:
        yield f"No dashboard{whose} is stored for {_listed(covered)}: a following difference covers the gap."

    if lost := [day for day in now.missing if day in uncounted]:
        yield f"No dashboard{whose} is stored for {_listed(lost)}: what was added then is in no total."

    if beyond := [day for day in uncounted if day not in now.missing]:
        yield f"Counts{whose} on {_listed(beyond)} are unknown or also cover days before this period: in no total."


def _cross_check(now: PeriodFigures) -> Decimal | None:
    """Return the revenue by differences of `mtd_revenue` where it covers every summed day and does not agree."""
    counted, summed = now.totals[Counter.REVENUE], now.revenue
    if (
        counted.value is None
        or summed.value is None
        or not set(counted.missing) <= set(summed.missing)
    ):
        return None

    return Decimal(counted.value) if abs(Decimal(counted.value) - summed.value) >= 1 else None


def _listed(days: Sequence[date]) -> str:
    """Print days, oldest first, as `3 Nov and 9-13 Nov`."""
    spans: list[Period] = []

    for day in days:
        follows = spans and spans[-1].last + DAY == day
        spans.append(Period(spans.pop().first if follows else day, day))

    texts = [insights.span(each) for each in spans]
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
