"""The rows of a page's lists: customers' data. Pure.

As the page prints them, but for comments, which are whole here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lib import formatting
from lib.reports.view.action_lists import LeadRow, OrderRow


def orders(rows: Iterable[OrderRow]) -> tuple[Mapping[str, str], ...]:
    """Return the rows of undelivered orders, by the names of their columns."""
    found = []

    for row in rows:
        found.append(
            {
                "order": row.order_id,
                "phone": row.phone,
                "ordered": formatting.day(row.order_date),
                "promised": formatting.day(row.committed_date),
                "days late": formatting.count(row.age_days),
                "net amount": formatting.rupees_and_paise(row.net_amount),
                **_answered(row),
            }
        )

    return tuple(found)


def leads(rows: Iterable[LeadRow]) -> tuple[Mapping[str, str], ...]:
    """Return the rows of pickup requests, by the names of their columns."""
    found = []

    for row in rows:
        found.append(
            {
                "phone": row.phone,
                "customer": row.customer_name,
                "asked for": row.pickup_created,
                "pickup": row.pickup_time,
                "source": row.source,
                "type": row.customer_type,
                **_answered(row),
            }
        )

    return tuple(found)


def _answered(row: OrderRow | LeadRow) -> dict[str, str]:
    """Return what the store said and wrote of the row in forms that came back, as far as it did."""
    found = {}

    if row.said:
        found["form"] = row.said

    if row.comment:
        found["comment"] = f"{formatting.short_day(row.commented_on)}: “{row.comment}”"

    return found
