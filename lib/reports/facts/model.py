"""What the database knows about one store and one day or period: the input of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lib.dates import Period
from lib.domain.values import Value
from lib.model import Bucket

#: The figures of one dashboard row by the names of `lib.model.METRICS`.
Metrics = Mapping[str, Value | None]

#: The last day of a month on which a report carries the undelivered orders of the month before.
CARRIES_UNTIL = 10


@dataclass(frozen=True)
class StoredDay:
    """One stored dashboard row."""

    on: date
    metrics: Metrics


@dataclass(frozen=True)
class OpenOrder:
    """An order without a delivery date."""

    order_id: str
    ordered_on: date | None
    expected_on: date | None
    #: Rupees.
    net_amount: Decimal | None
    #: The customer's, as the portal exports it.
    phone: str | None = None


@dataclass(frozen=True)
class OpenLead:
    """A pickup that did not become an order; the texts are as the portal exports them."""

    phone: str
    customer_name: str | None
    created_on: date | None
    created_time: str | None
    pickup_on: date | None
    pickup_slot: str | None
    source: str | None
    customer_type: str | None


@dataclass(frozen=True)
class RowAnswer:
    """What the store answered about an order or a pickup request in forms that came back."""

    #: When it said yes; aware. None where it did not.
    yes_at: datetime | None = None
    #: As it was typed: a customer's data. None where there is none.
    comment: str | None = None
    #: When the form with the comment came; aware.
    commented_at: datetime | None = None


@dataclass(frozen=True)
class DailyFacts:
    """Everything that the daily report of one store is made of, besides the run that asks."""

    store_code: str
    store_name: str | None
    #: T, the day of the report.
    today: StoredDay
    #: When the dashboard was read; aware.
    read_at: datetime
    #: Pickups of T; None where the export of T was not read.
    leads_captured: int | None
    #: Pickups of the day before T; None while no pickup that old was ever loaded.
    leads_captured_before: int | None
    #: Rows of `undelivered_orders` with order date T; None where the export of T was not read.
    orders_placed: int | None
    #: Those that belong on the list of T, in any order.
    open_orders: tuple[OpenOrder, ...]
    #: Those that belong on the list of T, in any order.
    open_leads: tuple[OpenLead, ...]
    #: The day of a bucket's last export, where neither that of T nor a later one was read.
    older_lists: Mapping[Bucket, date] = field(default_factory=dict)
    #: The stored days from the 1st of the month before on, up to T, oldest first: what T's weekday
    #: usually adds, and how the month before went.
    history: tuple[StoredDay, ...] = ()
    #: On the 1st to the 10th only: what was open on the last day of the month before, is not among
    #: `open_orders` and has not been seen delivered, in any order.
    earlier_orders: tuple[OpenOrder, ...] = ()
    #: Lists of which no export of this store was ever read: that they are empty says nothing.
    unread_lists: frozenset[Bucket] = frozenset()
    #: What the store answered in forms, by order id, and by the phone of a pickup request.
    order_answers: Mapping[str, RowAnswer] = field(default_factory=dict)
    lead_answers: Mapping[str, RowAnswer] = field(default_factory=dict)


@dataclass(frozen=True)
class PeriodFacts:
    """Everything that a weekly or monthly report of one store is made of."""

    store_code: str
    store_name: str | None
    period: Period
    #: Oldest first, up to the period's end, from the 1st of a month on: the one before the month of
    #: that end, or the one in which the period before begins.
    days: tuple[StoredDay, ...]
    #: When the latest of these dashboards was read; aware.
    read_at: datetime
    #: Pickups by their day; days without any may be absent.
    leads: Mapping[date, int]
    #: Open as of the period's end, in any order.
    open_orders: tuple[OpenOrder, ...]
    #: Open as of the period's end, in any order.
    open_leads: tuple[OpenLead, ...]
    #: The day of a bucket's last export, where neither that of the period's last day nor a later
    #: one was read.
    older_lists: Mapping[Bucket, date] = field(default_factory=dict)
    #: Lists of which no export of this store was ever read: that they are empty says nothing.
    unread_lists: frozenset[Bucket] = frozenset()


@dataclass(frozen=True)
class StandingFacts:
    """What the combined report knows about one store."""

    store_name: str | None
    #: Oldest first, the last one inside the period.
    days: tuple[StoredDay, ...]
    #: When the latest of these dashboards was read; aware.
    read_at: datetime
    #: Open as of the period's last day, in any order.
    open_orders: tuple[OpenOrder, ...]
    #: False while no export of the orders was ever read.
    has_orders_list: bool = True
    #: The day of their last export, where neither that of the period's last day nor a later one was
    #: read.
    orders_as_of: date | None = None
