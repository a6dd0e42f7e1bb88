"""Store by store: the lines of the combined report, ready to print, and what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.model import RunRef
from lib.reports import figures, insights, periods
from lib.reports.calendars import before_of
from lib.reports.counters import Counter
from lib.reports.facts import PeriodFacts
from lib.reports.insights import Backlog
from lib.reports.kpis import Health
from lib.reports.period_rows import GAP

UNNAMED = "Unnamed store"
"""Of a store whose name nobody knows: its code appears nowhere on the page (DOMAIN D.5)."""


@dataclass(frozen=True)
class StoreRow:
    """One store in the combined report; the texts are ready to print."""

    name: str
    health: Health
    cells: tuple[str, ...]


def backlog(facts: Sequence[PeriodFacts]) -> Backlog:
    """Add up what is open."""
    orders = [order for store in facts for order in store.open_orders]
    worth = sum((order.net_amount for order in orders if order.net_amount is not None), Decimal(0))
    return Backlog(len(orders), worth, sum(len(store.open_leads) for store in facts))


def store_row(facts: PeriodFacts, run: RunRef) -> StoreRow:
    """Return one store's line of the combined report."""
    now = periods.of_store(facts, facts.period)
    then = periods.of_store(facts, before_of(facts.period, run.pipeline))
    moved, open_now = insights.change(now.revenue, then.revenue), backlog([facts])
    return StoreRow(
        facts.store_name or UNNAMED,
        now.health,
        (
            figures.rupees(now.revenue.value),
            GAP if moved is None else f"{round(moved):+}%".replace("-", "\N{MINUS SIGN}"),
            figures.count(now.totals[Counter.PICKUPS].value),
            figures.count(now.totals[Counter.DELIVERIES].value),
            figures.percent(now.conversion),
            figures.percent(now.tat),
            figures.count(open_now.orders),
            figures.count(open_now.leads),
            f"{len(now.days) - len(now.missing)} of {len(now.days)}",
        ),
    )
