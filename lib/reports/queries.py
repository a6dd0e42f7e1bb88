"""The SQL of the reports: the facts of one store and day (DOMAIN D.2, D.4) and the rows of `documents`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select

from lib.dates import DAY, Period, month_of
from lib.db.tables import documents, missed_leads, store_dashboard_summary, store_master, undelivered_orders
from lib.model import METRICS
from lib.reports.actions import PROMISED_WITHIN
from lib.reports.facts import DailyFacts, OpenLead, OpenOrder, StoredDay

METRIC_NAMES = [metric.name for metric in METRICS]


def daily_facts(connection: Connection, store_code: str, on: date) -> DailyFacts | None:
    """Return what is known about the store at `on`; None when no dashboard is stored for that day.

    The lists keep to the month of `on`: rows of earlier months leave the exports whether or not they were closed, so
    the tables hold them open for ever (DOMAIN B.1, H26).
    """
    days = _stored_days(connection, store_code, on)
    if not days or days[0].dashboard_date != on:
        return None
    stored = days[0]
    return DailyFacts(
        store_code=store_code,
        store_name=stored.store_name,
        today=_stored_day(stored),
        read_at=stored.run_date_time,
        previous=_stored_day(days[1]) if len(days) > 1 else None,
        leads_captured=_leads_of(connection, store_code, on),
        leads_captured_before=_leads_before(connection, store_code, on - DAY),
        orders_placed=_orders_placed(connection, store_code, on),
        open_orders=tuple(_open_order(row) for row in connection.execute(_open_orders(store_code, on))),
        open_leads=tuple(OpenLead(*row) for row in connection.execute(_open_leads(store_code, on))),
    )


def replace_document(connection: Connection, document: Mapping[str, Any]) -> None:
    """Insert a row of `documents` in place of the one that the same run may already have for the same report."""
    same = ["doc_type", "doc_date", *(f"reference_{what}_{number}" for number in (1, 2, 3) for what in ("name", "id"))]
    connection.execute(delete(documents).where(*(documents.c[name] == document[name] for name in same)))
    connection.execute(insert(documents).values(**document))


def _stored_days(connection: Connection, store_code: str, on: date) -> list[Row[Any]]:
    """Return at most two rows: the latest stored day up to `on` and the one before it."""
    summary = store_dashboard_summary
    query = (
        select(
            store_master.c.store_name,
            summary.c.dashboard_date,
            summary.c.run_date_time,
            *(summary.c[name] for name in METRIC_NAMES),
        )
        .join(store_master, summary.c.store_id == store_master.c.id)
        .where(func.upper(store_master.c.store_code) == store_code, summary.c.dashboard_date <= on)
        .order_by(summary.c.dashboard_date.desc())
        .limit(2)
    )
    return list(connection.execute(query))


def _stored_day(row: Row[Any]) -> StoredDay:
    return StoredDay(row.dashboard_date, {name: getattr(row, name) for name in METRIC_NAMES})


def _leads_of(connection: Connection, store_code: str, on: date) -> int:
    leads = missed_leads.c
    query = select(func.count()).where(func.upper(leads.store_code) == store_code, leads.pickup_date == on)
    return connection.execute(query).scalar_one()


def _leads_before(connection: Connection, store_code: str, before: date) -> int | None:
    leads = missed_leads.c
    known = select(func.min(leads.pickup_date)).where(func.upper(leads.store_code) == store_code)
    oldest = connection.execute(known).scalar_one()
    return _leads_of(connection, store_code, before) if oldest and oldest <= before else None


def _orders_placed(connection: Connection, store_code: str, on: date) -> int:
    orders = undelivered_orders.c
    query = select(func.count()).where(func.upper(orders.store_code) == store_code, orders.order_date == on)
    return connection.execute(query).scalar_one()


def _open_orders(store_code: str, on: date) -> Select[Any]:
    """Select undelivered orders committed for the month of `on`; an order without any date stays on the list."""
    orders, month = undelivered_orders.c, month_of(on)
    committed_on = func.coalesce(orders.expected_deliver_on, orders.order_date + PROMISED_WITHIN.days)
    return select(orders.order_id, orders.order_date, orders.expected_deliver_on, orders.net_amount).where(
        func.upper(orders.store_code) == store_code,
        orders.actual_deliver_on.is_(None),
        or_(committed_on.is_(None), committed_on.between(month.first, month.last)),
        or_(orders.order_date.is_(None), orders.order_date <= on),
    )


def _open_order(row: Row[Any]) -> OpenOrder:
    amount = None if row.net_amount is None else Decimal(str(row.net_amount))
    return OpenOrder(row.order_id, row.order_date, row.expected_deliver_on, amount)


def _open_leads(store_code: str, on: date) -> Select[Any]:
    """Select pickups created in the month of `on`, up to it, that are known not to be an order."""
    leads, days = missed_leads.c, Period(month_of(on).first, on)
    return select(
        leads.mobile_number,
        leads.customer_name,
        leads.pickup_created_date,
        leads.pickup_created_time,
        leads.pickup_date,
        leads.pickup_time,
        leads.source,
        leads.customer_type,
    ).where(
        func.upper(leads.store_code) == store_code,
        leads.is_order_placed.is_(False),
        or_(leads.pickup_created_date.is_(None), leads.pickup_created_date.between(days.first, days.last)),
    )
