"""What weekly and monthly pages say about their own figures: verdict, gaps, corrections, bases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from lib import formatting
from lib.dates import DAY, Period
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period.wording import span

BASES = (
    "Rates, best and worst days are from the counts of these days; backlogs are those of the last"
    " stored day; averages are of the portal's month-to-date values. Counts are differences of its"
    " counters, which restart on the 1st; so does the repeat contribution, which is judged by the"
    " share of the month that is over."
)


def narrative(now: PeriodFigures) -> tuple[str, ...]:
    """Return the sentences beside the score."""
    sentences = [now.health.summary]

    if now.missing:
        days = formatting.counted(len(now.missing), "day")
        sentences.append(f"Figures of {days} are missing.")

    return tuple(sentences)


def notes(
    now: PeriodFigures,
    leads_known_to: date | None,
) -> tuple[str, ...]:
    """Return what a reader must know before trusting a total.

    `leads_known_to` is the day of the last export of leads, where one is missing since.
    """
    texts = [BASES, *_gaps(now)]

    if leads_known_to is not None:
        day = formatting.day(leads_known_to)
        texts.append(f"The export of leads was last read on {day}: later leads are unknown.")

    negative = [day.on for day in now.days if day.revenue is not None and day.revenue < 0]
    if negative:
        texts.append(f"The portal shows a revenue below zero on {_listed(negative)}.")

    corrected: set[date] = set()

    for total in now.totals.values():
        corrected.update(total.corrected)

    if corrected:
        days = _listed(sorted(corrected))
        texts.append(f"The portal corrected counters downwards on {days} (*): counted as 0.")

    check = _cross_check(now)
    if check is not None:
        revenue = formatting.rupees(check)
        texts.append(f"By the portal's month-to-date revenue these days made {revenue}.")

    return tuple(texts)


def _gaps(now: PeriodFigures) -> Iterator[str]:
    uncounted = now.totals[Counter.PICKUPS].missing

    covered = []

    for day in now.missing:
        if day not in uncounted:
            covered.append(day)

    lost = []

    for day in now.missing:
        if day in uncounted:
            lost.append(day)

    beyond = []

    for day in uncounted:
        if day not in now.missing:
            beyond.append(day)

    if covered:
        days = _listed(covered)
        yield f"No dashboard is stored for {days}: a following difference covers the gap."

    if lost:
        days = _listed(lost)
        yield f"No dashboard is stored for {days}: what was added then is in no total."

    if beyond:
        days = _listed(beyond)
        yield (f"Counts on {days} are unknown or also cover days before this period: in no total.")


def _cross_check(now: PeriodFigures) -> Decimal | None:
    """Return the revenue by differences of `mtd_revenue`.

    None where it lacks a day that the sum has, and where both agree to the rupee.
    """
    counted, summed = now.totals[Counter.REVENUE], now.revenue
    if counted.value is None or summed.value is None:
        return None

    # A counter that lacks a day which the sum has would always be less.
    if not set(counted.missing) <= set(summed.missing):
        return None

    by_counter = Decimal(counted.value)
    return by_counter if abs(by_counter - summed.value) >= 1 else None


def _listed(days: Sequence[date]) -> str:
    """Return days, oldest first, as `3 Nov and 9-13 Nov`."""
    spans: list[Period] = []

    for day in days:
        if spans and spans[-1].last + DAY == day:
            spans[-1] = Period(spans[-1].first, day)
        else:
            spans.append(Period(day, day))

    texts = [span(one) for one in spans]
    if len(texts) == 1:
        return texts[0]

    return f"{', '.join(texts[:-1])} and {texts[-1]}"
