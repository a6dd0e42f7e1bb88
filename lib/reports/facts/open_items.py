"""What is open as of a day, as the lists show it; the SQL is `lib.db.backlog`'s.

Source: docs/reference/domain.md#action-lists, #period-figures.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from lib.db import backlog
from lib.reports.facts.model import OpenLead, OpenOrder


def open_orders(connection: Connection, store_code: str, on: date) -> tuple[OpenOrder, ...]:
    """Return the store's undelivered orders as of `on`, in any order."""
    rows = connection.execute(backlog.open_orders(store_code, on))
    return tuple(
        OpenOrder(number, ordered_on, expected_on, _rupees(amount))
        for number, ordered_on, expected_on, amount in rows
    )


def open_leads(connection: Connection, store_code: str, on: date) -> tuple[OpenLead, ...]:
    """Return the store's pickups that were known to be no order as of `on`, in any order."""
    return tuple(OpenLead(*row) for row in connection.execute(backlog.open_leads(store_code, on)))


def _rupees(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
