"""Rows of the ingest and dashboard tables for the reports; name only what the test is about."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Engine, func, insert, select

from lib.db import tables

READ_AT = datetime(2025, 11, 15, 0, 50, tzinfo=UTC)


def add_store(engine: Engine, code: str = "A668", name: str | None = "RIVERSIDE COLONY") -> None:
    with engine.begin() as connection:
        connection.execute(insert(tables.store_master).values(store_code=code, store_name=name))


def add_day(engine: Engine, on: date, code: str = "A668", **metrics: object) -> None:
    """Store a dashboard of a store that exists already."""
    store = (
        select(tables.store_master.c.id)
        .where(tables.store_master.c.store_code == code)
        .scalar_subquery()
    )
    row = {"store_id": store, "dashboard_date": on, "run_date_time": READ_AT, **metrics}
    with engine.begin() as connection:
        connection.execute(insert(tables.store_dashboard_summary).values(**row))


def add_order(engine: Engine, order_id: str, **columns: object) -> None:
    """Add an order of A668 from 10 November, due on the 13th, not delivered."""
    row = {
        "order_id": order_id,
        "store_code": "A668",
        "order_date": date(2025, 11, 10),
        "expected_deliver_on": date(2025, 11, 13),
        "net_amount": 450.5,
        **columns,
    }
    with engine.begin() as connection:
        connection.execute(insert(tables.undelivered_orders).values(**row))


def add_lead(engine: Engine, phone: str, **columns: object) -> None:
    """Add a lead of A668 created on 12 November that is known not to be an order."""
    with engine.begin() as connection:
        number = connection.execute(
            select(func.count()).select_from(tables.missed_leads)
        ).scalar_one()
        row = {
            "pickup_row_id": number + 1,
            "mobile_number": phone,
            "store_code": "A668",
            "pickup_created_date": date(2025, 11, 12),
            "pickup_created_time": "10:05:00",
            "pickup_date": date(2025, 11, 13),
            "pickup_time": "10:00 AM - 12:00 PM",
            "customer_type": "New",
            "is_order_placed": False,
            **columns,
        }
        connection.execute(insert(tables.missed_leads).values(**row))
