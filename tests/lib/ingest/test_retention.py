"""Customer files and rejected rows: what their names and ages decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import ingest
from lib.domain.exports import EXPORT_NAME, EXPORTS, MERGED_NAME
from lib.model import Bucket
from lib.pipelines.prune import queries
from lib.removal import FileKind, Seen
from tests.factories.retention import kind_named
from tests.lib.ingest.conftest import RUN

LEADS = Bucket.MISSED_LEADS
NOW = datetime(2025, 12, 31, 21, tzinfo=UTC)
DAYS = 35


def seen(name, age_days, *, is_file=True):
    return Seen(Path(name), 10, int((NOW - timedelta(days=age_days)).timestamp()) * 10**9, is_file)


def kind(days=DAYS):
    return FileKind(
        name="customer files",
        root=Path(),
        setting="DATA_RETENTION_DAYS",
        days=days,
        names={"merged file": MERGED_NAME, "export": EXPORT_NAME},
    )


def old(files, now=NOW, days=DAYS):
    return [found for one in files if (found := kind(days).judge(one, now))]


def gone(*files):
    return [(str(one.seen.path), one.kind, one.age_days) for one in old(files)]


@pytest.mark.parametrize("age_days", [35, 36])
@pytest.mark.parametrize("bucket", Bucket)
def test_the_files_of_every_bucket_go_after_their_days(bucket, age_days):
    export = EXPORTS[bucket].file_name("A668")
    merged = [EXPORTS[bucket].merged_name(date(2025, 11, 20), number) for number in (1, 12)]

    assert gone(*(seen(name, age_days) for name in (export, *merged))) == [
        (export, "export", age_days),
        (merged[0], "merged file", age_days),
        (merged[1], "merged file", age_days),
    ] * (age_days > DAYS)


@pytest.mark.parametrize(
    ("name", "age_days", "expected"),
    [
        pytest.param(
            "merged_missed_leads_20251220.csv", 300, [], id="its-name-says-that-it-is-young"
        ),
        pytest.param("merged_missed_leads_20250101.csv", 3, [], id="copied-back-lately"),
        pytest.param(
            "merged_missed_leads_20251126.csv",
            300,
            [("merged_missed_leads_20251126.csv", "merged file", 35)],
            id="the-younger-of-both-counts",
        ),
        pytest.param(
            "merged_missed_leads_20251399.csv",
            36,
            [("merged_missed_leads_20251399.csv", "merged file", 36)],
            id="a-day-that-is-none",
        ),
        pytest.param(
            ".A668-missed-leads.csv.part",
            1.1,
            [(".A668-missed-leads.csv.part", "unfinished export", 1)],
            id="leftover",
        ),
        pytest.param(".A668-missed-leads.csv.part", 0.9, [], id="being-written"),
        pytest.param(
            ".merged_repeat_customers_20251230.csv.part",
            1.1,
            [(".merged_repeat_customers_20251230.csv.part", "unfinished merged file", 1)],
            id="leftover-of-a-merge",
        ),
    ],
)
def test_what_counts_as_old(name, age_days, expected):
    assert gone(seen(name, age_days)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "backup.csv",
        "a668-missed-leads.csv",
        "A668-missed-leads.csv.gz",
        "A668-other.csv",
        "merged_missed_leads.csv",
        "merged_other_20251101.csv",
        "merged_missed_leads_20251101_copy.csv",
        ".notes.part",
        "..",
        "A668-missed-leads.csv\n",
    ],
)
def test_other_names_are_unrecognised_however_old(name):
    assert not kind().is_ours(seen(name, 900))
    assert gone(seen(name, 900)) == []


def test_a_folder_of_our_name_is_unrecognised():
    folder = seen("A668-missed-leads.csv", 900, is_file=False)

    assert not kind().is_ours(folder)
    assert gone(folder) == []


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=8),
    st.integers(31, 366),
    st.integers(0, 400),
)
def test_whatever_the_setting_no_file_of_the_open_month_goes(ages, days, day):
    now = datetime(2025, 1, 1, 21, tzinfo=UTC) + timedelta(days=day)
    files = [
        Seen(
            Path(EXPORTS[LEADS].merged_name((now - timedelta(days=named)).date())),
            1,
            int((now - timedelta(days=written)).timestamp()) * 10**9,
        )
        for named, written in ages
    ]
    for one in old(files, now, days):
        named = datetime.strptime(one.seen.path.name[-12:-4], "%Y%m%d").replace(tzinfo=UTC)
        assert max(named, one.seen.modified_at) < now.replace(day=1, hour=0)


def rejects(engine, merge, export, days_ago):
    """Have two rows rejected that long ago."""
    ingest.load(engine, merge(export(LEADS, {"id": "x"}, {"id": "y"})), RUN)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ingest_rejects SET created_at = now() - make_interval(days => %(days)s)",
            {"days": days_ago},
        )


def test_the_content_of_rejected_rows_goes_and_the_accounting_stays(engine, export, merge, stored):
    rejects(engine, merge, export, 100)
    accounting = stored("ingest_counts", "store_code", "read", "rejected")
    before = datetime.now(UTC) - timedelta(days=90)
    rejected = kind_named("rejected rows", engine)
    with engine.begin() as connection:
        kept = queries.measure(connection, rejected, before)
        assert (kept.rows, kept.noted, kept.size_bytes > 0) == (2, 2, True)
        assert queries.empty(connection, rejected, before, 1) == 1
        assert queries.empty(connection, rejected, before, 9) == 1
        assert tuple(queries.measure(connection, rejected, before)) == (0, 0, 0, None)

    assert stored("ingest_rejects", "line", "column_name", "reason", "row_json") == [
        (2, "pickup_row_id", "is not a number", None),
        (3, "pickup_row_id", "is not a number", None),
    ]
    assert stored("ingest_counts", "store_code", "read", "rejected") == accounting
    assert list(ingest.replay(engine)) == [], "what is forgotten cannot be tried again"


def test_rows_within_their_time_can_be_tried_again(engine, export, merge):
    rejects(engine, merge, export, 89)
    rejected = kind_named("rejected rows", engine)
    with engine.begin() as connection:
        before = datetime.now(UTC) - timedelta(days=90)
        assert queries.empty(connection, rejected, before, 9) == 0

    assert [each.tried for each in ingest.replay(engine)] == [2]
