"""The rows of one store are found, however it was spelled and however many stores there are."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select, text

from lib.db import backlog
from lib.db.codes import is_of
from lib.db.tables import missed_leads, undelivered_orders

ON = date(2025, 11, 14)


@pytest.mark.parametrize("spelled", ["TS48", "ts48", "Ts48"])
def test_a_store_is_found_in_every_spelling_of_its_code(engine, spelled):
    with engine.begin() as connection:
        for code in (spelled, "TS4", "TS488"):
            connection.execute(insert(undelivered_orders).values(order_id="T1", store_code=code))
        found = connection.execute(
            select(undelivered_orders.c.store_code).where(
                is_of(undelivered_orders.c.store_code, "TS48")
            )
        )
        assert found.scalars().all() == [spelled]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(backlog.open_orders("A668", ON), id="open orders"),
        pytest.param(backlog.open_leads("A668", ON), id="open leads"),
        pytest.param(
            select(missed_leads).where(is_of(missed_leads.c.store_code, "A668")), id="leads"
        ),
    ],
)
def test_no_table_is_read_through_for_one_store(engine, query):
    """Told not to, the server does so only where no index serves."""
    sql = query.compile(engine, compile_kwargs={"literal_binds": True}).string
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN {sql}").scalars().all()

    assert [line for line in plan if "Seq Scan" in line] == []
