"""What weekly and monthly pages say about their own figures: the verdict in words, gaps, corrections, bases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lib.reports import figures, insights
from lib.reports.calendars import Calendar
from lib.reports.counters import Counter
from lib.reports.periods import PeriodFigures

BASES = (
    "Average, best and worst day are of the portal's month-to-date values. Counts are differences of its counters,"
    " which restart on the 1st."
)


def narrative(now: PeriodFigures, then: PeriodFigures, calendar: Calendar) -> tuple[str, ...]:
    """Return the two or three sentences beside the score."""
    moved = insights.change(now.revenue, then.revenue)
    against = f"; {insights.worded(moved, then.period)}" if moved is not None else ""
    revenue = f"Revenue of the {calendar.noun}: {figures.rupees(now.revenue.value)}{against}."
    gaps = f"Figures of {figures.counted(len(now.missing), 'day')} are missing." if now.missing else ""
    return tuple(sentence for sentence in (now.health.summary, revenue, gaps) if sentence)


def notes(now: PeriodFigures) -> tuple[str, ...]:
    """Return what a reader must know before trusting a total."""
    pickups = now.totals[Counter.PICKUPS]
    corrected = sorted({day for counter in Counter for day in now.totals[counter].corrected})
    texts = [BASES]
    if now.missing:
        texts.append(f"No dashboard is stored for {_listed(now.missing)}: a following difference covers the gap.")
    if beyond := [day for day in pickups.missing if day not in now.missing]:
        texts.append(f"Counts of {_listed(beyond)} also cover days before this period and are left out of the totals.")
    if corrected:
        texts.append(f"The portal corrected counters downwards on {_listed(corrected)} (*): counted as 0.")
    if (check := _cross_check(now)) is not None:
        texts.append(f"By the portal's month-to-date revenue these days made {figures.rupees(check)}.")
    return tuple(texts)


def _cross_check(now: PeriodFigures) -> Decimal | None:
    """Return the revenue by differences of `mtd_revenue` where it does not agree with the sum of the days."""
    by_counter, by_day = now.totals[Counter.REVENUE].value, now.revenue.value
    if by_counter is None or by_day is None or abs(Decimal(by_counter) - by_day) < 1:
        return None
    return Decimal(by_counter)


def _listed(days: Sequence[date]) -> str:
    texts = [f"{day:%-d %b}" for day in days]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
