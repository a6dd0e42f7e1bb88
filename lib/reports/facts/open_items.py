"""The orders and leads that are open as of a day; the SQL is that of `lib.db.backlog`.

Source: docs/reference/domain.md#action-lists.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from lib.db import backlog
from lib.reports.facts.model import OpenLead, OpenOrder


def open_orders(
    connection: Connection,
    store_code: str,
    on: date,
) -> tuple[OpenOrder, ...]:
    """Return the store's undelivered orders as of `on`, in any order."""
    orders: list[OpenOrder] = []

    for row in connection.execute(backlog.open_orders(store_code, on)):
        order_id, ordered_on, expected_on, amount = row
        # By its text: the nearest Decimal of a float has fifty digits.
        net_amount = None if amount is None else Decimal(str(amount))

        orders.append(OpenOrder(order_id, ordered_on, expected_on, net_amount))

    return tuple(orders)


def open_leads(
    connection: Connection,
    store_code: str,
    on: date,
) -> tuple[OpenLead, ...]:
    """Return the store's pickups that were known to be no order as of `on`, in any order."""
    rows = connection.execute(backlog.open_leads(store_code, on))

    return tuple(OpenLead(*row) for row in rows)
