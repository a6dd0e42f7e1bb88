"""What a load writes down about itself."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import event

from lib import ingest
from lib.db.tables import COUNTED
from lib.domain.exports import EXPORTS
from lib.ingest import BucketNotLoaded
from lib.ingest.staged_rows import RowBatch, StagedRows
from lib.model import Bucket, Status
from tests.lib.ingest.conftest import RUN, RUN_ON, csv_of, run_of

LEADS, ORDERS, REPEAT = Bucket.MISSED_LEADS, Bucket.UNDELIVERED_ALL, Bucket.REPEAT_CUSTOMERS
KEPT = ("store_code", "line", "file_name", "column_name", "reason", "row_json ->> 'cells'")


def test_the_counts_of_every_store_are_stored_with_the_run(engine, export, merge, stored):
    rows = [{}, {"id": "2", "mobile_number": ""}, {"id": "", "mobile_number": "9000000003"}]
    merged = merge(export(LEADS, *rows), export(LEADS, "No data available to export.", code="A817"))
    result = ingest.load(engine, merged, RUN)

    assert stored("ingest_counts", "store_code", "run_id", "bucket", "seen_on", *COUNTED) == [
        ("A668", RUN.run_id, "missed_leads", RUN.report_on, 3, 1, 0, 0, 1, 1, 0),
        ("A817", RUN.run_id, "missed_leads", RUN.report_on, 0, 0, 0, 0, 0, 0, 0),
    ]
    assert {store: counts.read for store, counts in result.counts.items()} == {"A668": 3, "A817": 0}


def test_the_same_run_again_replaces_its_counts(engine, export, merge, stored):
    merged = merge(export(REPEAT, {}))
    for _ in range(2):
        ingest.load(engine, merged, RUN)

    assert stored("ingest_counts", "store_code", "inserted", "unchanged") == [("A668", 0, 1)]


def test_a_load_of_a_run_without_a_row_stores_nothing(engine, export, merge, stored):
    with pytest.raises(BucketNotLoaded, match="ingest_counts_run_id_fkey"):
        ingest.load(engine, merge(export(REPEAT, {})), run_of(RUN_ON))
    assert stored("repeat_customers", "store_code", "mobile_no") == []


def test_every_rejected_row_is_kept_with_its_place_and_reason(engine, export, merge, stored):
    good, header = csv_of(LEADS, {}), csv_of(LEADS)
    width = header.count(",") + 1
    lines = csv_of(LEADS, {"store_code": "A817"}, {"id": "x"}).removeprefix(header)
    ingest.load(engine, merge(export(LEADS, f"{good}{lines}only,two\n")), RUN)
    found = stored("ingest_rejects", *KEPT)

    assert [row[:5] for row in found] == [
        ("A668", 3, "A668-missed-leads.csv", "store_code", "is another store's"),
        ("A668", 3, "merged_missed_leads_20251115.csv", "pickup_row_id", "is not a number"),
        ("A668", 5, "A668-missed-leads.csv", None, f"has 2 fields where the header has {width}"),
    ]
    assert [bool(row[5]) for row in found] == [True, True, False]
    assert stored("ingest_rejects", "line", "row_json ->> 'line'")[-1] == (5, "only,two\n")


def test_a_row_that_clashes_is_kept_with_the_values_it_would_have_had(
    engine, export, merge, stored
):
    files = [export(LEADS, {"store_code": code}, code=code) for code in ("A668", "A817")]
    ingest.load(engine, merge(*files), RUN)
    ((store, line, _, column, reason, cells),) = stored("ingest_rejects", *KEPT)

    assert (store, line, column, reason) == ("A817", 3, "pickup_row_id", "is another row's already")
    assert '"Example Customer"' in cells


def test_values_that_json_and_copy_escape_are_kept_as_they_were(engine, export, merge, stored):
    note = 'a "quote", a \\ and a\ttab'
    quoted = note.replace('"', '""')
    body = f'id,store_code,mobile_number,special_instruction\nx,A668,9000000001,"{quoted}"\n'
    ingest.load(engine, merge(export(LEADS, body)), RUN)

    assert note in stored("ingest_rejects", "id", "row_json -> 'cells' ->> 10")[0]


@pytest.mark.parametrize(
    ("missing", "severity"),
    [pytest.param(3, Status.OK, id="a few"), pytest.param(8, Status.WARNING, id="many")],
)
def test_a_few_leads_without_an_id_are_told_and_are_no_warning(
    engine, export, merge, missing, severity
):
    rows = [
        {"id": str(n + 1) if n >= missing else "", "mobile_number": f"900000{n:04}"}
        for n in range(100)
    ]
    result = ingest.load(engine, merge(export(LEADS, *rows)), RUN)

    assert {finding.severity for finding in result.findings} == {severity}


def chain_of(stores, bucket, path):
    """A merge of one row of each of so many stores."""
    export = EXPORTS[bucket]
    staged = StagedRows(export, path)
    codes = [f"Z{number}" for number in range(stores)]

    for number, code in enumerate(codes):
        values = {"store_code": code, "pickup_row_id": str(number + 1), "order_date": "2025-11-01"}
        values |= dict.fromkeys(OWN, str(9_000_000_000 + number))
        staged.add(RowBatch([[values.get(name, "") for name in export.names]]))
        staged.end_store()

    counts = {code: ingest.FileCounts(1, 1, 0) for code in codes}
    return ingest.Merge(bucket, path, counts, (), staged=staged)


OWN = ("mobile_number", "mobile_no", "order_id")


@pytest.mark.parametrize("bucket", Bucket)
def test_ten_thousand_stores_cost_as_many_statements_as_one(engine, tmp_path, bucket):
    seen = {}
    for stores in (1, 10_000):
        seen[stores] = []
        listen = partial(lambda statements, *event: statements.append(event[2]), seen[stores])
        merged = chain_of(stores, bucket, tmp_path / "merged.csv")
        event.listen(engine, "before_cursor_execute", listen)
        load = ingest.load(engine, merged, RUN)
        event.remove(engine, "before_cursor_execute", listen)
        verdict = ingest.audit(merged, load, list(merged.counts))
        assert (verdict.status, verdict.counts["ingested_rows"]) == (Status.OK, stores)

    assert seen[1] == seen[10_000]
