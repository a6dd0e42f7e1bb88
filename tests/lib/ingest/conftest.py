"""Exports as the portal writes them, and what becomes of them in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lib import ingest
from lib.db.engine import connect
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Download, Pipeline, RunRef
from tests.factories.runs import add_run

RUN_ON = date(2025, 11, 15)


def run_of(seen_on):
    """The daily run that reads what the exports say of `seen_on`."""
    return RunRef(
        Pipeline.DAILY, f"run-{seen_on}", "dev", seen_on, datetime(2025, 11, 15, tzinfo=UTC)
    )


RUN = run_of(date(2025, 11, 14))

LEAD = {
    "id": "1001",
    "mobile_number": "9000000001",
    "pickup_no": "P1",
    "pickup_created_date": "2025-11-03",
    "pickup_created_time": "10:15:00",
    "store_code": "A668",
    "store_name": "RIVERSIDE COLONY",
    "pickup_date": "2025-11-04",
    "pickup_time": "10:00 AM - 12:00 PM",
    "customer_name": "Example Customer",
    "special_instruction": "",
    "source": "WhatsApp",
    "final_source": "WhatsApp",
    "customer_type": "New",
    "is_order_placed": "0",
}
ORDER = {
    "order_no": "T1",
    "order_date": "2025-11-01",
    "store_code": "A668",
    "store_name": "RIVERSIDE COLONY",
    "taxable_amount": "100.00",
    "net_amount": "118.00",
    "service_code": "DC",
    "mobile_no": "9000000001",
    "status": "In Process",
    "customer_id": "C1",
    "expected_deliver_on": "2025-11-05",
    "actual_deliver_on": "",
}
REPEAT = {"Store Code": "A668", "Mobile No.": "9000000001", "Status": "Yes"}
NONPACKAGE = {
    "Store Code": "A668",
    "Store Name": "RIVERSIDE COLONY",
    "Mobile No": "9000000001",
    "Taxable Amount": "1110.00",
    "Order Date": "2025-11-08 15:25:55",
    "Expected Delivery Date": "2025-11-12",
    "Actual Delivery Date": "N/A",
}
CANONICAL = {
    Bucket.MISSED_LEADS: LEAD,
    Bucket.UNDELIVERED_ALL: ORDER,
    Bucket.REPEAT_CUSTOMERS: REPEAT,
    Bucket.NONPACKAGE_ALL: NONPACKAGE,
}


def csv_of(bucket, *changes):
    """The canonical row of the bucket once for each of `changes`, which replace cells of it."""
    rows = [CANONICAL[bucket] | change for change in changes]
    lines = [CANONICAL[bucket].keys(), *(row.values() for row in rows)]
    return "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\n" for line in lines
    )


class Pipe:
    """Rows that come as slowly as somebody writes them into a named pipe."""

    def __init__(self, path):
        self._path = path

    def blocks(self):
        with self._path.open("rb") as pipe:
            while block := pipe.read1():
                yield block


@pytest.fixture(scope="session")
def shared_database(database_server, migrated_template):
    """An engine on one migrated database for all tests here that leave its tables as they are."""
    with database_server.database(migrated_template) as name:
        door = connect(database_server.url_of(name), application_name="tests")
        yield door
        door.dispose()


OTHERS = """
    missed_leads_history undelivered_orders_history ingest_counts ingest_rejects pipeline_run_summaries
    store_master store_dashboard_summary
""".split()


@pytest.fixture
def engine(shared_database):
    """An engine on empty tables, with the row of RUN."""
    tables = ", ".join([*(export.table for export in EXPORTS.values()), *OTHERS])
    with shared_database.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} CASCADE")
    add_run(shared_database, RUN)
    return shared_database


@pytest.fixture
def export(tmp_path):
    """Write a store's file: a body, or changes to the canonical row."""

    def write(bucket, *content, code="A668"):
        body = (
            content[0] if content and not isinstance(content[0], dict) else csv_of(bucket, *content)
        )
        path = tmp_path / EXPORTS[bucket].file_name(code)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return Download(code, bucket, path)

    return write


@pytest.fixture
def merge(tmp_path):
    """Merge downloads of one bucket."""
    return lambda *downloads: ingest.merge(downloads[0].bucket, downloads, tmp_path, RUN_ON)


@pytest.fixture
def load(engine, export, merge):
    """Load a file of store A668 and return its counts.

    `load.findings` are those of the latest load.
    """

    def do(bucket, *content):
        merged = merge(export(bucket, *content))
        result = ingest.load(engine, merged, RUN)
        do.findings = [*merged.findings, *result.findings]
        return result.counts["A668"]

    return do


@pytest.fixture
def stored(engine):
    """Return columns of every row of a table, in the order of the first of them."""

    def rows(table, *columns):
        names = ", ".join(columns)
        with engine.connect() as connection:
            return [
                tuple(row)
                for row in connection.exec_driver_sql(f"SELECT {names} FROM {table} ORDER BY 1, 2")
            ]

    return rows
