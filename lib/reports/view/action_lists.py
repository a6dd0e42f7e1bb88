"""The two lists that the store works through: undelivered orders and missed leads.

Source: docs/reference/domain.md#action-lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib import formatting
from lib.db.backlog import PROMISED_WITHIN
from lib.reports.facts.model import OpenLead, OpenOrder


@dataclass(frozen=True)
class OrderRow:
    """One line of "Undelivered Orders"."""

    order_id: str
    order_date: date | None
    committed_date: date | None
    #: T less the committed date; negative when it is not due yet.
    age_days: int | None
    net_amount: Decimal | None


@dataclass(frozen=True)
class LeadRow:
    """One line of "Missed Leads"; the texts are ready to print."""

    phone: str
    customer_name: str
    pickup_created: str
    pickup_time: str
    source: str
    customer_type: str


def order_rows(
    orders: Iterable[OpenOrder],
    on: date,
) -> tuple[OrderRow, ...]:
    """Return the orders by age at `on`, oldest first.

    Those without an age come last, equals by order id.
    """
    rows = [_order_row(order, on) for order in orders]

    return tuple(sorted(rows, key=_oldest_first))


def total_net_amount(rows: Sequence[OrderRow]) -> Decimal:
    """Return the sum of the amounts that are known, in rupees; 0 for none."""
    known = [row.net_amount for row in rows if row.net_amount is not None]

    return sum(known, Decimal(0))


def lead_rows(leads: Iterable[OpenLead]) -> tuple[LeadRow, ...]:
    """Return the leads by customer type, then by creation.

    What is unknown comes last, equals by phone.
    """
    ordered = sorted(leads, key=_by_type_and_creation)

    return tuple(_lead_row(lead) for lead in ordered)


def _order_row(order: OpenOrder, on: date) -> OrderRow:
    committed_on = order.expected_on

    if committed_on is None and order.ordered_on is not None:
        committed_on = order.ordered_on + PROMISED_WITHIN

    return OrderRow(
        order_id=order.order_id,
        order_date=order.ordered_on,
        committed_date=committed_on,
        age_days=(on - committed_on).days if committed_on else None,
        net_amount=order.net_amount,
    )


def _oldest_first(row: OrderRow) -> tuple[bool, int, str]:
    return row.age_days is None, -(row.age_days or 0), row.order_id


def _lead_row(lead: OpenLead) -> LeadRow:
    return LeadRow(
        phone=lead.phone,
        customer_name=lead.customer_name or formatting.NOTHING,
        pickup_created=_joined(lead.created_on, lead.created_time),
        pickup_time=_joined(lead.pickup_on, lead.pickup_slot),
        source=lead.source or formatting.NOTHING,
        customer_type=lead.customer_type or formatting.NOTHING,
    )


def _joined(
    on: date | None,
    text: str | None,
) -> str:
    """Return day and text with a space between them; N/A when neither is known."""
    day = formatting.day(on) if on else ""
    joined = f"{day} {text or ''}".strip()

    return joined or formatting.NOTHING


def _by_type_and_creation(lead: OpenLead) -> tuple[bool, str, date, str, str]:
    customer_type = lead.customer_type or ""

    return (
        not customer_type,
        customer_type,
        lead.created_on or date.max,
        lead.created_time or "",
        lead.phone,
    )
