"""What to do this morning: whom to call, which orders to move, what the target asks of the day.

Every sentence states figures of the page; what speaks of a list is said only where it has rows.

Source: docs/reference/domain.md#recommendations, #what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lib import formatting
from lib.domain.headline import Headline, LateOrder, next_day
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Kpi
from lib.reports.view.actions import NO_ACTION, Action, call_back, late_order_text

#: Where no figure asks for more.
WORK_THROUGH = "Work through the lists on the next page."


def actions(
    headline: Headline,
    weak: Collection[Kpi],
    *,
    orders: int,
    leads: int,
    is_of_yesterday: bool,
) -> tuple[Action, ...]:
    """Return what to do, what hurts most first; `orders` and `leads` are the rows of the lists."""
    day = "yesterday" if is_of_yesterday else f"on {headline.on:%A}"

    found = [
        *_calls(headline, weak, leads, day),
        *_late_orders(headline, weak, orders),
        *_earlier_orders(headline),
        *_target(headline),
        *_meeting(weak, orders),
        *_message(weak),
    ]

    if not found:
        found.append(Action(WORK_THROUGH if orders or leads else NO_ACTION))

    return tuple(found)


def _calls(
    headline: Headline,
    weak: Collection[Kpi],
    leads: int,
    day: str,
) -> Iterator[Action]:
    new = headline.requests_without_order

    if new:
        who = "1 person who asked" if new == 1 else f"{formatting.count(new)} people who asked"
        has = "has" if new == 1 else "have"
        yield Action(f"Call the {who} for a pickup {day} and {has} no order.")
    elif kpis.PICKUP_TOTAL in weak and leads:
        yield call_back(leads)
    elif kpis.PICKUP_TOTAL in weak:
        yield Action("Coach the team on call-backs; no open pickup requests are listed.")


def _late_orders(
    headline: Headline,
    weak: Collection[Kpi],
    orders: int,
) -> Iterator[Action]:
    named = headline.undelivered.dearest_late if headline.undelivered else ()

    if named:
        text = "Call the customer of the late order and agree a new date by 11:00:"

        if len(named) > 1:
            which = f"{len(named)} dearest late orders"
            text = f"Call the customers of the {which} and agree new dates by 11:00:"

        yield Action(text, tuple(_named(order) for order in named))
    elif not orders and (kpis.UNDELIVERED in weak or kpis.UNDELIVERED_OVER_10_DAYS in weak):
        yield Action("Look up the undelivered orders in the portal; none is listed here.")


def _earlier_orders(headline: Headline) -> Iterator[Action]:
    earlier = headline.undelivered.earlier if headline.undelivered else None
    if earlier is None:
        return

    orders = formatting.counted(earlier.orders, "order")
    until = formatting.short_day(earlier.listed_until)
    rupees = formatting.short_rupees(earlier.rupees)
    is_one = earlier.orders == 1
    which = f"the {orders} listed until {until} is" if is_one else f"which of the {orders}"
    rest = "" if is_one else f" listed until {until} are"

    yield Action(f"Find out {'whether ' if is_one else ''}{which}{rest} still here: {rupees}.")


def _named(order: LateOrder) -> str:
    return late_order_text(order.order_id, order.rupees, order.days_late)


def _target(headline: Headline) -> Iterator[Action]:
    month = headline.month
    needed = month.needed_a_day
    if not needed:
        return

    often = "today" if month.days_left == 1 else f"on each of {month.days_left} days"
    text = f"To reach the target: sell {formatting.short_rupees(needed)} {often}"
    usual = headline.sale.usual_next_day

    if usual is None:
        yield Action(f"{text}.")
        return

    weekday = f"{next_day(headline.on):%A}"
    yield Action(f"{text}; a usual {weekday} here sells {formatting.short_rupees(usual)}.")


def _meeting(weak: Collection[Kpi], orders: int) -> Iterator[Action]:
    if kpis.UNDELIVERED in weak and orders:
        listed = formatting.counted(orders, "undelivered order")
        yield Action(f"Meet the team for 10 minutes about the {listed}.")


def _message(weak: Collection[Kpi]) -> Iterator[Action]:
    if kpis.REPEAT in weak:
        yield Action("Send a targeted message to the last 30 repeat buyers.")
