"""What cannot be proven whole lets nothing leave the backlog, in every bucket, and is told."""

from dataclasses import replace
from datetime import date

import pytest

from lib import ingest
from lib.db import backlog
from lib.model import Bucket, Status
from tests.factories.runs import add_run
from tests.lib.ingest.conftest import RUN, csv_of, run_of

ORDERS, LEADS = Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS
NEXT = run_of(date(2025, 11, 15))
TWO = {
    ORDERS: [{"order_no": "T1"}, {"order_no": "T2"}],
    LEADS: [{}, {"id": "1002", "mobile_number": "9000000002"}],
}
OPEN = {ORDERS: backlog.open_orders, LEADS: backlog.open_leads}


@pytest.fixture
def open_rows(engine):
    """Return how many rows of the bucket are open at the end of the second day."""

    def count(bucket):
        with engine.connect() as connection:
            return len(connection.execute(OPEN[bucket]("A668", NEXT.report_on)).all())

    return count


@pytest.fixture
def next_day(engine, export, merge, load):
    """Load two rows, and on the next day what `content` is; return the findings of that."""

    def do(bucket, content, **facts):
        load(bucket, *TWO[bucket])
        add_run(engine, NEXT)
        merged = merge(replace(export(bucket, content), **facts))
        loaded = ingest.load(engine, merged, NEXT)
        return [*merged.findings, *loaded.findings]

    return do


@pytest.mark.parametrize("bucket", [ORDERS, LEADS])
def test_a_row_that_an_export_of_unproven_end_lacks_stays_open(next_day, open_rows, bucket):
    (finding,) = next_day(bucket, csv_of(bucket, TWO[bucket][0]), is_proven_whole=False)

    assert open_rows(bucket) == 2
    assert (finding.severity, finding.store_code, finding.bucket) == (
        Status.WARNING,
        "A668",
        bucket,
    )
    assert "may lack rows: nothing proves its end. What it lacks stays" in finding.text


@pytest.mark.parametrize("bucket", [ORDERS, LEADS])
def test_a_row_that_a_whole_export_lacks_leaves(next_day, open_rows, bucket):
    assert next_day(bucket, csv_of(bucket, TWO[bucket][0])) == []
    assert open_rows(bucket) == 1


@pytest.mark.parametrize(
    "end",
    ["T9,2025-11-", "<b>Fatal error</b>:  Maximum execution time exceeded\n", 'T9,"2025-11-0'],
)
def test_a_file_that_ends_in_no_row_is_not_proven_whole(next_day, open_rows, end):
    findings = next_day(ORDERS, csv_of(ORDERS, TWO[ORDERS][0]) + end)

    assert open_rows(ORDERS) == 2
    assert any("nothing proves its end" in finding.text for finding in findings)


def test_a_bad_row_elsewhere_says_nothing_about_the_end(next_day, open_rows):
    header, row = csv_of(ORDERS, TWO[ORDERS][0]).splitlines()
    next_day(ORDERS, f"{header}\n<b>Notice</b>: odd\n{row}\n")

    assert open_rows(ORDERS) == 1


@pytest.mark.parametrize("bucket", Bucket)
def test_it_is_told_in_every_bucket(export, merge, bucket):
    merged = merge(replace(export(bucket, {}), is_proven_whole=False))

    assert merged.not_proven_whole == {"A668"}
    assert [finding.severity for finding in merged.findings] == [Status.WARNING]


def test_the_other_stores_are_as_they_are(engine, export, merge, stored):
    both = [export(ORDERS, *TWO[ORDERS])]
    rows = [row | {"store_code": "A817"} for row in TWO[ORDERS]]
    both.append(export(ORDERS, *rows, code="A817"))
    ingest.load(engine, merge(*both), RUN)
    add_run(engine, NEXT)

    short = replace(export(ORDERS, TWO[ORDERS][0]), is_proven_whole=False)
    ingest.load(engine, merge(short, export(ORDERS, rows[0], code="A817")), NEXT)
    left = [
        row for row in stored("undelivered_orders", "store_code", "order_id", "left_on") if row[2]
    ]
    assert left == [("A817", "T2", NEXT.report_on)]
