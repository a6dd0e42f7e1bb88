"""The SQL of the reports: the facts of a store and a day or period and the rows of `documents`.

Source: docs/reference/domain.md#daily-snapshot, #period-figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from lib.dates import DAY, Period
from lib.db.codes import is_of
from lib.db.tables import documents, ingest_counts, missed_leads, store_master, undelivered_orders
from lib.db.tables import store_dashboard_summary as summary
from lib.model import METRICS, Bucket, Status
from lib.reports.facts import open_items
from lib.reports.facts.model import DailyFacts, PeriodFacts, StoredDay
from lib.reports.view.chart_data import TREND, trend_period

METRIC_NAMES = [metric.name for metric in METRICS]


def daily_facts(connection: Connection, store_code: str, on: date) -> DailyFacts | None:
    """Return what is known about the store at `on`; None when no dashboard is stored for that day."""
    query = _days(store_code).where(summary.c.dashboard_date <= on).limit(TREND.days + 1)

    days = list(connection.execute(query))
    if not days or days[0].dashboard_date != on:
        return None

    stored = days[0]
    return DailyFacts(
        store_code=store_code,
        store_name=stored.store_name,
        today=_stored_day(stored),
        read_at=stored.run_date_time,
        previous=_stored_day(days[1]) if len(days) > 1 else None,
        trend=tuple(
            _stored_day(day) for day in reversed(days) if day.dashboard_date in trend_period(on)
        ),
        leads_captured=_leads_of(connection, store_code, on),
        leads_captured_before=_leads_before(connection, store_code, on - DAY),
        orders_placed=_orders_placed(connection, store_code, on),
        open_orders=open_items.open_orders(connection, store_code, on),
        open_leads=open_items.open_leads(connection, store_code, on),
        older_lists=_older_exports(connection, store_code, on),
    )


def period_facts(
    connection: Connection, store_code: str, period: Period, since: date
) -> PeriodFacts | None:
    """Return what is known about the store's `period`, days from `since` on; None when none of its days is stored."""
    rows = list(
        connection.execute(
            _days(store_code).where(summary.c.dashboard_date.between(since, period.last))
        )
    )
    if not rows or rows[0].dashboard_date < period.first:
        return None

    return PeriodFacts(
        store_code=store_code,
        store_name=rows[0].store_name,
        period=period,
        days=tuple(_stored_day(row) for row in reversed(rows)),
        read_at=rows[0].run_date_time,
        leads=_leads_by_day(connection, store_code, Period(since, period.last)),
        open_orders=open_items.open_orders(connection, store_code, period.last),
        open_leads=open_items.open_leads(connection, store_code, period.last),
    )


def replace_document(connection: Connection, document: Mapping[str, Any]) -> None:
    """Insert a row of `documents` in place of what the same run may already have for the same report.

    A failure takes the place of a failure only: the report that was made before is still on disk,
    and its row says so.
    """
    same = [
        "doc_type",
        "doc_date",
        *(f"reference_{what}_{number}" for number in (1, 2, 3) for what in ("name", "id")),
    ]

    if document["status"] == Status.ERROR:
        same.append("status")

    connection.execute(
        delete(documents).where(*(documents.c[name] == document[name] for name in same))
    )
    connection.execute(insert(documents).values(**document))


def _days(store_code: str) -> Select[Any]:
    """Select the stored days of the store, the latest first."""
    return (
        select(
            store_master.c.store_name,
            summary.c.dashboard_date,
            summary.c.run_date_time,
            *(summary.c[name] for name in METRIC_NAMES),
        )
        .join(store_master, summary.c.store_id == store_master.c.id)
        .where(func.upper(store_master.c.store_code) == store_code)
        .order_by(summary.c.dashboard_date.desc())
    )


def _stored_day(row: Row[Any]) -> StoredDay:
    return StoredDay(row.dashboard_date, {name: getattr(row, name) for name in METRIC_NAMES})


def _leads_of(connection: Connection, store_code: str, on: date) -> int:
    leads = missed_leads.c
    query = select(func.count()).where(is_of(leads.store_code, store_code), leads.pickup_date == on)

    return connection.execute(query).scalar_one()


def _leads_by_day(connection: Connection, store_code: str, days: Period) -> dict[date, int]:
    leads = missed_leads.c
    query = (
        select(leads.pickup_date, func.count())
        .where(
            is_of(leads.store_code, store_code), leads.pickup_date.between(days.first, days.last)
        )
        .group_by(leads.pickup_date)
    )

    return {row[0]: row[1] for row in connection.execute(query)}


def _leads_before(connection: Connection, store_code: str, before: date) -> int | None:
    leads = missed_leads.c
    known = select(func.min(leads.pickup_date)).where(is_of(leads.store_code, store_code))
    oldest = connection.execute(known).scalar_one()

    return _leads_of(connection, store_code, before) if oldest and oldest <= before else None


def _orders_placed(connection: Connection, store_code: str, on: date) -> int:
    orders = undelivered_orders.c
    query = select(func.count()).where(
        is_of(orders.store_code, store_code), orders.order_date == on
    )

    return connection.execute(query).scalar_one()


def _older_exports(connection: Connection, store_code: str, on: date) -> dict[Bucket, date]:
    counts, last = ingest_counts.c, func.max(ingest_counts.c.seen_on)
    buckets = [Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS]
    query = select(counts.bucket, last).where(
        counts.bucket.in_(buckets), counts.store_code == store_code
    )

    return {
        Bucket(row[0]): row[1]
        for row in connection.execute(query.group_by(counts.bucket).having(last < on))
    }
