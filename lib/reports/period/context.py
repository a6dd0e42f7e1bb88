"""The weekly, monthly and combined report as a value: all that the page shows.

Source: docs/reference/domain.md#weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.dates import Period
from lib.model import Pipeline, RunRef
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import period_figures
from lib.reports.metrics.kpis import Health
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period import (
    charts as period_charts,
)
from lib.reports.period import (
    insights,
    tables,
)
from lib.reports.period import (
    notes as period_notes,
)
from lib.reports.period import (
    stores as period_stores,
)
from lib.reports.period.insights import Insights
from lib.reports.period.stores import StoreRow
from lib.reports.period.tables import BlockRow, KpiRow, Tile
from lib.reports.period.wording import CALENDARS, Calendar, before_of, period_text
from lib.reports.view import action_lists
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.chart_data import Chart

#: The store code of the combined report (docs/reference/contract.md#pipelines-and-documents).
ALL = "ALL"
ALL_STORES = "All stores"


@dataclass(frozen=True)
class PeriodContext:
    """What the period templates are rendered with."""

    calendar: Calendar
    #: For the metadata alone.
    store_code: str
    store_name: str
    period: Period
    period_text: str
    run_id: str
    generated_at: datetime
    #: The last day of the period that is stored for any store.
    data_through: date
    read_at: datetime
    zone: ZoneInfo
    health: Health
    narrative: tuple[str, ...]
    strip: tuple[Tile, ...]
    kpis: tuple[KpiRow, ...]
    totals: tuple[tuple[str, str], ...]
    blocks: tuple[BlockRow, ...]
    charts: tuple[Chart, ...]
    weekdays: tuple[BlockRow, ...]
    insights: Insights
    #: What a reader must know about gaps, corrections and bases.
    notes: tuple[str, ...]
    #: Of the combined report only.
    stores: tuple[StoreRow, ...]
    undelivered_orders_rows: tuple[OrderRow, ...]
    undelivered_net_amount: Decimal
    missed_leads_rows: tuple[LeadRow, ...]


def store_context(facts: PeriodFacts, run: RunRef, zone: ZoneInfo) -> PeriodContext:
    """Decide the whole page of one store."""
    before = before_of(facts.period, run.pipeline)
    now, then = period_figures.of_store(facts, facts.period), period_figures.of_store(facts, before)

    return _context([facts], now, then, run, zone)


def combined_context(
    facts: Sequence[PeriodFacts], run: RunRef, zone: ZoneInfo, *, absent: int = 0
) -> PeriodContext:
    """Decide the whole page of all stores together; `facts` has at least one, and `absent` stores have no data."""
    period = facts[0].period
    now, then = (
        period_figures.of_all(facts, period),
        period_figures.of_all(facts, before_of(period, run.pipeline)),
    )

    return _context(facts, now, then, run, zone, combined=True, absent=absent)


def _context(
    facts: Sequence[PeriodFacts],
    now: PeriodFigures,
    then: PeriodFigures,
    run: RunRef,
    zone: ZoneInfo,
    *,
    combined: bool = False,
    absent: int = 0,
) -> PeriodContext:
    calendar, weekly = CALENDARS[run.pipeline], run.pipeline is Pipeline.WEEKLY
    blocks = (
        []
        if weekly
        else [period_figures.of_all(facts, block) for block in period_figures.blocks(now.period)]
    )

    orders = [] if combined else action_lists.order_rows(facts[0].open_orders, now.period.last)
    return PeriodContext(
        calendar=calendar,
        store_code=ALL if combined else facts[0].store_code,
        store_name=ALL_STORES if combined else facts[0].store_name or period_stores.UNNAMED,
        period=now.period,
        period_text=period_text(now.period, run.pipeline),
        run_id=run.run_id,
        generated_at=run.started_at,
        data_through=max(store.days[-1].on for store in facts),
        read_at=max(store.read_at for store in facts),
        zone=zone,
        health=now.health,
        narrative=period_notes.narrative(now, then, calendar),
        strip=tables.strip(now, then),
        kpis=tuple(tables.kpi_row(row, now, per_store=combined) for row in now.kpis),
        totals=tables.totals(now),
        blocks=tables.days(now) if weekly else tables.weeks(blocks),
        charts=period_charts.weekly(now) if weekly else period_charts.monthly(now, blocks, facts),
        weekdays=() if weekly else tables.weekdays(now),
        insights=insights.insights(now, then, period_stores.backlog(facts)),
        notes=period_notes.notes(now, absent),
        stores=tuple(period_stores.store_row(store, run) for store in facts) if combined else (),
        undelivered_orders_rows=tuple(orders),
        undelivered_net_amount=action_lists.total_net_amount(orders),
        missed_leads_rows=() if combined else action_lists.lead_rows(facts[0].open_leads),
    )
