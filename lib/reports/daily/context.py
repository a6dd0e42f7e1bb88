"""The daily report as a value: all that the page shows, decided here, drawn by the template.

Source: docs/reference/domain.md#daily-report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.dates import month_of
from lib.model import Bucket, MetricKind, RunRef
from lib.reports.daily.snapshot import SnapshotRow, snapshot
from lib.reports.facts.model import DailyFacts
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Band, Health, Reading
from lib.reports.view import action_lists, chart_data, formatting
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.advice import Advice, advise
from lib.reports.view.chart_data import Chart

REPORT_NAME = "Daily Store Report"
#: Width and height of the charts beside the KPIs.
LARGE_MM, SMALL_MM = (56, 24), (56, 15)


@dataclass(frozen=True)
class KpiRow:
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
    kpis: tuple[KpiRow, ...]
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


def daily_context(facts: DailyFacts, run: RunRef, zone: ZoneInfo) -> DailyContext:
    """Decide the whole page from what is known about the store and from who asks."""
    readings = kpis.read(facts.today.metrics)
    orders = action_lists.order_rows(facts.open_orders, facts.today.on)
    month = month_of(facts.today.on)

    return DailyContext(
        report_name=REPORT_NAME,
        store_code=facts.store_code,
        store_name=facts.store_name or facts.store_code,
        report_on=facts.today.on,
        run_id=run.run_id,
        generated_at=run.started_at,
        read_at=facts.read_at,
        zone=zone,
        health=kpis.overall_health(readings),
        kpis=tuple(_kpi_row(reading) for reading in readings),
        charts=_charts(facts),
        secondary=_secondary(facts),
        snapshot=snapshot(facts),
        advice=advise(readings),
        undelivered_orders_rows=orders,
        undelivered_net_amount=action_lists.total_net_amount(orders),
        undelivered_scope=f"Committed for {month.first:%B %Y} and not delivered"
        + _as_of(facts.older_lists.get(Bucket.UNDELIVERED_ALL)),
        missed_leads_rows=action_lists.lead_rows(facts.open_leads),
        missed_leads_scope=f"Created from 1 to {formatting.day(facts.today.on)} and not converted"
        + _as_of(facts.older_lists.get(Bucket.MISSED_LEADS)),
    )


def _as_of(last_export_on: date | None) -> str:
    return (
        f", as of {formatting.day(last_export_on)}: no later export was read"
        if last_export_on
        else ""
    )


def _kpi_row(reading: Reading) -> KpiRow:
    kpi = reading.kpi
    return KpiRow(
        kpi.label, kpi.basis, formatting.figure(reading.value, kpi.kind), reading.band, _goal(kpi)
    )


def _goal(kpi: kpis.Kpi) -> str:
    limit = kpi.limits[0][1]
    if kpi.kind is MetricKind.PERCENT:
        return f"{limit}% or more"

    return f"{limit} or fewer" if limit else "none"


def _charts(facts: DailyFacts) -> tuple[Chart, ...]:
    days = chart_data.trend_period(facts.today.on)
    revenues, targets = (
        chart_data.revenues(facts.trend, days),
        chart_data.daily_targets(facts.trend, days),
    )

    return (
        chart_data.revenue_trend(revenues, targets, LARGE_MM),
        chart_data.percentage_trend(
            facts.trend, kpis.PICKUP_TOTAL, "Pickup conversion", days, SMALL_MM
        ),
        chart_data.percentage_trend(facts.trend, kpis.TAT, "Delivery within TAT", days, SMALL_MM),
    )


def _secondary(facts: DailyFacts) -> tuple[Indicator, ...]:
    metrics = facts.today.metrics
    return (
        Indicator("FTD revenue", formatting.rupees(metrics.get("ftd_revenue")), "for the day"),
        Indicator(
            "High-value orders > ₹800",
            formatting.count(metrics.get("package_non_pkg_over_800")),
            "without a package, month to date",
        ),
        Indicator(
            "Undelivered snapshot",
            formatting.count(facts.orders_placed),
            "orders dated this day in the export",
        ),
    )
