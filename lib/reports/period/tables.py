"""The tables of weekly and monthly pages, line by line and ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formatting
from lib.domain.values import known, mean
from lib.model import MetricKind
from lib.reports.metrics.counters import Counter, Increment, Total
from lib.reports.metrics.kpis import Band
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.metrics.period_kpis import DayValue, KpiFigures
from lib.reports.period import insights
from lib.reports.period.wording import span

#: Counts of pickups and of orders, not of people.
NEW_PICKUPS = "New customers’ pickups"  # noqa: RUF001 - as it is printed
REPEAT_ORDERS = "Repeat orders"
#: In place of a figure of a day without one.
GAP = "\N{EN DASH}"


@dataclass(frozen=True)
class Tile:
    """One total of the strip and how it moved."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class PeriodKpiRow:
    """One line of the KPI table."""

    label: str
    #: What the value is, and the mean of the running values.
    basis: str
    value: str
    best: str
    best_on: str
    worst: str
    worst_on: str
    band: Band


@dataclass(frozen=True)
class BlockRow:
    """One line of "Day by day" or "Week by week"; the texts are ready to print."""

    label: str
    cells: tuple[str, ...]


def strip(
    now: PeriodFigures,
    then: PeriodFigures,
) -> tuple[Tile, ...]:
    """Return the four counts, each with how it moved since `then`."""
    counts = (
        ("Pickups", Counter.PICKUPS),
        ("Deliveries", Counter.DELIVERIES),
        (NEW_PICKUPS, Counter.NEW_PICKUPS),
        (REPEAT_ORDERS, Counter.REPEAT_ORDERS),
    )

    tiles: list[Tile] = []

    for label, counter in counts:
        total = now.totals[counter]
        note = _tile_note(total, then.totals[counter], then)
        tiles.append(
            Tile(
                label,
                formatting.count(total.value),
                note,
            )
        )

    return tuple(tiles)


def kpi_row(row: KpiFigures) -> PeriodKpiRow:
    """Return one KPI's line."""
    kind = row.kpi.kind
    best, best_on = _value_and_day(row.best, kind)
    worst, worst_on = _value_and_day(row.worst, kind)

    return PeriodKpiRow(
        label=row.kpi.label,
        basis=_basis(row),
        value=formatting.average(row.value, kind),
        best=best,
        best_on=best_on,
        worst=worst,
        worst_on=worst_on,
        band=row.band,
    )


def _basis(row: KpiFigures) -> str:
    """Return what the value is, in small print, with the mean of the portal's running values."""
    if row.value is None or row.first is None or row.last is None:
        return ""

    kind = row.kpi.kind
    parts: list[str] = []

    if kind is MetricKind.COUNT:
        first = formatting.average(row.first.value, kind)
        parts.append(f"{first} on {_short_day(row.first)}")
    elif not row.is_own_rate:
        parts.append(f"month to {_short_day(row.last)}")

    if row.share_of is not None:
        share = (100 * Decimal(row.value) / Decimal(row.share_of)).quantize(Decimal("0.1"))
        parts.append(f"{share}% of {formatting.count(round(row.share_of))}")

    average = formatting.average(row.average, kind)
    parts.append(f"average {average}")

    return "; ".join(parts)


def _short_day(day: DayValue) -> str:
    return f"{day.on.day} {day.on:%b}"


def totals(now: PeriodFigures) -> tuple[tuple[str, str], ...]:
    """Return label and value of the eight totals."""

    def count(counter: Counter) -> str:
        return formatting.count(now.totals[counter].value)

    peak = formatting.NOTHING

    if now.peak:
        on = now.peak.on
        peak = f"{formatting.short_rupees(now.peak.value)} ({on:%a} {on.day} {on:%b})"

    return (
        ("Leads captured", formatting.count(now.leads)),
        ("Pickups", count(Counter.PICKUPS)),
        ("Deliveries", count(Counter.DELIVERIES)),
        (NEW_PICKUPS, count(Counter.NEW_PICKUPS)),
        (REPEAT_ORDERS, count(Counter.REPEAT_ORDERS)),
        ("High-value orders (> 800)", count(Counter.HIGH_VALUE)),
        ("Average revenue/day", formatting.short_rupees(now.revenue_a_day)),
        ("Peak revenue day", peak),
    )


def days(now: PeriodFigures) -> tuple[BlockRow, ...]:
    """Return "Day by day": leads, pickups, deliveries, revenue."""
    rows: list[BlockRow] = []

    for day in now.days:
        label = f"{day.on:%a} {day.on.day} {day.on:%b}"
        cells = (
            GAP if day.leads is None else formatting.count(day.leads),
            _increment(day.pickups),
            _increment(day.deliveries),
            GAP if day.revenue is None else formatting.short_rupees(day.revenue),
        )

        rows.append(BlockRow(label, cells))

    return tuple(rows)


def weeks(blocks: Sequence[PeriodFigures]) -> tuple[BlockRow, ...]:
    """Return "Week by week": revenue, pickups, deliveries, and the rates of exactly these days."""
    rows: list[BlockRow] = []

    for number, block in enumerate(blocks, 1):
        cells = (
            formatting.short_rupees(block.revenue.value),
            formatting.count(block.totals[Counter.PICKUPS].value),
            formatting.count(block.totals[Counter.DELIVERIES].value),
            formatting.percent(block.conversion),
            formatting.percent(block.tat),
        )

        rows.append(BlockRow(f"Week {number}: {span(block.period)}", cells))

    return tuple(rows)


def weekdays(now: PeriodFigures) -> tuple[BlockRow, ...]:
    """Return mean revenue and leads by day of the week, Monday first."""
    rows: list[BlockRow] = []

    for weekday in range(7):
        same_days = []

        for day in now.days:
            if day.on.weekday() == weekday:
                same_days.append(day)

        revenue = mean(known(day.revenue for day in same_days))
        leads = mean(known(day.leads for day in same_days))

        cells = formatting.short_rupees(revenue), formatting.average(leads, MetricKind.COUNT)

        rows.append(BlockRow(f"{same_days[0].on:%A}", cells))

    return tuple(rows)


def _tile_note(
    now: Total,
    before: Total,
    then: PeriodFigures,
) -> str:
    if now.missing:
        days = formatting.counted(len(now.missing), "day")
        return f"without {days}"

    moved = insights.change(now, before)
    if moved is None:
        return f"not compared with {span(then.period)}"

    return insights.worded(moved, then.period)


def _value_and_day(
    day: DayValue | None,
    kind: MetricKind,
) -> tuple[str, str]:
    if day is None:
        return formatting.NOTHING, ""

    return formatting.average(day.value, kind), _short_day(day)


def _increment(step: Increment | None) -> str:
    """Return what a day added: `23`, `23 (13-14 Nov)` after a gap, `0 *` when corrected."""
    if step is None:
        return GAP

    text = formatting.count(step.value)

    if step.days.first != step.days.last:
        text += f" ({span(step.days)})"

    if step.corrected:
        text += " *"

    return text
