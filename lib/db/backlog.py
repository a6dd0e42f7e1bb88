"""What was open as of a day: undelivered orders and missed leads, for any past day.

Every row of the two tables has its presence in its store's export, in report dates T:

- `first_seen_on`: the first export that had it; null for a row older than this history.
- `last_seen_on` and `left_on`: the last export that had it and the first that had not; both null
  while it is there.
- `closed_seen_on`: the first export that said delivered or placed.

Exports begin anew with each month, so a presence ends at the latest with the month in which the row
was last seen: what became of it later cannot be known. An earlier presence of a row that came back,
and a pickup that another one replaced, are in the `_history` tables. Why so:
docs/adr/0009-history-of-the-exports.md.

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
from lib.db.tables import PRESENCE_DAYS, ingest_counts, missed_leads, missed_leads_history
from lib.db.tables import undelivered_orders as orders
from lib.db.tables import undelivered_orders_history as orders_history
from lib.model import Bucket

#: What an order without an expected delivery date was promised, counted from its order date.
#:
#: Source: docs/reference/domain.md#action-lists.
PROMISED_WITHIN = timedelta(days=3)
ORDER_COLUMNS = ("order_id", "order_date", "expected_deliver_on", "net_amount", "mobile_no")
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
    """Select ORDER_COLUMNS of the store's orders that were in its export, open at the end of `on`.

    Open is what was not delivered. A delivery after `on` leaves the order open; one that became
    known only later closes it from its own date. `store_code` in upper case; the rows come in no
    order.
    """
    bucket = Bucket.UNDELIVERED_ALL
    presences = _presences(orders, orders_history, ("order_id",), bucket, store_code)

    promised_on = func.coalesce(
        orders.c.expected_deliver_on,
        orders.c.order_date + PROMISED_WITHIN.days,
    )

    was_ordered = or_(orders.c.order_date.is_(None), orders.c.order_date <= on)
    was_not_delivered = or_(
        orders.c.actual_deliver_on.is_(None),
        orders.c.actual_deliver_on > on,
    )

    return (
        select(*(orders.c[name] for name in ORDER_COLUMNS))
        .join(presences, presences.c.order_id == orders.c.order_id)
        .where(
            is_of(orders.c.store_code, store_code),
            was_ordered,
            was_not_delivered,
            _had_appeared(presences, promised_on, on, bucket, store_code),
            _had_not_left(presences, promised_on, on),
        )
    )


def open_leads(store_code: str, on: date) -> Select[Any]:
    """Select LEAD_COLUMNS of the store's pickups that were in its export, open at the end of `on`.

    Open is what was known to be no order. That a lead became an order is known from the first
    export that said so; a lead that was an order when it was first seen was never open. Of a
    customer's pickups the newest by then counts, as it does in an export that was read
    (docs/reference/domain.md#duplicate-precedence). `store_code` in upper case; the rows come in no
    order.
    """
    bucket = Bucket.MISSED_LEADS
    names = (*LEAD_COLUMNS, "is_order_placed", "closed_seen_on")
    presences = _presences(missed_leads, missed_leads_history, names, bucket, store_code)

    created_on = presences.c.pickup_created_date
    newest_first = []

    for name in ("pickup_created_date", "pickup_created_time", "first_seen_on"):
        newest_first.append(presences.c[name].desc().nulls_last())

    there = (
        select(presences)
        .ext(distinct_on(presences.c.mobile_number))
        .where(
            or_(created_on.is_(None), created_on <= on),
            _had_appeared(presences, created_on, on, bucket, store_code),
            _had_not_left(presences, created_on, on),
        )
        .order_by(presences.c.mobile_number, *newest_first)
        .subquery("there")
    )

    first_seen_on, closed_seen_on = there.c.first_seen_on, there.c.closed_seen_on
    was_seen_open = or_(first_seen_on.is_(None), closed_seen_on > first_seen_on)
    was_open = or_(
        there.c.is_order_placed.is_(False),
        and_(closed_seen_on > on, was_seen_open),
    )

    return select(*(there.c[name] for name in LEAD_COLUMNS)).where(was_open)


def _presences(
    now: Table,
    past: Table,
    names: tuple[str, ...],
    bucket: Bucket,
    store_code: str,
) -> Subquery:
    """Select every presence of the store's rows: the names, PRESENCE_DAYS and `ended_on`.

    What is there now was last seen in the newest export.
    """
    seen_on = ingest_counts.c.seen_on
    newest = select(func.max(seen_on)).where(*_is_good_export(bucket, store_code)).scalar_subquery()
    last_seen_on = case((now.c.left_on.is_(None), newest), else_=now.c.last_seen_on)

    columns: list[ColumnElement[Any]] = [now.c[name] for name in names]

    columns += [now.c.first_seen_on, last_seen_on.label("last_seen_on"), now.c.left_on]
    current = select(*columns, null().cast(Date).label("ended_on"))

    past_columns = [past.c[name] for name in (*names, *PRESENCE_DAYS, "ended_on")]

    return union_all(
        current.where(is_of(now.c.store_code, store_code)),
        select(*past_columns).where(is_of(past.c.store_code, store_code)),
    ).subquery("presences")


def _had_appeared(
    presences: Subquery,
    due_on: ColumnElement[Any],
    on: date,
    bucket: Bucket,
    store_code: str,
) -> ColumnElement[bool]:
    """Return a condition: the row had been seen by `on`.

    Or it was due by then and the next export that was read had it.
    """
    seen_on = ingest_counts.c.seen_on
    following = (
        select(func.min(seen_on))
        .where(*_is_good_export(bucket, store_code), seen_on >= on)
        .scalar_subquery()
    )

    first = presences.c.first_seen_on
    return or_(first.is_(None), first <= on, and_(due_on <= on, first <= following))


def _had_not_left(
    presences: Subquery,
    due_on: ColumnElement[Any],
    on: date,
) -> ColumnElement[bool]:
    """Return a condition: no export up to `on` lacked the row.

    And it was last seen (or else due) in the month of `on`.
    """
    month = month_of(on).first
    left_on, ended_on = presences.c.left_on, presences.c.ended_on

    return and_(
        or_(left_on.is_(None), left_on > on),
        or_(ended_on.is_(None), ended_on > on),
        func.coalesce(presences.c.last_seen_on, due_on, month) >= month,
    )


def _is_good_export(bucket: Bucket, store_code: str) -> tuple[ColumnElement[bool], ...]:
    """Only an export that had rows says anything about rows that it has not (lesson 27)."""
    counts = ingest_counts.c
    has_rows = counts.inserted + counts.updated + counts.unchanged > 0

    return counts.bucket == bucket, counts.store_code == store_code, has_rows
