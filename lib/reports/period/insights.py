"""What a week or month shows its owner: what went well, where value was lost, what to do.

Source: docs/reference/domain.md#weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formatting
from lib.dates import Period
from lib.domain.values import rupees_of_known, sale_change
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import kpis
from lib.reports.metrics.counters import Counter, Total
from lib.reports.metrics.kpis import STRONG, WEAK, Kpi
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.metrics.period_kpis import KpiFigures
from lib.reports.period.wording import span

#: How many sentences a column has at most.
MOST = 5
#: Per cent: smaller changes of revenue are not worth a sentence.
NOTABLE = Decimal(1)

#: What to do about a weak KPI.
REVIEWS = {
    kpis.PICKUP_TOTAL: "Audit the missed leads and coach the team on call-backs.",
    kpis.PICKUP_NEW: "Review how first-time customers are greeted and called back.",
    kpis.PICKUP_EXISTING: "Ask regular customers why a pickup was cancelled.",
    kpis.TAT: "Plan the week's capacity so that promised dates hold.",
    kpis.UNDELIVERED: "Meet the team for 10 minutes about the undelivered orders, oldest first.",
    kpis.UNDELIVERED_OVER_10_DAYS: "Call the customers of the oldest orders and agree new dates.",
    kpis.REPEAT: "Send a targeted message to the last 30 repeat buyers.",
}
NO_LEADS = "Coach the team on call-backs; no leads are open."
NO_ORDERS = "Look up the undelivered orders in the portal; none is listed."
#: What a column says that would be empty; each is true of figures that choose no sentence.
NO_HIGHLIGHT = "No KPI is known to be Good or better."
NO_RISK = "No KPI is known to be below Good, and nothing is open."


@dataclass(frozen=True)
class Backlog:
    """What is still open at a period's end."""

    orders: int
    net_amount: Decimal
    leads: int


@dataclass(frozen=True)
class Insights:
    """Three columns of up to 5 sentences, each of which states figures of the page."""

    highlights: tuple[str, ...]
    risks: tuple[str, ...]
    focus: tuple[str, ...]


def backlog(facts: PeriodFacts) -> Backlog:
    """Return what is open at the period's end."""
    rupees = rupees_of_known(order.net_amount for order in facts.open_orders)

    return Backlog(len(facts.open_orders), rupees, len(facts.open_leads))


def insights(
    now: PeriodFigures,
    before: PeriodFigures,
    still_open: Backlog,
) -> Insights:
    """Return the sentences that the figures choose, the most important first."""
    reviews = []

    for row in now.kpis:
        if row.band in WEAK:
            reviews.append(_review(row.kpi, still_open))

    open_items = list(_open_items(still_open))

    highlights = [*_gains(now, before), *_judged(now.kpis, STRONG)]
    risks = [*_losses(now, before), *_judged(now.kpis, WEAK), *open_items]

    return Insights(
        highlights=tuple(highlights[:MOST]) or (NO_HIGHLIGHT,),
        risks=tuple(risks[:MOST]) or (NO_RISK,),
        focus=tuple(reviews[:MOST]),
    )


def change(
    now: Total,
    before: Total,
) -> Decimal | None:
    """Return by how many per cent a total moved.

    None unless both are without gaps and above zero: a percentage of refunds says nothing.
    """
    if now.missing or before.missing:
        return None

    return sale_change(now.value, before.value)


def worded(moved: Decimal, period: Period) -> str:
    """Return a change of so many per cent as `up 12% from 3-9 Nov`."""
    rounded = round(moved)
    if rounded == 0:
        return f"same as {span(period)}"

    direction = "up" if rounded > 0 else "down"
    return f"{direction} {abs(rounded)}% from {span(period)}"


def _gains(
    now: PeriodFigures,
    before: PeriodFigures,
) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved >= NOTABLE:
        against, revenue = span(before.period), formatting.short_rupees(now.revenue.value)
        yield f"Revenue rose {moved:.0f}% against {against}, to {revenue}."

    if now.peak:
        day = f"{now.peak.on:%a} {formatting.day(now.peak.on)}"
        yield f"Best day: {day} with {formatting.short_rupees(now.peak.value)}."

    pickups = now.totals[Counter.NEW_PICKUPS]

    grown = change(pickups, before.totals[Counter.NEW_PICKUPS])
    if grown is not None and grown >= NOTABLE:
        yield f"Pickups of new customers rose {grown:.0f}%, to {formatting.count(pickups.value)}."


def _losses(
    now: PeriodFigures,
    before: PeriodFigures,
) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved <= -NOTABLE:
        against, revenue = span(before.period), formatting.short_rupees(now.revenue.value)
        yield f"Revenue fell {-moved:.0f}% against {against}, to {revenue}."


def _judged(
    rows: Sequence[KpiFigures],
    bands: frozenset[kpis.Band],
) -> Iterator[str]:
    for row in rows:
        if row.band not in bands:
            continue

        value = formatting.average(row.value, row.kpi.kind)
        yield f"{row.kpi.label}: {value} ({row.band})."


def _open_items(still_open: Backlog) -> Iterator[str]:
    if still_open.orders:
        orders = formatting.counted(still_open.orders, "order")
        yield f"{orders} undelivered, worth {formatting.short_rupees(still_open.net_amount)}."

    if still_open.leads:
        yield f"{formatting.counted(still_open.leads, 'lead')} not converted."


def _review(kpi: Kpi, still_open: Backlog) -> str:
    """Return what to do about a weak KPI; open items are spoken of only where there are some."""
    if kpi is kpis.PICKUP_TOTAL and not still_open.leads:
        return NO_LEADS

    if kpi is kpis.UNDELIVERED and not still_open.orders:
        return NO_ORDERS

    return REVIEWS[kpi]
