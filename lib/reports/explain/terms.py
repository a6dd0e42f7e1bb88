"""The terms that all pages have: stored values, what a day added, usual weekdays, changes. Pure.

Each takes the text as the page prints it; what is said about it comes from the functions that
make the page (`lib.reports.metrics`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib import formatting
from lib.dates import DAY
from lib.domain.values import Value
from lib.model import METRICS, Bucket, MetricKind
from lib.reports.explain.model import Figure, Rule, StoredValue, Term
from lib.reports.facts.model import StoredDay
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter
from lib.reports.view.chart_data import Chart

KINDS = {metric.name: metric.kind for metric in METRICS}


@dataclass(frozen=True)
class Days:
    """The stored days of one store, oldest first."""

    store_code: str
    days: tuple[StoredDay, ...]

    def stored(self, on: date, metric: str) -> StoredValue:
        """Return the value of that day; None where it showed none or is not stored."""
        day = self.of(on)
        return StoredValue(
            self.store_code,
            on,
            metric,
            day.metrics.get(metric) if day else None,
        )

    def of(self, on: date) -> StoredDay | None:
        """Return the stored day."""
        return next((day for day in self.days if day.on == on), None)

    def why_unknown(self, on: date) -> str:
        """Return why there is no value of that day."""
        if self.of(on) is None:
            return f"No dashboard of {formatting.day(on)} is stored."

        return f"The dashboard of {formatting.day(on)} showed no value."


def figure(
    section: str,
    label: str,
    printed: Iterable[str],
    candidates: Iterable[Term],
) -> Figure:
    """Return the figure with those of the candidates that its texts print, each once.

    `1 day` is not printed by `1 day late`, which is a term of its own.
    """
    texts = tuple(filter(None, printed))
    # A dictionary keeps their order, and each once.
    given = dict.fromkeys(candidates)
    longest_first = sorted(
        {term.text for term in given},
        key=len,
        reverse=True,
    )

    found: set[str] = set()

    for text in texts:
        rest = text

        for one in longest_first:
            # What a longer term printed is taken out, so that a shorter one is not found in it.
            if is_in(one, rest):
                found.add(one)
                rest = _printed(one).sub(" ", rest)

    return Figure(
        section,
        label,
        texts,
        tuple(term for term in given if term.text in found),
    )


def picture(section: str, chart: Chart, candidates: Iterable[Term]) -> Figure:
    """Return a picture by the words that state its figures; one without values is not drawn."""
    words = "" if chart.is_empty else chart.alt

    return figure(
        section,
        chart.title,
        (chart.title, words),
        candidates,
    )


def is_in(term: str, text: str) -> bool:
    """Return True if the text prints the term, and not as a part of a longer number."""
    return bool(term and _printed(term).search(text))


def _printed(term: str) -> re.Pattern[str]:
    before, after = r"(?<![\d,.₹−])", r"(?![\d%]|[,.]\d)"  # noqa: RUF001 - a minus sign

    return re.compile(f"{before}{re.escape(term)}{after}")


def exact(metric: str, value: Value | None) -> str:
    """Return a stored value in full: with paise, with two decimals."""
    if value is None:
        return formatting.NOTHING

    match KINDS[metric]:
        case MetricKind.MONEY:
            return formatting.rupees_and_paise(Decimal(value))
        case MetricKind.PERCENT:
            return f"{value}%"
        case MetricKind.COUNT:
            return formatting.count(value)


def dashboard(
    text: str,
    days: Days,
    on: date,
    metric: str,
) -> Term:
    """Return a value as the dashboard of that day showed it."""
    stored = days.stored(on, metric)

    if stored.value is None:
        return Term(
            text,
            Rule.UNKNOWN,
            (days.why_unknown(on),),
            (stored,),
        )

    return Term(text, Rule.STORED, stored=(stored,))


def usual(
    text: str,
    days: Days,
    metric: str,
    weekdays: Sequence[date],
) -> Term:
    """Return the mean of a figure that the dashboard shows for the day itself."""
    stored = tuple(days.stored(on, metric) for on in weekdays)

    return Term(
        text,
        Rule.USUAL,
        (_of_how_many(stored),),
        stored,
    )


def difference(
    text: str,
    days: Days,
    counter: Counter,
    on: date,
) -> Term:
    """Return what a day added to a counter of the month."""
    step = counters.on_day(counters.increments(days.days, counter), on)
    now = days.stored(on, counter)

    if step is None:
        return Term(
            text,
            Rule.UNKNOWN,
            (days.why_unknown(on),),
            (now,),
        )

    value, on_day = formatting.count(now.value), formatting.short_day(on)

    # Nothing of the month was stored before: its counters begin at 0.
    if step.days.first.day == 1:
        return Term(
            text,
            Rule.DIFFERENCE,
            (f"{value} on {on_day}, from 0 on the 1st.",),
            (now,),
        )

    before = days.stored(step.days.first - DAY, counter)
    less = f"{formatting.count(before.value)} on {formatting.short_day(before.on)}"
    said = f"{value} on {on_day} less {less}"

    if step.corrected:
        return Term(
            text,
            Rule.DIFFERENCE,
            (f"{said}: the portal lowered its count, and a fall counts as 0.",),
            (now, before),
        )

    because = [f"{said}."]
    if step.days.first != step.days.last:
        because.append(f"No count of the days between is known: it covers {step.days}.")

    return Term(
        text,
        Rule.DIFFERENCE,
        tuple(because),
        (now, before),
    )


def usual_difference(
    text: str,
    days: Days,
    counter: Counter,
    weekdays: Sequence[date],
) -> Term:
    """Return the mean of what the same weekdays added to a counter."""
    steps = counters.increments(days.days, counter)
    because: list[str] = []
    stored: list[StoredValue] = []

    for on in weekdays:
        own = difference("", days, counter, on)
        added = counters.alone_on(steps, [on])
        day = formatting.short_day(on)
        stored += own.stored

        if added:
            because.append(f"{day}: {formatting.count(added[0])}. {own.because[0]}")
        else:
            because.append(f"{day}: left out. {' '.join(own.because)}")

    return Term(
        text,
        Rule.USUAL,
        tuple(because),
        tuple(dict.fromkeys(stored)),
    )


def change(text: str, now: str, before: str) -> Term:
    """Return how a figure differs from another; both as amounts in full."""
    return Term(text, Rule.CHANGE, (f"({now} − {before}) ÷ {before}.",))  # noqa: RUF001 - a minus sign


def share(text: str, part: str, whole: str) -> Term:
    """Return a part of a whole in per cent."""
    return Term(text, Rule.SHARE, (f"100 × {part} ÷ {whole}.",))  # noqa: RUF001 - a times sign


def rows(text: str, bucket: Bucket, because: str) -> Term:
    """Return what was counted or added from the rows of a list."""
    return Term(
        text,
        Rule.LIST,
        (because,),
        lists=(bucket,),
    )


def limit(text: str, because: str) -> Term:
    """Return a number that is a rule of ours and no figure of the store."""
    return Term(text, Rule.LIMIT, (because,))


#: The portal's own limit, which its dashboard and so several pages name.
OVER_10_DAYS = limit("> 10 days", "Counted by the portal, from the order date.")


def _of_how_many(values: Sequence[StoredValue]) -> str:
    known = sum(1 for value in values if value.value is not None)

    return f"{known} of {len(values)} are known."
