"""The tables of weekly and monthly pages, line by line and ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.model import MetricKind
from lib.reports.metrics.counters import Added, Counter, Total
from lib.reports.metrics.kpis import Band
from lib.reports.metrics.period_figures import DayValue, KpiFigures, PeriodFigures
from lib.reports.period import insights
from lib.reports.period.insights import span
from lib.reports.view import formatting

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
        "Revenue", formatting.rupees(now.revenue.value), _tile_note(now.revenue, then.revenue, then)
    )
    return (
        revenue,
        *(
            Tile(
                label,
                formatting.count(now.totals[it].value),
                _tile_note(now.totals[it], then.totals[it], then),
            )
            for label, it in counts
        ),
    )


def _tile_note(now: Total, before: Total, then: PeriodFigures) -> str:
    if now.missing:
        days = formatting.counted(len(now.missing), "day")
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
    basis = "" if own is None else f"these days: {formatting.percent(own)}"

    if per_store and kind is MetricKind.COUNT:
        basis = "average store"

    def shown(day: DayValue | None) -> tuple[str, str]:
        return (
            (formatting.average(day.value, kind), formatting.day(day.on))
            if day
            else (formatting.NOTHING, "")
        )

    return KpiRow(
        row.kpi.label,
        basis,
        formatting.average(row.average, kind),
        *shown(row.best),
        *shown(row.worst),
        row.band,
    )


def totals(now: PeriodFigures) -> tuple[tuple[str, str], ...]:
    """Return label and value of the eight totals."""

    def count(counter: Counter) -> str:
        return formatting.count(now.totals[counter].value)

    peak = (
        f"{formatting.rupees(now.peak.value)} ({now.peak.on:%a} {now.peak.on.day} {now.peak.on:%b})"
        if now.peak
        else None
    )

    return (
        ("Leads captured", formatting.count(now.leads)),
        ("Pickups", count(Counter.PICKUPS)),
        ("Deliveries", count(Counter.DELIVERIES)),
        ("New customers", count(Counter.NEW_CUSTOMERS)),
        ("Repeat customers", count(Counter.REPEAT_CUSTOMERS)),
        ("High-value orders (> 800)", count(Counter.HIGH_VALUE)),
        ("Average revenue/day", formatting.rupees(now.revenue_a_day)),
        ("Peak revenue day", peak or formatting.NOTHING),
    )


def days(now: PeriodFigures) -> tuple[BlockRow, ...]:
    """Return "Day by day": leads, pickups, deliveries, revenue."""
    return tuple(
        BlockRow(
            f"{day.on:%a} {day.on.day} {day.on:%b}",
            (
                formatting.count(day.leads),
                _added(day.pickups),
                _added(day.deliveries),
                GAP if day.revenue is None else formatting.rupees(day.revenue),
            ),
        )
        for day in now.days
    )


def _added(step: Added | None) -> str:
    if step is None:
        return GAP

    covers = "" if step.days.first == step.days.last else f" ({span(step.days)})"
    return f"{formatting.count(step.value)}{covers}{' *' if step.corrected else ''}"


def weeks(blocks: Sequence[PeriodFigures]) -> tuple[BlockRow, ...]:
    """Return "Week by week": revenue, pickups, deliveries, and the rates of exactly these days."""
    return tuple(
        BlockRow(
            f"Week {number}: {span(block.period)}",
            (
                formatting.rupees(block.revenue.value),
                formatting.count(block.totals[Counter.PICKUPS].value),
                formatting.count(block.totals[Counter.DELIVERIES].value),
                formatting.percent(block.conversion),
                formatting.percent(block.tat),
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
                f"{days[0].on:%A}",
                (formatting.rupees(mean), formatting.average(leads, MetricKind.COUNT)),
            )
        )

    return tuple(rows)
