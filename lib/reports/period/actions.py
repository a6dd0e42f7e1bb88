"""What to do this week or month: which orders to move, whom to call, what the target asks.

Every sentence states figures of the page; what speaks of a list is said only where it has rows.

Source: docs/reference/domain.md#weekly-report, #monthly-report, #what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib import formatting
from lib.domain.headline import Month
from lib.reports.metrics import kpis
from lib.reports.period.insights import REVIEWS
from lib.reports.view.action_lists import OrderRow
from lib.reports.view.actions import NO_ACTION, Action, call_back, late_order_text

#: How many things to do, and how many orders are named.
MOST, NAMED = 5, 4


def actions(
    month: Month,
    orders: Sequence[OrderRow],
    leads: int,
    focus: Sequence[str],
) -> tuple[Action, ...]:
    """Return what to do, what hurts most first.

    `orders` and `leads` are the rows of the lists, `focus` what the weak KPIs ask for.
    """
    late = list(_late_orders(orders))
    calls = list(_calls(leads))
    said: set[str] = set()

    # What the named orders and the open requests say already.
    if late:
        said.add(REVIEWS[kpis.UNDELIVERED_OVER_10_DAYS])

    if calls:
        said.add(REVIEWS[kpis.PICKUP_TOTAL])

    found = [*late, *_target(month), *calls]
    more = []

    for text in focus:
        if text not in said:
            more.append(Action(text))

    return tuple([*found, *more][:MOST]) or (Action(NO_ACTION),)


def _late_orders(orders: Sequence[OrderRow]) -> Iterator[Action]:
    # Dearest first, as the list has them.
    dearest = [order for order in orders if order.is_late][:NAMED]
    if not dearest:
        return

    which = "late order" if len(dearest) == 1 else f"{len(dearest)} dearest late orders"
    text = f"Call the customers of the {which} and agree new dates:"

    yield Action(text, tuple(_named(order) for order in dearest))


def _named(order: OrderRow) -> str:
    return late_order_text(order.order_id, order.net_amount, order.age_days or 0)


def _target(month: Month) -> Iterator[Action]:
    if not month.needed_a_day:
        return

    left = formatting.counted(month.days_left, "day")
    needed = formatting.short_rupees(month.needed_a_day)
    yield Action(f"To reach the target of {month.on:%B}: sell {needed} a day for {left}.")


def _calls(leads: int) -> Iterator[Action]:
    if leads:
        yield call_back(leads)
