"""The charts of the reports as values, each with the words that state its numbers.

`lib.reports.render.chart_svg` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lib import formatting
from lib.dates import Period, month_of
from lib.model import MetricKind
from lib.reports.facts.model import StoredDay, Value
from lib.reports.metrics.kpis import Kpi

#: Days between two labels of a trend.
WEEK = 7


class Shape(Enum):
    """How values are drawn."""

    LINE = "line"
    BARS = "bars"


@dataclass(frozen=True)
class Series:
    """The values of one line or one set of bars; None is a gap."""

    values: tuple[Value | None, ...]
    #: Drawn dashed: what the others are measured by.
    is_goal: bool = False


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

    @property
    def is_empty(self) -> bool:
        """Return True if no value is known at all."""
        for series in self.series:
            if series.is_goal:
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


def revenues(
    stored: Sequence[StoredDay],
    days: Period,
) -> dict[date, Value | None]:
    """Return the revenue of each of `days`."""
    return _by_day(stored, "ftd_revenue", days)


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


def percentage_trend(
    stored: Sequence[StoredDay],
    kpi: Kpi,
    title: str,
    days: Period,
    size_mm: tuple[int, int],
) -> Chart:
    """Return the month-to-date values of a KPI and its Excellent limit, a line for each month."""
    values = _by_day(stored, kpi.metric, days)
    goal = kpi.limits[0][1]
    summary = _summary(values, formatting.percent)

    return Chart(
        title=title,
        legend=f"dashed: Excellent, {goal}%",
        alt=f"Line chart of {title}, month to date. {summary} Excellent is {goal}% or more.",
        shape=Shape.LINE,
        kind=MetricKind.PERCENT,
        labels=_weekly_labels(values),
        series=(
            *_series_by_month(values),
            Series((goal,) * len(values), is_goal=True),
        ),
        size_mm=size_mm,
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


def _by_day(
    stored: Sequence[StoredDay],
    metric: str,
    days: Period,
) -> dict[date, Value | None]:
    values = {day.on: day.metrics.get(metric) for day in stored}

    return {day: values.get(day) for day in days.days()}


def _series_by_month(values: Mapping[date, Value | None]) -> list[Series]:
    """Return a line for each month of the days, with gaps where the days of the others are."""
    firsts = sorted({day.replace(day=1) for day in values})
    lines: list[Series] = []

    for first in firsts:
        month = month_of(first)
        line = tuple(value if day in month else None for day, value in values.items())
        lines.append(Series(line))

    return lines


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
