"""The SQL of what is open as of a day: undelivered orders and leads that are no order (DOMAIN D.4, D.7)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection, func, or_, select

from lib.dates import Period, month_of
from lib.db.tables import missed_leads, undelivered_orders
from lib.reports.actions import PROMISED_WITHIN
from lib.reports.facts import OpenLead, OpenOrder


def open_orders(connection: Connection, store_code: str, days: Period) -> tuple[OpenOrder, ...]:
    """Return the orders open as of `days.last` that were promised from `days.first` to the end of that month.

    A delivery after `days.last` counts as still open, and an order after it as not there yet. Older promises are left
    out: their rows leave the exports whether or not they were closed, so the tables hold them open for ever (DOMAIN
    B.1, H26). An order without any date stays on the list.
    """
    orders = undelivered_orders.c
    committed_on = func.coalesce(orders.expected_deliver_on, orders.order_date + PROMISED_WITHIN.days)
    query = select(orders.order_id, orders.order_date, orders.expected_deliver_on, orders.net_amount).where(
        func.upper(orders.store_code) == store_code,
        or_(orders.actual_deliver_on.is_(None), orders.actual_deliver_on > days.last),
        or_(committed_on.is_(None), committed_on.between(days.first, month_of(days.last).last)),
        or_(orders.order_date.is_(None), orders.order_date <= days.last),
    )
    return tuple(
        OpenOrder(number, ordered_on, expected_on, _rupees(amount))
        for number, ordered_on, expected_on, amount in connection.execute(query)
    )


def open_leads(connection: Connection, store_code: str, days: Period) -> tuple[OpenLead, ...]:
    """Return the pickups created in `days`, or at an unknown time, that are known not to be an order."""
    leads = missed_leads.c
    query = select(
        leads.mobile_number,
        leads.customer_name,
        leads.pickup_created_date,
        leads.pickup_created_time,
        leads.pickup_date,
        leads.pickup_time,
        leads.source,
        leads.customer_type,
    ).where(
        func.upper(leads.store_code) == store_code,
        leads.is_order_placed.is_(False),
        or_(leads.pickup_created_date.is_(None), leads.pickup_created_date.between(days.first, days.last)),
    )
    return tuple(OpenLead(*row) for row in connection.execute(query))


def _rupees(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
