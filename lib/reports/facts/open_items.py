"""The orders and leads that are open as of a day; the SQL is that of `lib.db.backlog`.

Source: docs/reference/domain.md#action-lists.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, or_

from lib.dates import DAY, month_of
from lib.db import backlog
from lib.db.tables import undelivered_orders
from lib.reports.facts.model import CARRIES_UNTIL, OpenLead, OpenOrder


def open_orders(
    connection: Connection,
    store_code: str,
    on: date,
) -> tuple[OpenOrder, ...]:
    """Return the store's undelivered orders as of `on`, in any order."""
    return _orders(connection, backlog.open_orders(store_code, on))


def earlier_orders(
    connection: Connection,
    store_code: str,
    on: date,
) -> tuple[OpenOrder, ...]:
    """Return what was open at the end of the month before and was not delivered by `on`.

    In any order, and with what is on the list of `on` again. None after the tenth of a month.
    Source: docs/reference/domain.md#what-a-reader-needs-first.
    """
    if on.day > CARRIES_UNTIL:
        return ()

    delivered_on = undelivered_orders.c.actual_deliver_on
    not_delivered = or_(delivered_on.is_(None), delivered_on > on)
    query = backlog.open_orders(store_code, month_of(on).first - DAY)

    return _orders(connection, query.where(not_delivered))


def _orders(
    connection: Connection,
    query: Select[Any],
) -> tuple[OpenOrder, ...]:
    orders: list[OpenOrder] = []

    for row in connection.execute(query):
        order_id, ordered_on, expected_on, amount, phone = row
        # By its text: the nearest Decimal of a float has fifty digits.
        net_amount = None if amount is None else Decimal(str(amount))

        orders.append(OpenOrder(order_id, ordered_on, expected_on, net_amount, phone))

    return tuple(orders)


def open_leads(
    connection: Connection,
    store_code: str,
    on: date,
) -> tuple[OpenLead, ...]:
    """Return the store's pickups that were known to be no order as of `on`, in any order."""
    rows = connection.execute(backlog.open_leads(store_code, on))

    found = []

    for row in rows:
        found.append(OpenLead(*row))

    return tuple(found)
