"""What goes well and what to watch.

Every sentence states figures of the page, so that none can be false; the bands of the KPIs choose.

Source: docs/reference/domain.md#recommendations, #what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib import formatting
from lib.dates import WEEK, month_of
from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.facts.model import StoredDay
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import STRONG, WEAK, Kpi, Reading

#: What a column says that would be empty.
NO_HIGHLIGHT = "Conversion, turnaround and repeat share: none is known to be Good or better."
NO_FOCUS_AREA = "Conversion, undelivered orders and repeat share: none is known to be below Good."

HIGHLIGHTS = (kpis.PICKUP_TOTAL, kpis.TAT, kpis.REPEAT)
FOCUS_AREAS = (
    kpis.PICKUP_TOTAL,
    kpis.UNDELIVERED,
    kpis.UNDELIVERED_OVER_10_DAYS,
    kpis.REPEAT,
)


@dataclass(frozen=True)
class Advice:
    """Two columns; none is ever empty."""

    highlights: tuple[str, ...]
    focus_areas: tuple[str, ...]


def advise(
    readings: Sequence[Reading],
    earlier: StoredDay | None = None,
) -> Advice:
    """Return the sentences that the bands choose; a KPI without data chooses none.

    `earlier` is the stored day a week before, of the same month.
    """
    by_kpi = {}

    for reading in readings:
        by_kpi[reading.kpi] = reading

    highlights = []

    for kpi in HIGHLIGHTS:
        if _is_in(by_kpi, kpi, STRONG):
            highlights.append(by_kpi[kpi])

    weak = []

    for kpi in FOCUS_AREAS:
        if _is_in(by_kpi, kpi, WEAK):
            weak.append(by_kpi[kpi])

    return Advice(
        highlights=tuple(_highlight(reading, earlier) for reading in highlights) or (NO_HIGHLIGHT,),
        focus_areas=tuple(_focus_area(reading, earlier) for reading in weak) or (NO_FOCUS_AREA,),
    )


def a_week_before(
    days: Sequence[StoredDay],
    on: date,
) -> StoredDay | None:
    """Return the stored day a week before `on`; None where a month begins between the two."""
    wanted = on - WEEK
    if wanted not in month_of(on):
        return None

    return next((day for day in days if day.on == wanted), None)


def _is_in(
    by_kpi: Mapping[Kpi, Reading],
    kpi: Kpi,
    bands: frozenset[kpis.Band],
) -> bool:
    return kpi in by_kpi and by_kpi[kpi].band in bands


def _highlight(
    reading: Reading,
    earlier: StoredDay | None,
) -> str:
    value = value_text(reading)

    return f"{reading.kpi.label}: {value}{_change(reading, earlier)}."


def _focus_area(
    reading: Reading,
    earlier: StoredDay | None,
) -> str:
    value = value_text(reading)
    goal = goal_text(reading)

    return f"{reading.kpi.label}: {value}, goal {goal}{_change(reading, earlier)}."


def value_text(reading: Reading) -> str:
    """Return the value as printed; a percentage never looks like a limit that it missed."""
    kpi = reading.kpi

    if kpi.kind is not MetricKind.PERCENT:
        return formatting.figure(reading.value, kpi.kind)

    limits = []

    for _, limit in kpi.limits:
        limits.append(limit * reading.scale)

    return formatting.judged_percent(reading.value, limits)


def goal_text(reading: Reading) -> str:
    """Return from which value on the band is Excellent, on the day of the reading."""
    if reading.kpi.kind is MetricKind.PERCENT:
        return f"{limit_text(reading.goal)} or more"

    if reading.share_of is not None:
        return f"{reading.goal}% of {formatting.count(reading.share_of)} orders or fewer"

    return f"{reading.goal} or fewer" if reading.goal else "none"


def limit_text(value: Value) -> str:
    """Return a limit in per cent as people say it: `82%`, and `30.3%` where it was scaled."""
    return f"{value}%" if value == int(value) else formatting.percent(value)


def _change(
    reading: Reading,
    earlier: StoredDay | None,
) -> str:
    """Return how the value moved in a week, where both are known and differ."""
    before = earlier.metrics.get(reading.kpi.metric) if earlier else None
    if earlier is None or before is None or reading.value is None or before == reading.value:
        return ""

    direction = "up" if reading.value > before else "down"
    shown = formatting.figure(before, reading.kpi.kind)
    if shown == value_text(reading):
        return ""

    return f", {direction} from {shown} on {earlier.on.day} {earlier.on:%b}"
