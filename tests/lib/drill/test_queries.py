"""A scratch database that is made ready: a run of the day is owed, and can mail to nobody."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, insert, select, text

from lib.db import tables
from lib.drill import queries
from lib.model import Pipeline


def make_ready(engine, on, stores=("A668", "TS48")):
    with engine.begin() as connection:
        queries.make_ready(connection, on=on, run_env="local", stores=stores)


def scalars(engine, query):
    with engine.connect() as connection:
        return sorted(connection.execute(query).scalars())


def test_no_address_of_a_person_stays(after_a_morning):
    engine, on = after_a_morning.engine, day_of(after_a_morning)
    with engine.begin() as connection:
        # A mail that was owed when the backup was made.
        connection.execute(text("UPDATE notification_deliveries SET state = 'pending'"))
        assert queries.addresses_of_people(connection) > 0

    make_ready(engine, on)

    with engine.connect() as connection:
        assert queries.addresses_of_people(connection) == 0
    recipients = scalars(engine, select(tables.notification_recipients.c.email_address))
    assert {address.partition("@")[2] for address in recipients} == {"drill.invalid"}


def test_each_report_store_has_a_reader(engine):
    make_ready(engine, date(2025, 11, 14), stores=["TS48"])

    row = tables.notification_recipients.c
    readers = scalars(engine, select(row.email_address).where(row.store_code == "TS48"))
    assert "store-ts48@drill.invalid" in readers


def test_what_was_done_about_the_day_is_forgotten_and_its_rows_stay(after_a_morning):
    engine, on = after_a_morning.engine, day_of(after_a_morning)
    with engine.connect() as connection:
        before = queries.row_counts(connection)

    make_ready(engine, on)

    with engine.connect() as connection:
        after = queries.row_counts(connection)
        assert queries.run_states(connection, on) == (0, 0)
    for name in ("documents", "ingest_counts", "pipeline_run_summaries", "notification_deliveries"):
        assert (before[name] > 0, after[name]) == (True, 0), name
    for name in ("missed_leads", "undelivered_orders", "store_dashboard_summary", "store_master"):
        assert after[name] == before[name] > 0, name


def test_a_run_of_another_day_stays(after_a_morning):
    engine, on = after_a_morning.engine, day_of(after_a_morning)
    run = tables.pipeline_run_summaries
    with engine.begin() as connection:
        columns = [each for each in run.c if each.name not in {"id", "run_id", "pipeline_name"}]
        copied = select(func.concat("w"), func.concat(Pipeline.WEEKLY), *columns)
        names = ["run_id", "pipeline_name", *[each.name for each in columns]]
        connection.execute(insert(run).from_select(names, copied))

    make_ready(engine, on)

    assert scalars(engine, select(run.c.run_id)) == ["w"]


def day_of(chain):
    with chain.engine.connect() as connection:
        return connection.execute(select(tables.pipeline_run_summaries.c.report_date)).scalar_one()
