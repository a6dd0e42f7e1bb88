"""Store by store: the lines of the combined report, ready to print, and what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.model import RunRef
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import period_figures
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.kpis import Health
from lib.reports.period import insights
from lib.reports.period.insights import Backlog
from lib.reports.period.tables import GAP
from lib.reports.period.wording import before_of
from lib.reports.view import formatting

#: Of a store without a known name: its code appears nowhere on the page.
#:
#: Source: docs/reference/domain.md#weekly-report.
UNNAMED = "Unnamed store"


@dataclass(frozen=True)
class StoreRow:
    """One store in the combined report; the texts are ready to print."""

    name: str
    health: Health
    cells: tuple[str, ...]


def backlog(facts: Sequence[PeriodFacts]) -> Backlog:
    """Return what is open at the period's end, of all the stores together."""
    orders = 0
    leads = 0
    net_amount = Decimal(0)

    for store in facts:
        orders += len(store.open_orders)
        leads += len(store.open_leads)

        for order in store.open_orders:
            net_amount += order.net_amount or 0

    return Backlog(orders, net_amount, leads)


def store_row(facts: PeriodFacts, run: RunRef) -> StoreRow:
    """Return one store's line of the combined report."""
    now = period_figures.of_store(facts, facts.period)
    then = period_figures.of_store(facts, before_of(facts.period, run.pipeline))
    moved = insights.change(now.revenue, then.revenue)
    open_now = backlog([facts])

    days = len(now.days)
    stored = days - len(now.missing)

    cells = (
        formatting.short_rupees(now.revenue.value),
        GAP if moved is None else f"{round(moved):+}%".replace("-", "\N{MINUS SIGN}"),
        formatting.count(now.totals[Counter.PICKUPS].value),
        formatting.count(now.totals[Counter.DELIVERIES].value),
        formatting.percent(now.conversion),
        formatting.percent(now.tat),
        formatting.count(open_now.orders),
        formatting.count(open_now.leads),
        f"{stored} of {days}",
    )

    return StoreRow(facts.store_name or UNNAMED, now.health, cells)
