from datetime import date

import pytest

from lib import ingest
from lib.ingest import Load, Verdict
from lib.model import Bucket, Status

LEADS, REPEAT = Bucket.MISSED_LEADS, Bucket.REPEAT_CUSTOMERS


def test_after_an_ok_audit_the_buckets_files_and_the_merged_one_are_removed(
    export, merge, tmp_path
):
    leads, repeat = export(LEADS, {}), export(REPEAT, {})
    merged = merge(leads)

    assert ingest.cleanup(Verdict(LEADS, Status.OK, {}, {}, ()), merged, [leads, repeat]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["A668-repeat-customers.csv"]


def test_a_second_cleanup_removes_nothing(export, merge):
    leads = export(LEADS, {})
    merged, verdict = merge(leads), Verdict(LEADS, Status.OK, {}, {}, ())

    assert [ingest.cleanup(verdict, merged, [leads]) for _ in range(2)] == [2, 0]


@pytest.mark.parametrize("status", [Status.WARNING, Status.ERROR])
def test_after_any_other_audit_everything_stays(export, merge, status):
    leads = export(LEADS, {})
    merged = merge(leads)

    assert ingest.cleanup(Verdict(LEADS, status, {}, {}, ()), merged, [leads]) == 0
    assert leads.path.exists()
    assert merged.path.exists()


def test_an_empty_bucket_is_cleaned_too(export, merge, tmp_path):
    download = export(REPEAT, "No data available to export.")
    merged = merge(download)
    verdict = ingest.audit(merged, Load(REPEAT, {"A668": ingest.Counts()}), ["A668"])

    assert ingest.cleanup(verdict, merged, [download]) == 2
    assert list(tmp_path.iterdir()) == []


def test_merged_files_that_an_earlier_run_left_behind_the_own_one_go_too(export, merge, tmp_path):
    leads = export(LEADS, {})
    of_this_run = [
        ingest.merge(LEADS, [leads], tmp_path, date(2025, 11, 15), number) for number in (1, 2)
    ]
    for name in (
        "merged_missed_leads_20251115_3.csv",
        "merged_missed_leads_20251115_10.csv",
        "merged_missed_leads_20251114_3.csv",
        "merged_repeat_customers_20251115_3.csv",
        "merged_missed_leads_20251115_copy.csv",
    ):
        (tmp_path / name).touch()

    assert ingest.cleanup(Verdict(LEADS, Status.OK, {}, {}, ()), of_this_run[1], [leads]) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "merged_missed_leads_20251114_3.csv",
        "merged_missed_leads_20251115.csv",
        "merged_missed_leads_20251115_copy.csv",
        "merged_repeat_customers_20251115_3.csv",
    ], "the first one of this run may be kept for a person"
