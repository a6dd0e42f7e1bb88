"""The daily report as a value: all that the page shows, decided here, drawn by the template.

Source: docs/reference/domain.md#daily-report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib import formatting
from lib.dates import month_of
from lib.model import Bucket, RunRef
from lib.reports.daily.snapshot import SnapshotRow, snapshot
from lib.reports.facts.model import DailyFacts, trend_period
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Band, Health, Reading
from lib.reports.view import action_lists, chart_data
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.advice import Advice, a_week_before, advise, goal_text, value_text
from lib.reports.view.chart_data import Chart

REPORT_NAME = "Daily Store Report"
#: Width and height of the charts beside the KPIs.
LARGE_MM, SMALL_MM = (56, 24), (56, 15)


@dataclass(frozen=True)
class DailyKpiRow:
    """One line of "Primary KPIs"."""

    label: str
    basis: str
    value: str
    band: Band
    #: From which value on the band is Excellent.
    goal: str


@dataclass(frozen=True)
class Indicator:
    """One secondary figure, unscored."""

    label: str
    value: str
    basis: str


@dataclass(frozen=True)
class DailyContext:
    """What `templates/daily_report.html` is rendered with."""

    report_name: str
    store_code: str
    store_name: str
    report_on: date
    run_id: str
    #: When the run began: a rebuild for the same run gives the same page.
    generated_at: datetime
    read_at: datetime
    zone: ZoneInfo
    health: Health
    kpis: tuple[DailyKpiRow, ...]
    #: Revenue, conversion and TAT over the 28 days that end with T.
    charts: tuple[Chart, ...]
    secondary: tuple[Indicator, ...]
    snapshot: tuple[SnapshotRow, ...]
    advice: Advice
    undelivered_orders_rows: tuple[OrderRow, ...]
    undelivered_net_amount: Decimal
    undelivered_scope: str
    missed_leads_rows: tuple[LeadRow, ...]
    missed_leads_scope: str


def daily_context(
    facts: DailyFacts,
    run: RunRef,
    zone: ZoneInfo,
) -> DailyContext:
    """Return the whole page of one store and day, signed by `run`."""
    on = facts.today.on
    readings = kpis.read(facts.today.metrics, on)
    orders = action_lists.order_rows(facts.open_orders, on)
    leads = action_lists.lead_rows(facts.open_leads)

    undelivered_scope = f"Committed for {month_of(on).first:%B %Y} and not delivered"
    missed_leads_scope = f"Created from 1 to {formatting.day(on)} and not converted"

    return DailyContext(
        report_name=REPORT_NAME,
        store_code=facts.store_code,
        store_name=facts.store_name or facts.store_code,
        report_on=on,
        run_id=run.run_id,
        generated_at=run.started_at,
        read_at=facts.read_at,
        zone=zone,
        health=kpis.overall_health([reading.band for reading in readings]),
        kpis=tuple(_kpi_row(reading) for reading in readings),
        charts=_charts(facts),
        secondary=_secondary(facts),
        snapshot=snapshot(facts),
        advice=advise(
            readings,
            orders=len(orders),
            leads=len(leads),
            earlier=a_week_before(facts.history, on),
        ),
        undelivered_orders_rows=orders,
        undelivered_net_amount=action_lists.total_net_amount(orders),
        undelivered_scope=undelivered_scope + _as_of(facts, Bucket.UNDELIVERED_ALL),
        missed_leads_rows=leads,
        missed_leads_scope=missed_leads_scope + _as_of(facts, Bucket.MISSED_LEADS),
    )


def _as_of(facts: DailyFacts, bucket: Bucket) -> str:
    """Return what a list's scope says when its export is older than the day of the report."""
    if bucket in facts.unread_lists:
        return ", no export was ever read"

    last_export_on = facts.older_lists.get(bucket)
    if last_export_on is None:
        return ""

    return f", as of {formatting.day(last_export_on)}: no later export was read"


def _kpi_row(reading: Reading) -> DailyKpiRow:
    kpi = reading.kpi

    return DailyKpiRow(
        label=kpi.label,
        basis=_basis(reading),
        value=value_text(reading),
        band=reading.band,
        goal=goal_text(reading),
    )


def _basis(reading: Reading) -> str:
    """Return what the number counts, and by what it was judged where that is no fixed limit."""
    basis = reading.kpi.basis

    if reading.scale != 1:
        return f"{basis}; limits for {formatting.percent(100 * reading.scale)} of the month"

    if reading.share_of is not None and reading.value is not None:
        share = formatting.percent(100 * Decimal(reading.value) / reading.share_of)
        return f"{basis}; {share} of {formatting.count(reading.share_of)} this month"

    return basis


def _charts(facts: DailyFacts) -> tuple[Chart, ...]:
    days = trend_period(facts.today.on)
    revenues = chart_data.revenues(facts.trend, days)
    targets = chart_data.daily_targets(facts.trend, days)

    conversion = chart_data.percentage_trend(
        facts.trend,
        kpis.PICKUP_TOTAL,
        "Pickup conversion",
        days,
        SMALL_MM,
    )

    on_time = chart_data.percentage_trend(
        facts.trend,
        kpis.TAT,
        "Delivery within TAT",
        days,
        SMALL_MM,
    )

    return chart_data.revenue_trend(revenues, targets, LARGE_MM), conversion, on_time


def _secondary(facts: DailyFacts) -> tuple[Indicator, ...]:
    metrics = facts.today.metrics
    return (
        Indicator(
            label="FTD revenue",
            value=formatting.rupees(metrics.get("ftd_revenue")),
            basis="for the day",
        ),
        Indicator(
            label="High-value orders > ₹800",
            value=formatting.count(metrics.get("package_non_pkg_over_800")),
            basis="without a package, month to date",
        ),
        Indicator(
            label="Undelivered snapshot",
            value=formatting.count(facts.orders_placed),
            basis="orders dated this day in the export",
        ),
    )
