"""The weekly and monthly report of a store as a value: all that the page shows.

Source: docs/reference/domain.md#weekly-report, #monthly-report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.dates import DAY, Period, month_of
from lib.domain.period_headline import PeriodHeadline
from lib.model import Bucket, Pipeline, RunRef
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import period_figures
from lib.reports.metrics.kpis import Health
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period import actions, charts, headline, insights, key_figures, notes, tables
from lib.reports.period.insights import Insights
from lib.reports.period.tables import BlockRow, PeriodKpiRow, Tile
from lib.reports.period.wording import WORDINGS, PeriodWording, before_of, period_text
from lib.reports.view import action_lists
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.actions import Action
from lib.reports.view.chart_data import Chart
from lib.reports.view.how_to_ask import how_to_ask
from lib.reports.view.key_figures import KeyFigure

#: Of a store without a known name: its code appears nowhere on the page.
#:
#: Source: docs/reference/domain.md#weekly-report.
UNNAMED = "Unnamed store"


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
    #: The last day of the period that is stored.
    data_through: date
    read_at: datetime
    zone: ZoneInfo
    #: What is kept with the report's row.
    headline: PeriodHeadline
    key_figures: tuple[KeyFigure, ...]
    actions: tuple[Action, ...]
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
    undelivered_orders_rows: tuple[OrderRow, ...]
    undelivered_net_amount: Decimal
    missed_leads_rows: tuple[LeadRow, ...]
    #: Where a figure of this page is explained.
    how_to_ask: str
    #: The day of the last export of each list, where it is older than the period's last day.
    orders_known_to: date | None = None
    leads_known_to: date | None = None
    #: Figures that a mailed report said otherwise, a line each.
    restated: tuple[str, ...] = ()


def stored_since(period: Period, pipeline: Pipeline) -> date:
    """Return from which day on `store_context` needs the stored days."""
    before = before_of(period, pipeline).first
    # The picture of the month shows the month before, too.
    last_month = month_of(period.last).first - DAY

    return month_of(min(before, last_month)).first


def store_context(
    facts: PeriodFacts,
    run: RunRef,
    zone: ZoneInfo,
) -> PeriodContext:
    """Return the whole page of one store, signed by `run`."""
    period = facts.period
    wording = WORDINGS[run.pipeline]
    is_weekly = run.pipeline is Pipeline.WEEKLY
    now = period_figures.of_store(facts, period)
    then = period_figures.of_store(facts, before_of(period, run.pipeline))
    name = facts.store_name or UNNAMED
    blocks: list[PeriodFigures] = []

    if not is_weekly:
        blocks = [period_figures.of_store(facts, week) for week in period_figures.blocks(period)]

    orders = action_lists.order_rows(facts.open_orders, period.last)
    leads = action_lists.lead_rows(facts.open_leads)
    leads_known_to = facts.older_lists.get(Bucket.MISSED_LEADS)

    kept = headline.headline(facts, now, then, name)
    judged = insights.insights(now, then, insights.backlog(facts))

    return PeriodContext(
        calendar=wording,
        store_code=facts.store_code,
        store_name=name,
        period=period,
        period_text=period_text(period, run.pipeline),
        run_id=run.run_id,
        generated_at=run.started_at,
        data_through=facts.days[-1].on,
        read_at=facts.read_at,
        zone=zone,
        headline=kept,
        key_figures=key_figures.key_figures(
            kept,
            now,
            orders,
            wording,
        ),
        actions=actions.actions(
            kept.month,
            orders,
            len(leads),
            judged.focus,
        ),
        health=now.health,
        narrative=notes.narrative(now),
        strip=tables.strip(now, then),
        kpis=tuple(tables.kpi_row(row) for row in now.kpis),
        totals=tables.totals(now),
        blocks=tables.days(now) if is_weekly else tables.weeks(blocks),
        charts=charts.weekly(now, facts) if is_weekly else charts.monthly(now, blocks, facts),
        weekdays=() if is_weekly else tables.weekdays(now),
        insights=judged,
        notes=notes.notes(now, leads_known_to),
        undelivered_orders_rows=orders,
        undelivered_net_amount=action_lists.total_net_amount(orders),
        missed_leads_rows=leads,
        how_to_ask=how_to_ask(run.pipeline, period),
        orders_known_to=facts.older_lists.get(Bucket.UNDELIVERED_ALL),
        leads_known_to=leads_known_to,
    )
