"""The two lists that the store works through: undelivered orders, pickup requests without order.

Source: docs/reference/domain.md#action-lists, #what-a-reader-needs-first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lib import formatting
from lib.db.backlog import PROMISED_WITHIN
from lib.domain.headline import LONG_LATE_DAYS, next_day
from lib.domain.values import rupees_of_known
from lib.reports.facts.model import OpenLead, OpenOrder, RowAnswer

MONDAY = 0
#: How long ago a pickup was asked for that a daily lists on every day of the week.
RECENT = timedelta(days=7)

_CREATED = re.compile(r"0?(\d{1,2}:\d\d)(:\d\d)?")
#: `10:00 AM - 12:00 PM`
_SLOT = re.compile(r"(\d{1,2}):(\d\d) ?([AP]M) ?- ?(\d{1,2}):(\d\d) ?([AP]M)", re.IGNORECASE)


@dataclass(frozen=True)
class OrderRow:
    """One line of the undelivered orders."""

    order_id: str
    #: N/A where it is not known.
    phone: str
    order_date: date | None
    committed_date: date | None
    #: T less the committed date; negative when it is not due yet.
    age_days: int | None
    net_amount: Decimal | None
    #: `you said: delivered 28 Nov`; empty where the store did not.
    said: str = ""
    #: What the store typed about it: a customer's data; empty where it did not.
    comment: str = ""
    commented_on: date | None = None

    @property
    def is_late(self) -> bool:
        """True after the committed day; False where no such day is known."""
        return self.age_days is not None and self.age_days > 0


@dataclass(frozen=True)
class LeadRow:
    """One line of the pickup requests without order; the texts are ready to print."""

    phone: str
    customer_name: str
    pickup_created: str
    pickup_time: str
    source: str
    customer_type: str
    #: `you said: became an order 28 Nov`; empty where the store did not.
    said: str = ""
    #: As of OrderRow.
    comment: str = ""
    commented_on: date | None = None


def with_answers(
    rows: Iterable[OrderRow],
    answers: Mapping[str, RowAnswer],
    zone: ZoneInfo,
) -> tuple[OrderRow, ...]:
    """Return the orders with what the store said of them in a form, and on which day of `zone`."""
    found = []

    for row in rows:
        answer = answers.get(row.order_id)
        found.append(replace(row, **_answered(answer, "delivered", zone)) if answer else row)

    return tuple(found)


def leads_with_answers(
    rows: Iterable[LeadRow],
    answers: Mapping[str, RowAnswer],
    zone: ZoneInfo,
) -> tuple[LeadRow, ...]:
    """Return the pickup requests with what the store said of them, as `with_answers`."""
    found = []

    for row in rows:
        answer = answers.get(row.phone)
        found.append(replace(row, **_answered(answer, "became an order", zone)) if answer else row)

    return tuple(found)


def _answered(
    answer: RowAnswer,
    yes: str,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Return the fields of a row that say what the store answered; `yes` is what its tick means."""
    said_on = _day(answer.yes_at, zone)

    return {
        "said": f"you said: {yes} {formatting.short_day(said_on)}" if said_on else "",
        "comment": answer.comment or "",
        "commented_on": _day(answer.commented_at, zone),
    }


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None


def order_rows(
    orders: Iterable[OpenOrder],
    on: date,
) -> tuple[OrderRow, ...]:
    """Return the orders that are late at `on`, dearest first, then the others by what is due first.

    Those without an age come last, equals by order id.
    """
    rows = []

    for order in orders:
        rows.append(_order_row(order, on))

    return tuple(sorted(rows, key=_dearest_late_first))


def long_late(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """Return the orders that are more than LONG_LATE_DAYS late."""
    return [row for row in rows if (row.age_days or 0) > LONG_LATE_DAYS]


def total_net_amount(rows: Sequence[OrderRow]) -> Decimal:
    """Return the sum of the amounts that are known, in rupees; 0 for none."""
    return rupees_of_known(row.net_amount for row in rows)


def lead_rows(leads: Iterable[OpenLead]) -> tuple[LeadRow, ...]:
    """Return the pickup requests, newest first; those without a day come last, equals by phone."""
    by_phone = sorted(leads, key=lambda lead: lead.phone)
    newest_first = sorted(by_phone, key=_created, reverse=True)

    return tuple(_lead_row(lead) for lead in newest_first)


def listed_leads(
    leads: Sequence[OpenLead],
    on: date,
) -> tuple[LeadRow, ...]:
    """Return the rows of the daily list: those of the last seven days, on a Monday all.

    Monday is the day on which the report of `on` is read.
    """
    if next_day(on).weekday() == MONDAY:
        return lead_rows(leads)

    return lead_rows(lead for lead in leads if is_recent(lead, on))


def is_recent(lead: OpenLead, on: date) -> bool:
    """Return True unless the pickup is known to be asked for more than seven days before `on`."""
    return lead.created_on is None or on - lead.created_on <= RECENT


def _order_row(order: OpenOrder, on: date) -> OrderRow:
    committed_on = order.expected_on

    if committed_on is None and order.ordered_on is not None:
        committed_on = order.ordered_on + PROMISED_WITHIN

    return OrderRow(
        order_id=order.order_id,
        phone=order.phone or formatting.NOTHING,
        order_date=order.ordered_on,
        committed_date=committed_on,
        age_days=(on - committed_on).days if committed_on else None,
        net_amount=order.net_amount,
    )


def _dearest_late_first(row: OrderRow) -> tuple[int, Decimal, int, str]:
    age = row.age_days
    if age is None:
        return 2, Decimal(0), 0, row.order_id

    if age <= 0:
        return 1, Decimal(0), -age, row.order_id

    # An amount that is not known is looked at after those that are.
    amount = Decimal(-1) if row.net_amount is None else row.net_amount
    return 0, -amount, -age, row.order_id


def _created(lead: OpenLead) -> tuple[date, str]:
    return lead.created_on or date.min, lead.created_time or ""


def _lead_row(lead: OpenLead) -> LeadRow:
    return LeadRow(
        phone=lead.phone,
        customer_name=lead.customer_name or formatting.NOTHING,
        pickup_created=_joined(lead.created_on, _short_time(lead.created_time or "")),
        pickup_time=_joined(lead.pickup_on, _short_slot(lead.pickup_slot or "")),
        source=lead.source or formatting.NOTHING,
        customer_type=lead.customer_type or formatting.NOTHING,
    )


def _joined(on: date | None, text: str) -> str:
    """Return `14 Nov, 9:17`; N/A when neither is known."""
    day = formatting.short_day(on) if on else ""

    return ", ".join(filter(None, (day, text))) or formatting.NOTHING


def _short_time(text: str) -> str:
    """Return `9:17` for `09:17:32`; what looks otherwise stays as it is."""
    found = _CREATED.fullmatch(text.strip())

    return found[1] if found else text


def _short_slot(text: str) -> str:
    """Return `12` to `2 pm` for `12:00 PM - 02:00 PM`; what looks otherwise stays as it is."""
    found = _SLOT.fullmatch(text.strip())
    if not found:
        return text

    first, first_half = _hour(found[1], found[2]), found[3].lower()
    last, last_half = _hour(found[4], found[5]), found[6].lower()
    begin = first if first_half == last_half else f"{first} {first_half}"

    return f"{begin}\N{EN DASH}{last} {last_half}"


def _hour(hour: str, minute: str) -> str:
    return f"{int(hour)}" if minute == "00" else f"{int(hour)}:{minute}"
