"""The SQL of the reports: what is known about a store and a day or a period.

Source: docs/reference/domain.md#daily-snapshot, #period-figures.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, or_, select

from lib.dates import DAY, Period, month_of
from lib.db.codes import is_of
from lib.db.tables import ingest_counts, missed_leads, store_master, undelivered_orders
from lib.db.tables import store_dashboard_summary as summary
from lib.model import METRICS, Bucket
from lib.reports.facts import open_items
from lib.reports.facts.model import (
    DailyFacts,
    PeriodFacts,
    StandingFacts,
    StoredDay,
)

METRIC_NAMES = [metric.name for metric in METRICS]


def daily_facts(
    connection: Connection,
    store_code: str,
    on: date,
) -> DailyFacts | None:
    """Return what is known about the store at `on`; None when no dashboard of it is stored."""
    month_before = month_of(month_of(on).first - DAY)
    history = summary.c.dashboard_date.between(month_before.first, on)

    rows = list(connection.execute(_days(store_code).where(history)))

    if not rows or rows[0].dashboard_date != on:
        return None

    latest = rows[0]
    days = []

    for row in rows:
        days.append(_stored_day(row))

    older_lists = _older_exports(connection, store_code, on)

    unread_lists = _unread_lists(connection, store_code)
    unknown_lists = unread_lists.union(older_lists)
    leads: int | None = None

    if Bucket.MISSED_LEADS not in unknown_lists:
        leads = _leads_of(connection, store_code, on)

    open_orders = open_items.open_orders(connection, store_code, on)
    listed = {order.order_id for order in open_orders}
    earlier = open_items.earlier_orders(connection, store_code, on)

    orders_placed: int | None = None

    if Bucket.UNDELIVERED_ALL not in unknown_lists:
        orders_placed = _orders_placed(connection, store_code, on)

    return DailyFacts(
        store_code=store_code,
        store_name=latest.store_name,
        today=days[0],
        read_at=latest.run_date_time,
        leads_captured=leads,
        leads_captured_before=_leads_before(connection, store_code, on - DAY),
        orders_placed=orders_placed,
        open_orders=open_orders,
        open_leads=open_items.open_leads(connection, store_code, on),
        older_lists=older_lists,
        history=tuple(reversed(days)),
        earlier_orders=tuple(order for order in earlier if order.order_id not in listed),
        unread_lists=unread_lists,
    )


def store_names(
    connection: Connection,
    store_codes: Collection[str],
) -> dict[str, str]:
    """Return the names that are known of these stores, by code."""
    code = func.upper(store_master.c.store_code)
    query = select(code, store_master.c.store_name).where(
        code.in_(list(store_codes)),
        store_master.c.store_name.is_not(None),
    )

    found = {}

    for row in connection.execute(query):
        found[row[0]] = row[1]

    return found


def period_facts(
    connection: Connection,
    store_code: str,
    period: Period,
    since: date,
) -> PeriodFacts | None:
    """Return what is known about the store's `period`, with the stored days from `since` on.

    None when no day of the period is stored.
    """
    rows = _rows_of(connection, store_code, period, since)
    if not rows:
        return None

    latest = rows[0]
    return PeriodFacts(
        store_code=store_code,
        store_name=latest.store_name,
        period=period,
        days=tuple(_stored_day(row) for row in reversed(rows)),
        read_at=latest.run_date_time,
        leads=_leads_by_day(
            connection,
            store_code,
            Period(since, period.last),
        ),
        open_orders=open_items.open_orders(connection, store_code, period.last),
        open_leads=open_items.open_leads(connection, store_code, period.last),
        older_lists=_older_exports(connection, store_code, period.last),
        unread_lists=_unread_lists(connection, store_code),
    )


def standing_facts(
    connection: Connection,
    store_code: str,
    period: Period,
    since: date,
) -> StandingFacts | None:
    """Return what the combined report needs of the store, with the stored days from `since` on.

    None when no day of the period is stored.
    """
    rows = _rows_of(connection, store_code, period, since)
    if not rows:
        return None

    orders = Bucket.UNDELIVERED_ALL

    return StandingFacts(
        store_name=rows[0].store_name,
        days=tuple(_stored_day(row) for row in reversed(rows)),
        read_at=rows[0].run_date_time,
        open_orders=open_items.open_orders(connection, store_code, period.last),
        has_orders_list=orders not in _unread_lists(connection, store_code),
        orders_as_of=_older_exports(connection, store_code, period.last).get(orders),
    )


def _rows_of(
    connection: Connection,
    store_code: str,
    period: Period,
    since: date,
) -> list[Row[Any]]:
    """Return the stored days from `since` to the end of the period, the latest first.

    None of them when no day of the period is stored.
    """
    days = summary.c.dashboard_date.between(since, period.last)
    rows = list(connection.execute(_days(store_code).where(days)))

    return rows if rows and rows[0].dashboard_date >= period.first else []


def _days(store_code: str) -> Select[Any]:
    """Select the stored days of the store, the latest first."""
    metrics = [summary.c[name] for name in METRIC_NAMES]

    return (
        select(
            store_master.c.store_name,
            summary.c.dashboard_date,
            summary.c.run_date_time,
            *metrics,
        )
        .join(store_master, summary.c.store_id == store_master.c.id)
        .where(func.upper(store_master.c.store_code) == store_code)
        .order_by(summary.c.dashboard_date.desc())
    )


def _stored_day(row: Row[Any]) -> StoredDay:
    metrics = {}

    for name in METRIC_NAMES:
        metrics[name] = getattr(row, name)

    return StoredDay(row.dashboard_date, metrics)


def _leads_of(
    connection: Connection,
    store_code: str,
    on: date,
) -> int:
    leads = missed_leads.c
    query = select(func.count()).where(
        is_of(leads.store_code, store_code),
        leads.pickup_date == on,
    )

    return connection.execute(query).scalar_one()


def _leads_by_day(
    connection: Connection,
    store_code: str,
    days: Period,
) -> dict[date, int]:
    leads = missed_leads.c
    query = (
        select(leads.pickup_date, func.count())
        .where(
            is_of(leads.store_code, store_code),
            leads.pickup_date.between(days.first, days.last),
        )
        .group_by(leads.pickup_date)
    )

    found = {}

    for row in connection.execute(query):
        found[row[0]] = row[1]

    return found


def _leads_before(
    connection: Connection,
    store_code: str,
    before: date,
) -> int | None:
    """Return the leads of that day; None while no pickup that old was ever loaded."""
    leads = missed_leads.c
    query = select(func.min(leads.pickup_date)).where(is_of(leads.store_code, store_code))

    oldest = connection.execute(query).scalar_one()

    if oldest is None or oldest > before:
        return None

    return _leads_of(connection, store_code, before)


def _orders_placed(
    connection: Connection,
    store_code: str,
    on: date,
) -> int:
    orders = undelivered_orders.c
    query = select(func.count()).where(
        is_of(orders.store_code, store_code),
        orders.order_date == on,
    )

    return connection.execute(query).scalar_one()


def _older_exports(
    connection: Connection,
    store_code: str,
    on: date,
) -> dict[Bucket, date]:
    """Return the day of each list's last export, if neither that of `on` nor a later was read."""
    counts = ingest_counts.c
    last = func.max(counts.seen_on)
    query = (
        select(counts.bucket, last)
        .where(
            counts.bucket.in_([Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS]),
            counts.store_code == store_code,
        )
        .group_by(counts.bucket)
        .having(last < on)
    )

    found = {}

    for row in connection.execute(query):
        found[Bucket(row[0])] = row[1]

    return found


def _unread_lists(
    connection: Connection,
    store_code: str,
) -> frozenset[Bucket]:
    """Return the lists of which neither a row nor an account of an export is kept."""
    tables = {
        Bucket.UNDELIVERED_ALL: undelivered_orders,
        Bucket.MISSED_LEADS: missed_leads,
    }
    found: set[Bucket] = set()

    for bucket, table in tables.items():
        counted = exists().where(
            ingest_counts.c.bucket == bucket,
            ingest_counts.c.store_code == store_code,
        )
        loaded = exists().where(is_of(table.c.store_code, store_code))

        if not connection.execute(select(or_(counted, loaded))).scalar_one():
            found.add(bucket)

    return frozenset(found)
