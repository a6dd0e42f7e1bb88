"""The daily report as a value: all that the page shows, decided here, drawn by the template.

Source: docs/reference/domain.md#daily-report, #what-a-reader-needs-first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib import dates, formatting
from lib.dates import DAY, day_of, month_of
from lib.domain.headline import Headline, Missing, next_day
from lib.model import Bucket, RunRef
from lib.reports.daily import charts
from lib.reports.daily.actions import actions
from lib.reports.daily.day_rows import DayRow, day_rows
from lib.reports.daily.key_figures import key_figures
from lib.reports.facts.model import CARRIES_UNTIL, DailyFacts
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import WEAK, Band, Better, Health, Reading
from lib.reports.view import action_lists
from lib.reports.view.action_lists import LeadRow, OrderRow
from lib.reports.view.actions import Action
from lib.reports.view.advice import Advice, a_week_before, advise, limit_text, value_text
from lib.reports.view.chart_data import Chart
from lib.reports.view.headline import headline
from lib.reports.view.how_to_ask import how_to_ask
from lib.reports.view.key_figures import KeyFigure

REPORT_NAME = "Daily Store Report"
#: What the key figures themselves give a reason for.
IN_KEY_FIGURES = frozenset(
    {Missing.SALE, Missing.USUAL_SALE, Missing.MONTH_TO_DATE, Missing.TARGET}
)


@dataclass(frozen=True)
class DailyKpiRow:
    """One line of the marks."""

    label: str
    basis: str
    value: str
    band: Band
    #: From which value on the band is Excellent: `min 82%`, `max 2`, `0`.
    goal: str


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
    #: What is kept with the report, for its mail.
    headline: Headline
    #: The sale, the month, the backlog.
    key_figures: tuple[KeyFigure, ...]
    actions: tuple[Action, ...]
    advice: Advice
    #: `Sat`, over what is usual.
    weekday: str
    day_rows: tuple[DayRow, ...]
    kpis: tuple[DailyKpiRow, ...]
    health: Health
    month_chart: Chart
    #: None without undelivered orders.
    age_chart: Chart | None
    #: What is missing on this page and why, and what the month's turn means.
    notes: tuple[str, ...]
    undelivered_orders_rows: tuple[OrderRow, ...]
    undelivered_net_amount: Decimal
    undelivered_scope: str
    #: Of the month before, on the first days of a month; their fields are numbered on.
    earlier_orders_rows: tuple[OrderRow, ...]
    earlier_net_amount: Decimal
    earlier_listed_until: date
    missed_leads_rows: tuple[LeadRow, ...]
    missed_leads_scope: str
    #: Pickup requests that only Monday's report lists.
    older_leads: int
    #: Where a figure of this page is explained.
    how_to_ask: str


def daily_context(
    facts: DailyFacts,
    run: RunRef,
    zone: ZoneInfo,
) -> DailyContext:
    """Return the whole page of one store and day, signed by `run`."""
    on = facts.today.on
    figures = headline(facts)
    readings = kpis.read(facts.today.metrics, on)
    orders = action_lists.order_rows(facts.open_orders, on)
    earlier = action_lists.order_rows(facts.earlier_orders, on)
    leads = action_lists.listed_leads(facts.open_leads, on)

    # A report that is made late is not about the day before its reader's.
    is_of_yesterday = dates.today(zone, run.started_at) == next_day(on)

    return DailyContext(
        report_name=REPORT_NAME,
        store_code=facts.store_code,
        store_name=figures.store_name,
        report_on=on,
        run_id=run.run_id,
        generated_at=run.started_at,
        read_at=facts.read_at,
        zone=zone,
        headline=figures,
        key_figures=key_figures(figures, is_of_yesterday=is_of_yesterday),
        actions=actions(
            figures,
            {reading.kpi for reading in readings if reading.band in WEAK},
            orders=len(orders),
            leads=len(facts.open_leads),
            is_of_yesterday=is_of_yesterday,
        ),
        advice=advise(readings, earlier=a_week_before(facts.history, on)),
        weekday=f"{on:%a}",
        day_rows=day_rows(facts, figures),
        kpis=tuple(_kpi_row(reading) for reading in readings),
        health=kpis.overall_health([reading.band for reading in readings]),
        month_chart=charts.month(facts, figures),
        age_chart=charts.ages(figures),
        notes=_notes(figures),
        undelivered_orders_rows=action_lists.with_answers(orders, facts.order_answers, zone),
        undelivered_net_amount=action_lists.total_net_amount(orders),
        undelivered_scope=f"Promised for {on:%B %Y}" + _as_of(facts, Bucket.UNDELIVERED_ALL),
        earlier_orders_rows=action_lists.with_answers(earlier, facts.order_answers, zone),
        earlier_net_amount=action_lists.total_net_amount(earlier),
        earlier_listed_until=month_of(on).first - DAY,
        missed_leads_rows=action_lists.leads_with_answers(leads, facts.lead_answers, zone),
        missed_leads_scope=_leads_scope(facts, leads),
        older_leads=len(facts.open_leads) - len(leads),
        how_to_ask=how_to_ask(run.pipeline, day_of(on), facts.store_code),
    )


def _leads_scope(
    facts: DailyFacts,
    listed: tuple[LeadRow, ...],
) -> str:
    """Return from when the listed requests are, and how old the list is."""
    on = facts.today.on
    is_cut = len(listed) < len(facts.open_leads)
    since = on - action_lists.RECENT if is_cut else month_of(on).first

    days = f"Asked for from {formatting.short_day(since)} to {formatting.day(on)}"
    return days + _as_of(facts, Bucket.MISSED_LEADS)


def _as_of(facts: DailyFacts, bucket: Bucket) -> str:
    """Return what a list's scope says when its export is older than the day of the report."""
    if bucket in facts.unread_lists:
        return ", no export was ever read"

    last_export_on = facts.older_lists.get(bucket)
    if last_export_on is None:
        return ""

    return f", as of {formatting.day(last_export_on)}: no later export was read"


def _notes(figures: Headline) -> tuple[str, ...]:
    """Return why something is missing, and what begins anew with a month."""
    said = IN_KEY_FIGURES if figures.undelivered else {*IN_KEY_FIGURES, Missing.UNDELIVERED}
    notes = []

    for what, reason in figures.missing.items():
        if what not in said:
            notes.append(reason)

    if figures.on.day <= CARRIES_UNTIL:
        first = formatting.short_day(month_of(figures.on).first)
        notes.append(f"The portal’s counts and lists began anew on {first}.")  # noqa: RUF001

    return tuple(notes)


def _kpi_row(reading: Reading) -> DailyKpiRow:
    return DailyKpiRow(
        label=reading.kpi.label,
        basis=_basis(reading),
        value=value_text(reading),
        band=reading.band,
        goal=_goal(reading),
    )


def _goal(reading: Reading) -> str:
    """Return the limit of Excellent in the few letters that its column has room for."""
    kpi = reading.kpi

    if kpi.better is Better.HIGHER:
        return f"min {limit_text(reading.goal)}"

    if reading.share_of is not None:
        return f"max {reading.goal}%"

    return f"max {reading.goal}" if reading.goal else "0"


def _basis(reading: Reading) -> str:
    """Return by what a value was judged that is not judged by a fixed limit."""
    if reading.scale != 1:
        return f"goal for {formatting.percent(100 * reading.scale)} of the month"

    if reading.share_of is not None and reading.value is not None:
        share = formatting.percent(100 * Decimal(reading.value) / reading.share_of)
        return f"{share} of {formatting.count(reading.share_of)} this month"

    return ""
