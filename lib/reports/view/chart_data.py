"""The charts of the reports as values, each with the words that state its numbers; `lib.reports.render.chart_svg` draws them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from lib.dates import Period, month_of
from lib.model import MetricKind
from lib.reports.facts.model import StoredDay
from lib.reports.metrics.kpis import Kpi, Value
from lib.reports.view import formatting

#: A trend covers 28 days: the last one and this long before it.
TREND = timedelta(days=27)
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
        """Tell whether no value is known at all."""
        return all(
            value is None for series in self.series if not series.is_goal for value in series.values
        )


def trend_period(last: date) -> Period:
    """Return the 28 days that end with `last`."""
    return Period(last - TREND, last)


def revenue_trend(
    values: Mapping[date, Value | None],
    targets: Mapping[date, Value | None],
    size_mm: tuple[int, int],
) -> Chart:
    """Return the revenue of each day beside the day's share of the month's target; both have the same days."""
    told, target = _told(values, formatting.rupees), targets[max(targets)]
    said = (
        ""
        if target is None
        else f" The target at the end is {formatting.rupees(round(target))} a day."
    )

    return Chart(
        title="Revenue a day",
        legend="dashed: target a day",
        alt=f"Line chart of the revenue a day. {told}{said}",
        shape=Shape.LINE,
        kind=MetricKind.MONEY,
        labels=_weekly_labels(values),
        series=(Series(tuple(values.values())), Series(tuple(targets.values()), is_goal=True)),
        size_mm=size_mm,
    )


def revenues(stored: Sequence[StoredDay], days: Period) -> dict[date, Value | None]:
    """Return the revenue of each of `days`."""
    return _by_day(stored, "ftd_revenue", days)


def daily_targets(stored: Sequence[StoredDay], days: Period) -> dict[date, Value | None]:
    """Return for each of `days` its month's latest known target divided by the days of the month, in whole rupees."""
    return {day: _daily_target(stored, day) for day in days.days()}


def percentage_trend(
    stored: Sequence[StoredDay], kpi: Kpi, title: str, days: Period, size_mm: tuple[int, int]
) -> Chart:
    """Return the month-to-date values of one KPI beside its Excellent limit; a line ends with its month."""
    values, goal = _by_day(stored, kpi.metric, days), kpi.limits[0][1]
    months = sorted({day.replace(day=1) for day in days.days()})
    lines = [
        Series(tuple(value if day in month_of(first) else None for day, value in values.items()))
        for first in months
    ]

    return Chart(
        title=title,
        legend=f"dashed: Excellent, {goal}%",
        alt=f"Line chart of {title}, month to date. {_told(values, formatting.percent)} Excellent is {goal}% or more.",
        shape=Shape.LINE,
        kind=MetricKind.PERCENT,
        labels=_weekly_labels(values),
        series=(*lines, Series((goal,) * len(values), is_goal=True)),
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
    tones = zip(("dark", "light"), named, strict=False)
    said = "; ".join(f"{name}: {_listed(labels, values, kind)}" for name, values in named.items())

    return Chart(
        title=title,
        legend=", ".join(f"{tone}: {name}" for tone, name in tones) if len(named) > 1 else "",
        alt=f"Bar chart. {said}.",
        shape=Shape.BARS,
        kind=kind,
        labels=tuple(labels),
        series=tuple(Series(tuple(values)) for values in named.values()),
        size_mm=size_mm,
    )


def _by_day(stored: Sequence[StoredDay], metric: str, days: Period) -> dict[date, Value | None]:
    values = {day.on: day.metrics.get(metric) for day in stored}
    return {day: values.get(day) for day in days.days()}


def _daily_target(stored: Sequence[StoredDay], day: date) -> Value | None:
    month = month_of(day)
    known = [one.metrics.get("target_revenue") for one in stored if one.on in month]
    target = next((value for value in reversed(known) if value is not None), None)

    return None if target is None else round(target / month.last.day)


def _weekly_labels(days: Collection[date]) -> tuple[str, ...]:
    last = max(days)
    return tuple(f"{day.day} {day:%b}" if (last - day).days % WEEK == 0 else "" for day in days)


def _listed(labels: Sequence[str], values: Sequence[Value | None], kind: MetricKind) -> str:
    return ", ".join(
        f"{label} {formatting.figure(value, kind)}"
        for label, value in zip(labels, values, strict=True)
    )


def _told(values: Mapping[date, Value | None], printed: Callable[[Value], str]) -> str:
    """Say the lowest, highest and latest value with their days, and how many days are missing."""
    known = [(value, day) for day, value in values.items() if value is not None]
    if not known:
        return "No values are stored for these days."

    (low, low_on), (high, high_on), (last, last_on) = min(known), max(known), known[-1]
    gaps = len(values) - len(known)
    missing = f" {formatting.counted(gaps, 'day')} without figures." if gaps else ""

    return (
        f"Lowest {printed(low)} on {formatting.day(low_on)}, highest {printed(high)} on {formatting.day(high_on)},"
        f" latest {printed(last)} on {formatting.day(last_on)}.{missing}"
    )
