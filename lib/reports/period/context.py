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
from lib.domain.stores import ALL
from lib.model import Bucket, Pipeline, RunRef
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import period_figures
from lib.reports.metrics.kpis import Health
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period import charts, insights, notes, stores, tables
from lib.reports.period.insights import Insights
from lib.reports.period.stores import StoreRow
from lib.reports.period.tables import BlockRow, PeriodKpiRow, Tile
from lib.reports.period.wording import WORDINGS, PeriodWording, before_of, period_text
from lib.reports.view import action_lists
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.chart_data import Chart

#: The store code of the combined report.
#:
#: Source: docs/reference/contract.md#pipelines-and-documents.
ALL_STORES = "All stores"


@dataclass(frozen=True)
class PeriodContext:
    """What the period templates are rendered with."""

    calendar: PeriodWording
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
    kpis: tuple[PeriodKpiRow, ...]
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
    #: The day of the last export of each list, where it is older than the period's last day.
    orders_known_to: date | None = None
    leads_known_to: date | None = None


def store_context(
    facts: PeriodFacts,
    run: RunRef,
    zone: ZoneInfo,
) -> PeriodContext:
    """Return the whole page of one store, signed by `run`."""
    before = before_of(facts.period, run.pipeline)
    now = period_figures.of_store(facts, facts.period)
    then = period_figures.of_store(facts, before)

    return _context([facts], now, then, run, zone)


def combined_context(
    facts: Sequence[PeriodFacts],
    run: RunRef,
    zone: ZoneInfo,
    *,
    absent: Sequence[str] = (),
) -> PeriodContext:
    """Return the whole page of all stores together, signed by `run`.

    `facts` has at least one; `absent` are the names of the stores that have no data.
    """
    period = facts[0].period
    now = period_figures.of_all(facts, period)
    then = period_figures.of_all(facts, before_of(period, run.pipeline))

    return _context(
        facts,
        now,
        then,
        run,
        zone,
        combined=True,
        absent=absent,
    )


def _context(
    facts: Sequence[PeriodFacts],
    now: PeriodFigures,
    then: PeriodFigures,
    run: RunRef,
    zone: ZoneInfo,
    *,
    combined: bool = False,
    absent: Sequence[str] = (),
) -> PeriodContext:
    wording = WORDINGS[run.pipeline]
    weekly = run.pipeline is Pipeline.WEEKLY
    blocks: list[PeriodFigures] = []

    if not weekly:
        weeks = period_figures.blocks(now.period)
        blocks = [period_figures.of_all(facts, week) for week in weeks]

    orders: tuple[OrderRow, ...] = ()
    leads: tuple[LeadRow, ...] = ()
    store_rows: tuple[StoreRow, ...] = ()

    # The combined page has a line for each store in place of the lists
    # (docs/explanation/reports.md).
    if combined:
        store_rows = tuple(stores.store_row(store, run) for store in facts)
    else:
        orders = action_lists.order_rows(facts[0].open_orders, now.period.last)
        leads = action_lists.lead_rows(facts[0].open_leads)

    last_exports = [store.older_lists.get(Bucket.MISSED_LEADS) for store in facts]
    leads_known_to = min((on for on in last_exports if on), default=None)

    return PeriodContext(
        calendar=wording,
        store_code=ALL if combined else facts[0].store_code,
        store_name=ALL_STORES if combined else facts[0].store_name or stores.UNNAMED,
        period=now.period,
        period_text=period_text(now.period, run.pipeline),
        run_id=run.run_id,
        generated_at=run.started_at,
        data_through=max(store.days[-1].on for store in facts),
        read_at=max(store.read_at for store in facts),
        zone=zone,
        health=now.health,
        narrative=notes.narrative(now, then, wording),
        strip=tables.strip(now, then),
        kpis=tuple(tables.kpi_row(row, per_store=combined) for row in now.kpis),
        totals=tables.totals(now),
        blocks=tables.days(now) if weekly else tables.weeks(blocks),
        charts=charts.weekly(now) if weekly else charts.monthly(now, blocks, facts),
        weekdays=() if weekly else tables.weekdays(now),
        insights=insights.insights(
            now,
            then,
            stores.backlog(facts),
        ),
        notes=notes.notes(
            now,
            absent=absent,
            leads_known_to=leads_known_to,
        ),
        stores=store_rows,
        undelivered_orders_rows=orders,
        undelivered_net_amount=action_lists.total_net_amount(orders),
        missed_leads_rows=leads,
        orders_known_to=facts[0].older_lists.get(Bucket.UNDELIVERED_ALL),
        leads_known_to=facts[0].older_lists.get(Bucket.MISSED_LEADS),
    )
