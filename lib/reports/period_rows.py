"""The tables of weekly and monthly pages, line by line and ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.model import MetricKind
from lib.reports import figures, insights
from lib.reports.counters import Added, Counter, Total
from lib.reports.insights import span
from lib.reports.kpis import Band
from lib.reports.periods import DayValue, KpiFigures, PeriodFigures

GAP = "\N{EN DASH}"


@dataclass(frozen=True)
class Tile:
    """One total of the strip and how it moved."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class KpiRow:
    """One line of the KPI table."""

    label: str
    basis: str
    average: str
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


def strip(now: PeriodFigures, then: PeriodFigures) -> tuple[Tile, ...]:
    """Return revenue and the four counts, each with how it moved since `then`."""
    counts = (
        ("Pickups", Counter.PICKUPS),
        ("Deliveries", Counter.DELIVERIES),
        ("New customers", Counter.NEW_CUSTOMERS),
        ("Repeat customers", Counter.REPEAT_CUSTOMERS),
    )
    revenue = Tile(
        "Revenue", figures.rupees(now.revenue.value), _tile_note(now.revenue, then.revenue, then)
    )
    return (
        revenue,
        *(
            Tile(
                label,
                figures.count(now.totals[it].value),
                _tile_note(now.totals[it], then.totals[it], then),
            )
            for label, it in counts
        ),
    )


def _tile_note(now: Total, before: Total, then: PeriodFigures) -> str:
    if now.missing:
        days = figures.counted(len(now.missing), "day")
        return f"without {days}" if then.stores == 1 else f"{days} incomplete"
    moved = insights.change(now, before)
    return (
        f"not compared with {span(then.period)}"
        if moved is None
        else insights.worded(moved, then.period)
    )


def kpi_row(row: KpiFigures, now: PeriodFigures, *, per_store: bool) -> KpiRow:
    """Return one KPI's line; `per_store` says that counts are those of the average store."""
    kind = row.kpi.kind
    own = {"pickup_conversion_total_pct": now.conversion, "delivery_tat_pct": now.tat}.get(
        row.kpi.key
    )
    basis = "" if own is None else f"these days: {figures.percent(own)}"
    if per_store and kind is MetricKind.COUNT:
        basis = "average store"

    def shown(day: DayValue | None) -> tuple[str, str]:
        return (
            (figures.average(day.value, kind), figures.day(day.on))
            if day
            else (figures.NOTHING, "")
        )

    return KpiRow(
        row.kpi.label,
        basis,
        figures.average(row.average, kind),
        *shown(row.best),
        *shown(row.worst),
        row.band,
    )


def totals(now: PeriodFigures) -> tuple[tuple[str, str], ...]:
    """Return label and value of the eight totals."""

    def count(counter: Counter) -> str:
        return figures.count(now.totals[counter].value)

    peak = (
        f"{figures.rupees(now.peak.value)} ({now.peak.on:%a} {now.peak.on.day} {now.peak.on:%b})"
        if now.peak
        else None
    )
    return (
        ("Leads captured", figures.count(now.leads)),
        ("Pickups", count(Counter.PICKUPS)),
        ("Deliveries", count(Counter.DELIVERIES)),
        ("New customers", count(Counter.NEW_CUSTOMERS)),
        ("Repeat customers", count(Counter.REPEAT_CUSTOMERS)),
        ("High-value orders (> 800)", count(Counter.HIGH_VALUE)),
        ("Average revenue/day", figures.rupees(now.revenue_a_day)),
        ("Peak revenue day", peak or figures.NOTHING),
    )


def days(now: PeriodFigures) -> tuple[BlockRow, ...]:
    """Return "Day by day": leads, pickups, deliveries, revenue."""
    return tuple(
        BlockRow(
            f"{day.on:%a} {day.on.day} {day.on:%b}",
            (
                figures.count(day.leads),
                _added(day.pickups),
                _added(day.deliveries),
                GAP if day.revenue is None else figures.rupees(day.revenue),
            ),
        )
        for day in now.days
    )


def _added(step: Added | None) -> str:
    if step is None:
        return GAP
    covers = "" if step.days.first == step.days.last else f" ({span(step.days)})"
    return f"{figures.count(step.value)}{covers}{' *' if step.corrected else ''}"


def weeks(blocks: Sequence[PeriodFigures]) -> tuple[BlockRow, ...]:
    """Return "Week by week": revenue, pickups, deliveries, and the rates of exactly these days."""
    return tuple(
        BlockRow(
            f"Week {number}: {span(block.period)}",
            (
                figures.rupees(block.revenue.value),
                figures.count(block.totals[Counter.PICKUPS].value),
                figures.count(block.totals[Counter.DELIVERIES].value),
                figures.percent(block.conversion),
                figures.percent(block.tat),
            ),
        )
        for number, block in enumerate(blocks, 1)
    )


def weekdays(now: PeriodFigures) -> tuple[BlockRow, ...]:
    """Mean revenue and leads by day of the week, Monday first."""
    rows = []
    for weekday in range(7):
        days = [day for day in now.days if day.on.weekday() == weekday]
        known = [day.revenue for day in days if day.revenue is not None]
        mean = Decimal(sum(known)) / len(known) if known else None
        leads = Decimal(sum(day.leads for day in days)) / len(days)
        rows.append(
            BlockRow(
                f"{days[0].on:%A}", (figures.rupees(mean), figures.average(leads, MetricKind.COUNT))
            )
        )
    return tuple(rows)
