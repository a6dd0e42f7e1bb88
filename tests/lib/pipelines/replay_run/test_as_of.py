"""What a run knew is in the copy, row for row, whatever later exports did."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from lib import ingest
from lib.db import scratch
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Download, Pipeline, RunRef
from lib.pipelines.replay_run import as_of_queries
from lib.pipelines.replay_run.as_of_queries import AsOf
from lib.pipelines.replay_run.result import StoredRun
from tests.factories.runs import add_run

MONDAY = date(2025, 11, 10)
FIRST_AT = datetime(2025, 11, 11, 2, tzinfo=UTC)
TABLES = (
    "undelivered_orders",
    "undelivered_orders_history",
    "missed_leads",
    "missed_leads_history",
    "repeat_customers",
    "nonpackage_orders",
    "ingest_counts",
)


def order(number, **changes):
    return {"order_id": f"T{number}", "order_date": MONDAY - timedelta(days=3)} | changes


def lead(number, **changes):
    return {
        "pickup_row_id": number,
        "mobile_number": f"50000000{number:02d}",
        "pickup_created_date": MONDAY,
        "is_order_placed": False,
    } | changes


@pytest.fixture
def load(engine, tmp_path):
    """Load an export of A668 as the daily run of that number of days after MONDAY."""

    def loaded(days, bucket, rows):
        ref = RunRef(
            Pipeline.DAILY,
            f"run-{days}",
            "dev",
            MONDAY + timedelta(days=days),
            FIRST_AT + timedelta(days=days),
        )
        with engine.connect() as connection:
            known = connection.execute(
                text("SELECT 1 FROM pipeline_run_summaries WHERE run_id = :id"), {"id": ref.run_id}
            ).first()
        if not known:
            add_run(engine, ref)
        export = EXPORTS[bucket]
        path = tmp_path / export.file_name("A668")
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, export.names, restval="")
            writer.writeheader()
            writer.writerows({"store_code": "A668"} | row for row in rows)
        merged = ingest.merge(bucket, [Download("A668", bucket, path)], tmp_path, ref.report_on)
        ingest.load(engine, merged, ref)
        merged.release()
        return ref

    return loaded


def dump(engine):
    found = {}
    with engine.connect() as connection:
        for table in TABLES:
            rows = connection.execute(text(f"SELECT to_jsonb(own) - 'id' FROM {table} AS own"))
            found[table] = sorted(map(str, rows.scalars()))
    return found


def test_the_copy_is_the_tables_as_they_were(engine, database, load):
    orders, leads = Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS
    delivered = {"actual_deliver_on": MONDAY}
    load(-1, orders, [order(1), order(2), order(3), order(9)])
    load(-1, leads, [lead(1), lead(2), lead(3), lead(9)])
    # 9 leaves, 4 is new; on both sides of the day that is asked for something is closed.
    load(0, orders, [order(1), order(2, **delivered), order(3), order(4), order(5)])
    run = load(0, leads, [lead(1), lead(2, is_order_placed=True), lead(3), lead(4), lead(5)])
    then = dump(engine)

    # 1 is closed, 5 leaves, 6 is new; the customer of lead 3 asks again; 9 is back.
    again = lead(33, mobile_number="5000000003", pickup_created_date=MONDAY + timedelta(days=1))
    for days in (1, 2):
        load(
            days,
            orders,
            [order(1, **delivered), order(2, **delivered), order(3), order(4), order(6), order(9)],
        )
        load(
            days,
            leads,
            [
                lead(1, is_order_placed=True),
                lead(2, is_order_placed=True),
                again,
                lead(4),
                lead(6),
                lead(9),
            ],
        )
    assert dump(engine) != then

    known = StoredRun(run, "ok", run.started_at + timedelta(hours=1))
    with scratch.schema(engine, database) as inside:
        with engine.connect() as connection:
            source = scratch.real_schema(connection)
        with inside.begin() as connection:
            as_of_queries.copy(connection, AsOf(source, known, ("A668",)), [])
        assert dump(inside) == then
