"""The terms of weeks and months: sums and means of days, and rates of exactly these days. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from lib import formatting
from lib.dates import DAY, Period
from lib.domain.values import Value
from lib.reports.explain import terms
from lib.reports.explain.model import Rule, StoredValue, Term
from lib.reports.explain.terms import Days
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter, Increment
from lib.reports.period.wording import span


def added(
    text: str,
    days: Days,
    counter: Counter,
    period: Period,
) -> Term:
    """Return what the days of a period added to a counter of the month."""
    steps = counters.increments(days.days, counter)
    inside = [step for step in steps if step.days.first in period and step.days.last in period]
    total = counters.total(steps, period)

    if not inside:
        reason = f"No count of {span(period)} is known by itself."
        return Term(text, Rule.UNKNOWN, (reason,))

    listed = ", ".join(f"{_step(step)}" for step in inside)
    because = [f"{formatting.count(total.value)} = {listed}."]

    # What is in no sum is said: the sum is then less than what was done.
    if total.missing:
        because.append(f"In no sum: {_listed(total.missing)}.")

    if total.corrected:
        because.append(f"Lowered by the portal, counted as 0: {_listed(total.corrected)}.")

    return Term(
        text,
        Rule.SUM,
        tuple(because),
        _ends(inside, days, counter),
    )


def _step(step: Increment) -> str:
    return f"{formatting.count(step.value)} ({span(step.days)})"


def _ends(
    steps: Iterable[Increment],
    days: Days,
    counter: Counter,
) -> tuple[StoredValue, ...]:
    """Return the counts at both ends of each step, oldest first, each once."""
    found: dict[StoredValue, None] = {}

    for step in steps:
        # On the 1st a counter begins at 0, so no count of the day before is a part of it.
        if step.days.first.day > 1:
            found[days.stored(step.days.first - DAY, counter)] = None

        found[days.stored(step.days.last, counter)] = None

    return tuple(found)


def sold(text: str, days: Days, period: Period) -> Term:
    """Return the sum of the days' own sales."""
    stored = _of_days(days, "ftd_revenue", period)

    if all(one.value is None for one in stored):
        return Term(text, Rule.UNKNOWN, (f"No sale of {span(period)} is stored.",), stored)

    return Term(
        text,
        Rule.SUM,
        (_known(stored),),
        stored,
    )


def mean_of(
    text: str,
    days: Days,
    metric: str,
    on_days: Iterable[date],
) -> Term:
    """Return the mean of what is known of these days."""
    stored = tuple(days.stored(on, metric) for on in on_days)

    if all(one.value is None for one in stored):
        return Term(text, Rule.UNKNOWN, ("No value of these days is stored.",), stored)

    return Term(
        text,
        Rule.MEAN,
        (_known(stored),),
        stored,
    )


def best(
    text: str,
    days: Days,
    metric: str,
    on: date,
    among: Period,
) -> Term:
    """Return the value of the day that is the highest or the lowest of its period."""
    stored = days.stored(on, metric)

    return Term(
        text,
        Rule.BEST,
        (f"Of the stored days of {span(among)}.",),
        (stored,),
    )


def rate(
    text: str,
    days: Days,
    part: Counter,
    whole: Counter,
    period: Period,
) -> Term:
    """Return a rate in per cent of two counts of the same days."""
    parts, wholes = added("", days, part, period), added("", days, whole, period)

    if Rule.UNKNOWN in {parts.rule, wholes.rule}:
        return Term(
            text,
            Rule.UNKNOWN,
            (*parts.because, *wholes.because),
        )

    because = (
        f"100 × {part} ÷ {whole}, both counted on {span(period)}.",  # noqa: RUF001 - a times sign
        f"{part}: {' '.join(parts.because)}",
        f"{whole}: {' '.join(wholes.because)}",
    )

    return Term(
        text,
        Rule.SHARE,
        because,
        (*parts.stored, *wholes.stored),
    )


def moved(text: str, now: Value | None, before: Value | None) -> Term:
    """Return by how many per cent a count or a sale changed."""
    return terms.change(
        text,
        _plain(now),
        _plain(before),
    )


def _plain(value: Value | None) -> str:
    return formatting.NOTHING if value is None else f"{value:,}"


def _of_days(days: Days, metric: str, period: Period) -> tuple[StoredValue, ...]:
    return tuple(days.stored(on, metric) for on in period.days())


def _known(stored: Sequence[StoredValue]) -> str:
    known = sum(1 for one in stored if one.value is not None)

    return f"{known} of {formatting.counted(len(stored), 'day')} have a value."


def _listed(on_days: Iterable[date]) -> str:
    return ", ".join(map(formatting.short_day, on_days))
