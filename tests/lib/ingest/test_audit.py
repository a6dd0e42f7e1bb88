import json
from dataclasses import replace
from pathlib import Path

import pytest

from lib import ingest
from lib.ingest import Counts, FileCounts, Load, Merge
from lib.model import Bucket, Status

BUCKET = Bucket.UNDELIVERED_ALL
GOOD = Counts(read=10, inserted=3, updated=2, unchanged=1, skipped=3, rejected=1, duplicates=2)


def judged(counts, expected):
    files = {store: FileCounts(each.read, each.read, 0) for store, each in counts.items()}
    merge = Merge(BUCKET, Path("merged.csv"), files, ())
    return ingest.audit(merge, Load(BUCKET, counts), expected)


def test_a_bucket_in_which_every_row_is_accounted_for_is_ok_and_summed():
    verdict = judged({"A668": GOOD, "A817": GOOD}, ["A668", "A817"])

    assert (verdict.status, verdict.findings) == (Status.OK, ())
    assert verdict.counts == {
        "download_total": 20,
        "merged_rows": 16,
        "ingested_rows": 12,
        "inserted": 6,
        "updated": 4,
        "unchanged": 2,
        "skipped": 6,
        "rejected": 2,
        "duplicates": 4,
    }


def test_a_bucket_that_is_empty_in_every_store_is_ok():
    verdict = judged({"A668": Counts(), "A817": Counts()}, ["A668", "A817"])
    assert (verdict.status, set(verdict.counts.values())) == (Status.OK, {0})


def test_a_store_without_a_file_is_an_error_although_the_rows_balance():
    verdict = judged({"A668": GOOD}, ["a668", "A817", "B002"])

    assert verdict.status is Status.ERROR
    assert [(finding.store_code, finding.severity) for finding in verdict.findings] == [
        ("A817", Status.ERROR),
        ("B002", Status.ERROR),
    ]


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(Counts(read=10, inserted=9), id="a row vanished"),
        pytest.param(Counts(read=10, inserted=11), id="a row too many"),
        pytest.param(Counts(read=5, inserted=6, unchanged=-1), id="something is negative"),
        pytest.param(
            Counts(read=5, inserted=3, skipped=2, duplicates=3), id="more duplicates than skipped"
        ),
    ],
)
def test_rows_that_do_not_add_up_are_an_error(counts):
    verdict = judged({"A668": counts}, ["A668"])

    assert verdict.status is Status.ERROR
    assert "unaccounted" in verdict.findings[0].text


@pytest.mark.parametrize(
    ("read", "rejected", "status"),
    [
        pytest.param(1, 1, Status.ERROR, id="all of a small file"),
        pytest.param(6, 5, Status.OK, id="a few of a small file"),
        pytest.param(100, 20, Status.OK, id="a fifth"),
        pytest.param(100, 21, Status.ERROR, id="more than a fifth"),
        pytest.param(0, 0, Status.OK, id="none of none"),
    ],
)
def test_a_file_of_which_too_much_is_rejected_fails_its_store(read, rejected, status):
    counts = Counts(read=read, inserted=read - rejected, rejected=rejected)
    assert judged({"A668": counts}, ["A668"]).status is status


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        pytest.param(Counts(read=9, skipped=9), Status.ERROR, id="every row skipped"),
        pytest.param(
            Counts(read=9, skipped=8, rejected=1), Status.ERROR, id="skipped and rejected"
        ),
        pytest.param(Counts(read=5, skipped=5), Status.OK, id="a few"),
        pytest.param(Counts(read=9, skipped=8, unchanged=1), Status.OK, id="one was taken"),
    ],
)
def test_a_file_of_which_no_row_could_be_taken_fails_its_store(counts, status):
    assert judged({"A668": counts}, ["A668"]).status is status


def test_metrics_are_plain_json_with_every_store():
    metrics = judged({"A817": GOOD, "A668": GOOD}, ["A668", "A817"]).as_metrics()

    assert json.loads(json.dumps(metrics)) == metrics
    assert metrics["status"] == "ok"
    assert metrics["stores"]["A668"] == {
        "read": 10,
        "inserted": 3,
        "updated": 2,
        "unchanged": 1,
        "skipped": 3,
        "rejected": 1,
        "duplicates": 2,
    }


def test_the_verdict_on_a_bucket_is_that_on_all_of_its_batches():
    bad = replace(GOOD, rejected=0)
    whole = judged({"A668": GOOD, "A817": bad, "B002": GOOD}, ["A668", "A817", "B002"])
    batches = [
        judged({"A668": GOOD}, ["A668"]),
        judged({"A817": bad, "B002": GOOD}, ["A817", "B002"]),
    ]

    assert ingest.combined(batches) == whole
    assert ingest.combined(batches[:1]) == batches[0]
