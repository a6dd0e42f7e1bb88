"""What to do this week or month: which orders to move, whom to call, what the target asks.

Every sentence states figures of the page; what speaks of a list is said only where it has rows.

Source: docs/reference/domain.md#weekly-report, #monthly-report, #what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib import formatting
from lib.domain.headline import Month
from lib.reports.metrics import kpis
from lib.reports.period.insights import REVIEWS
from lib.reports.view.action_lists import OrderRow

#: How many things to do, and how many orders are named.
MOST, NAMED = 5, 4
#: True of figures that choose no action: nothing is late or open, and no KPI is known to be weak.
NO_ACTION = "No action follows from these figures."


@dataclass(frozen=True)
class PeriodAction:
    """One thing to do, and the rows that it is about."""

    text: str
    rows: tuple[str, ...] = ()


def actions(
    month: Month,
    orders: Sequence[OrderRow],
    leads: int,
    focus: Sequence[str],
) -> tuple[PeriodAction, ...]:
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
            more.append(PeriodAction(text))

    return tuple([*found, *more][:MOST]) or (PeriodAction(NO_ACTION),)


def _late_orders(orders: Sequence[OrderRow]) -> Iterator[PeriodAction]:
    late = []

    for order in orders:
        if order.age_days is not None and order.age_days > 0:
            late.append(order)

    if not late:
        return

    dearest = sorted(late, key=_dearest_first)[:NAMED]
    which = "late order" if len(dearest) == 1 else f"{len(dearest)} dearest late orders"
    text = f"Call the customers of the {which} and agree new dates:"

    yield PeriodAction(text, tuple(_named(order) for order in dearest))


def _dearest_first(order: OrderRow) -> tuple[bool, float, int, str]:
    return (
        order.net_amount is None,
        -float(order.net_amount or 0),
        -(order.age_days or 0),
        order.order_id,
    )


def _named(order: OrderRow) -> str:
    amount = formatting.short_rupees(order.net_amount)
    return f"{order.order_id} {amount}, {formatting.counted(order.age_days or 0, 'day')} late"


def _target(month: Month) -> Iterator[PeriodAction]:
    if not month.needed_a_day:
        return

    left = formatting.counted(month.days_left, "day")
    needed = formatting.short_rupees(month.needed_a_day)
    yield PeriodAction(f"To reach the target of {month.on:%B}: sell {needed} a day for {left}.")


def _calls(leads: int) -> Iterator[PeriodAction]:
    if leads:
        yield PeriodAction(f"Call back the {formatting.counted(leads, 'open pickup request')}.")
