"""What was open as of a day: undelivered orders and missed leads, for any past day.

Every row of the two tables remembers its stay in its store's export, in report dates T:

- `first_seen_on`: the first export that had it; null for a row older than this memory.
- `last_seen_on` and `left_on`: the last export that had it and the first that had not; both null while it is there.
- `closed_seen_on`: the first export that said delivered or placed.

Exports begin anew with each month, so a stay ends at the latest with the month in which the row was
last seen: what became of it later nobody can know. An earlier stay of a row that came back, and a
pickup that another one replaced, are in the `_history` tables; docs/adr/0009 says why.

Source: docs/reference/domain.md#export-windows, #action-lists, lesson 26.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    Table,
    and_,
    case,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from lib.dates import month_of
from lib.db.codes import is_of
from lib.db.tables import STAY, ingest_counts, missed_leads, missed_leads_history
from lib.db.tables import undelivered_orders as orders
from lib.db.tables import undelivered_orders_history as orders_history
from lib.model import Bucket

#: What an order without an expected delivery date was promised, counted from its order date.
#:
#: Source: docs/reference/domain.md#action-lists.
PROMISED_WITHIN = timedelta(days=3)
ORDER_COLUMNS = ("order_id", "order_date", "expected_deliver_on", "net_amount")
LEAD_COLUMNS = (
    "mobile_number",
    "customer_name",
    "pickup_created_date",
    "pickup_created_time",
    "pickup_date",
    "pickup_time",
    "source",
    "customer_type",
)


def open_orders(store_code: str, on: date) -> Select[Any]:
    """Select ORDER_COLUMNS of the store's orders that were in its export and not delivered at the end of `on`.

    A delivery after `on` leaves the order open; one that became known only later closes it from its
    own date. `store_code` in upper case; the rows come in no order.
    """
    stays = _stays(orders, orders_history, ("order_id",), Bucket.UNDELIVERED_ALL, store_code)
    promised_on = func.coalesce(
        orders.c.expected_deliver_on, orders.c.order_date + PROMISED_WITHIN.days
    )

    return (
        select(*(orders.c[name] for name in ORDER_COLUMNS))
        .join(stays, stays.c.order_id == orders.c.order_id)
        .where(
            is_of(orders.c.store_code, store_code),
            or_(orders.c.order_date.is_(None), orders.c.order_date <= on),
            or_(orders.c.actual_deliver_on.is_(None), orders.c.actual_deliver_on > on),
            _had_come(stays, promised_on, on, Bucket.UNDELIVERED_ALL, store_code),
            _had_not_gone(stays, promised_on, on),
        )
    )


def open_leads(store_code: str, on: date) -> Select[Any]:
    """Select LEAD_COLUMNS of the store's pickups that were in its export and known to be no order at the end of `on`.

    That a lead became an order is known from the first export that said so. A lead that was an
    order when it was first seen was never open. Of a customer's pickups the newest by then counts,
    as it does in an export that was read (docs/reference/domain.md#duplicate-precedence).
    `store_code` in upper case; the rows come in no order.
    """
    names = (*LEAD_COLUMNS, "is_order_placed", "closed_seen_on")
    stays = _stays(missed_leads, missed_leads_history, names, Bucket.MISSED_LEADS, store_code)
    created_on = stays.c.pickup_created_date
    newest = [
        stays.c[name].desc().nulls_last()
        for name in ("pickup_created_date", "pickup_created_time", *STAY[:1])
    ]

    there = (
        select(stays)
        .ext(distinct_on(stays.c.mobile_number))
        .where(
            or_(created_on.is_(None), created_on <= on),
            _had_come(stays, created_on, on, Bucket.MISSED_LEADS, store_code),
            _had_not_gone(stays, created_on, on),
        )
        .order_by(stays.c.mobile_number, *newest)
        .subquery("there")
    )

    was_seen_open = or_(
        there.c.first_seen_on.is_(None), there.c.closed_seen_on > there.c.first_seen_on
    )
    return select(*(there.c[name] for name in LEAD_COLUMNS)).where(
        or_(there.c.is_order_placed.is_(False), and_(there.c.closed_seen_on > on, was_seen_open))
    )


def _stays(
    now: Table, past: Table, names: tuple[str, ...], bucket: Bucket, store_code: str
) -> Subquery:
    """Select every stay of the store's rows: the names, STAY and `ended_on`; what is there was last seen just now."""
    seen_on = ingest_counts.c.seen_on
    newest = select(func.max(seen_on)).where(*_is_good_export(bucket, store_code)).scalar_subquery()
    last = case((now.c.left_on.is_(None), newest), else_=now.c.last_seen_on).label("last_seen_on")
    current = [last if name == "last_seen_on" else now.c[name] for name in (*names, *STAY)]

    return union_all(
        select(*current, null().cast(Date).label("ended_on")).where(
            is_of(now.c.store_code, store_code)
        ),
        select(*(past.c[name] for name in (*names, *STAY, "ended_on"))).where(
            is_of(past.c.store_code, store_code)
        ),
    ).subquery("stays")


def _had_come(
    stays: Subquery, due_on: ColumnElement[Any], on: date, bucket: Bucket, store_code: str
) -> ColumnElement[bool]:
    """Say that the row had been seen by `on`, or that it was due by then and the next export that was read had it."""
    seen_on = ingest_counts.c.seen_on
    following = (
        select(func.min(seen_on))
        .where(*_is_good_export(bucket, store_code), seen_on >= on)
        .scalar_subquery()
    )

    first = stays.c.first_seen_on
    return or_(first.is_(None), first <= on, and_(due_on <= on, first <= following))


def _had_not_gone(stays: Subquery, due_on: ColumnElement[Any], on: date) -> ColumnElement[bool]:
    """Say that no export up to `on` lacked the row, and that it was last seen (or else due) in the month of `on`."""
    month = month_of(on).first
    return and_(
        or_(stays.c.left_on.is_(None), stays.c.left_on > on),
        or_(stays.c.ended_on.is_(None), stays.c.ended_on > on),
        func.coalesce(stays.c.last_seen_on, due_on, month) >= month,
    )


def _is_good_export(bucket: Bucket, store_code: str) -> tuple[ColumnElement[bool], ...]:
    """Only an export that had rows says anything about rows that it has not (lesson 27)."""
    counts = ingest_counts.c
    has_rows = counts.inserted + counts.updated + counts.unchanged > 0

    return counts.bucket == bucket, counts.store_code == store_code, has_rows
