"""The charts of the reports as values, each with the words that state its numbers.

`lib.reports.render.chart_svg` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from lib import formatting
from lib.dates import DAY, Period, month_of
from lib.domain.headline import Age, AgeGroup, DaySale
from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.facts.model import StoredDay

AGES = {
    Age.OVER_10_DAYS: "over 10 days",
    Age.UP_TO_10_DAYS: "4 to 10 days",
    Age.UP_TO_3_DAYS: "1 to 3 days",
    Age.DUE_TODAY: "due that day",
    Age.NOT_DUE: "not due yet",
    Age.UNKNOWN: "no date",
}
#: Days between two labels of a trend.
WEEK = 7


class Shape(Enum):
    """How values are drawn."""

    LINE = "line"
    BARS = "bars"
    #: Lying bars, each with its label before it and its note behind it.
    ROWS = "rows"


@dataclass(frozen=True)
class Series:
    """The values of one line or one set of bars; None is a gap."""

    values: tuple[Value | None, ...]
    #: Drawn dashed: what the others are measured by.
    is_goal: bool = False
    #: Drawn pale: how it was a month before.
    is_earlier: bool = False


@dataclass(frozen=True)
class Chart:
    """Everything that is seen of one chart, and what is said to those who do not see it."""

    title: str
    legend: str
    alt: str
    shape: Shape
    kind: MetricKind
    #: One for each value; empty where the axis says nothing.
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    #: Width and height.
    size_mm: tuple[int, int]
    #: Without guides and axis; the last bar is dark and the others are light.
    is_bare: bool = False
    #: What stands behind each row.
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return True if no value is known at all."""
        for series in self.series:
            if series.is_goal or series.is_earlier:
                continue

            if any(value is not None for value in series.values):
                return False

        return True


def revenue_trend(
    values: Mapping[date, Value | None],
    targets: Mapping[date, Value | None],
    size_mm: tuple[int, int],
) -> Chart:
    """Return the revenue of each day beside the day's share of the month's target.

    `values` and `targets` have the same days, in order.
    """
    alt = f"Line chart of the revenue a day. {_summary(values, formatting.rupees)}"

    target = targets[max(targets)]

    if target is not None:
        alt += f" The target at the end is {formatting.rupees(round(target))} a day."

    return Chart(
        title="Revenue a day",
        legend="dashed: target a day",
        alt=alt,
        shape=Shape.LINE,
        kind=MetricKind.MONEY,
        labels=_weekly_labels(values),
        series=(
            Series(tuple(values.values())),
            Series(tuple(targets.values()), is_goal=True),
        ),
        size_mm=size_mm,
    )


def daily_targets(
    stored: Sequence[StoredDay],
    days: Period,
) -> dict[date, Value | None]:
    """Return for each of `days` a day's share of its month's target, in whole rupees.

    A month's target is the latest that is stored for it, oldest day first; the share is the target
    divided by the days of the month. None where no target is known.
    """
    targets: dict[date, Value] = {}

    for day in stored:
        target = day.metrics.get("target_revenue")
        if target is not None:
            targets[month_of(day.on).first] = target

    shares: dict[date, Value | None] = {}

    for on in days.days():
        month = month_of(on)
        target = targets.get(month.first)
        shares[on] = None if target is None else round(target / month.last.day)

    return shares


def month_to_date(
    stored: Sequence[StoredDay],
    on: date,
    target: Value | None,
    size_mm: tuple[int, int],
) -> Chart:
    """Return the sale of the month so far, day by day, beside its target and the month before.

    The target is a straight line from the first day's share on. `stored` may have days of both
    months.
    """
    month = month_of(on)
    before = month_of(month.first - DAY)
    values = {day.on: day.metrics.get("mtd_revenue") for day in stored}

    days = list(month.days())
    now = tuple(values.get(day) if day <= on else None for day in days)
    earlier: list[Value | None] = []
    targets: list[Value | None] = []

    for day in days:
        same = before.first + (day - month.first)
        earlier.append(values.get(same) if same in before else None)
        targets.append(None if target is None else round(Decimal(target) * day.day / len(days)))

    return Chart(
        title="Month against target",
        legend="dashed: target; grey: last month",
        alt=_month_words(values.get(on), on, target, earlier[on.day - 1]),
        shape=Shape.LINE,
        kind=MetricKind.MONEY,
        labels=tuple(f"{day.day}" if _is_labelled(day.day, len(days)) else "" for day in days),
        series=(
            Series(tuple(earlier), is_earlier=True),
            Series(tuple(targets), is_goal=True),
            Series(now),
        ),
        size_mm=size_mm,
    )


def _is_labelled(day: int, last: int) -> bool:
    """Return True for the first and the last day of a month and each whole week but the last."""
    return day in (1, last) or (day % WEEK == 0 and last - day >= WEEK // 2)


def _month_words(
    now: Value | None,
    on: date,
    target: Value | None,
    before: Value | None,
) -> str:
    words = f"Line chart of the sale of the month: {formatting.rupees(now)} by {formatting.day(on)}"
    words += f", target {formatting.rupees(target)}"

    return f"{words}, the month before by the same day {formatting.rupees(before)}."


def same_weekday(
    sales: Sequence[DaySale],
    size_mm: tuple[int, int],
) -> Chart:
    """Return the sale of the same weekday five times, the last one dark; without an axis."""
    labels = [formatting.short_day(sale.on) for sale in sales]
    values = tuple(sale.rupees for sale in sales)
    weekday = f"{sales[-1].on:%A}"

    return Chart(
        title=f"The last five {weekday}s",
        legend="",
        alt=f"Bar chart of the sale on {weekday}s: {_listed(labels, values, MetricKind.MONEY)}.",
        shape=Shape.BARS,
        kind=MetricKind.MONEY,
        labels=tuple(labels),
        series=(Series(values),),
        size_mm=size_mm,
        is_bare=True,
    )


def by_age(
    groups: Sequence[AgeGroup],
    size_mm: tuple[int, int],
) -> Chart:
    """Return one bar for each age of the undelivered orders, as long as their rupees."""
    labels = [AGES[group.age] for group in groups]
    rows = [
        f"{formatting.count(group.orders)} · {formatting.short_rupees(group.rupees)}"
        for group in groups
    ]
    listed = ", ".join(f"{label} {row}" for label, row in zip(labels, rows, strict=True))

    return Chart(
        title="Undelivered by age",
        legend="days after the promise",
        alt=f"Bar chart of the undelivered orders by age, in orders and rupees: {listed}.",
        shape=Shape.ROWS,
        kind=MetricKind.MONEY,
        labels=tuple(labels),
        series=(Series(tuple(group.rupees for group in groups)),),
        size_mm=size_mm,
        notes=tuple(rows),
    )


def bars(
    title: str,
    kind: MetricKind,
    labels: Sequence[str],
    named: Mapping[str, Sequence[Value | None]],
    size_mm: tuple[int, int],
) -> Chart:
    """Return bars by label, one set for each of at most two names; the words list every value."""
    words: list[str] = []
    tones: list[str] = []

    for tone, (name, values) in zip(
        ("dark", "light"),
        named.items(),
        strict=False,
    ):
        words.append(f"{name}: {_listed(labels, values, kind)}")
        tones.append(f"{tone}: {name}")

    return Chart(
        title=title,
        legend=", ".join(tones) if len(tones) > 1 else "",
        alt=f"Bar chart. {'; '.join(words)}.",
        shape=Shape.BARS,
        kind=kind,
        labels=tuple(labels),
        series=tuple(Series(tuple(values)) for values in named.values()),
        size_mm=size_mm,
    )


def _weekly_labels(days: Collection[date]) -> tuple[str, ...]:
    """Return a label for the last day and for each day whole weeks before it."""
    last = max(days)
    labels: list[str] = []

    for day in days:
        is_labelled = (last - day).days % WEEK == 0
        labels.append(f"{day.day} {day:%b}" if is_labelled else "")

    return tuple(labels)


def _listed(
    labels: Sequence[str],
    values: Sequence[Value | None],
    kind: MetricKind,
) -> str:
    pairs = zip(labels, values, strict=True)

    return ", ".join(f"{label} {formatting.figure(value, kind)}" for label, value in pairs)


def _summary(
    values: Mapping[date, Value | None],
    printed: Callable[[Value], str],
) -> str:
    """Return the lowest, highest and latest value with their days, and how many are missing."""
    known = [(value, day) for day, value in values.items() if value is not None]
    if not known:
        return "No values are stored for these days."

    lowest, lowest_on = min(known)
    highest, highest_on = max(known)
    latest, latest_on = known[-1]

    summary = (
        f"Lowest {printed(lowest)} on {formatting.day(lowest_on)},"
        f" highest {printed(highest)} on {formatting.day(highest_on)},"
        f" latest {printed(latest)} on {formatting.day(latest_on)}."
    )

    gaps = len(values) - len(known)
    if gaps:
        summary += f" {formatting.counted(gaps, 'day')} without figures."

    return summary
