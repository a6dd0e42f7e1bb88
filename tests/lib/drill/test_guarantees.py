"""Each guarantee is broken here on purpose, and the drill notices."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from lib.db import tables
from lib.domain.mail_states import MailState
from lib.drill import guarantees, queries
from lib.drill.job_process import JobEnding
from lib.drill.model import Fault, GuaranteeState
from lib.drill.queries import DeliveryRow
from lib.model import Bucket, Status
from tests.factories.documents import report_row
from tests.factories.reports import RUN
from tests.factories.runs import add_run
from tests.factories.tables import add_lead

ON = RUN.report_on
HELD, BROKEN = GuaranteeState.HELD, GuaranteeState.BROKEN
ERROR = {"level": "error", "message": "the report failed"}


def ending(code=0, **changes):
    return replace(JobEnding("daily", code), **changes)


@pytest.mark.parametrize(
    ("fault", "first", "verdict", "seen"),
    [
        (Fault.KILL, ending(-9), HELD, "it ended with -9"),
        (Fault.KILL, ending(0), BROKEN, "it ended with 0"),
        (Fault.DISK, ending(75, events=[ERROR]), HELD, "it ended with 75"),
        (Fault.DISK, ending(75), BROKEN, "it failed without a word"),
        (Fault.PORTAL, ending(1, events=[ERROR]), BROKEN, "it ended with 1"),
        (Fault.MAIL, ending(0), HELD, "it ended with 0"),
        (Fault.MAIL, ending(0, strays=12), BROKEN, "it left 12 lines that are no log"),
    ],
    ids=["killed", "outlived", "said", "silent", "a bug", "unhurt", "a traceback"],
)
def test_how_the_broken_run_may_end(fault, first, verdict, seen):
    found = guarantees.ended(fault, first, has_struck=True)

    assert found.verdict == verdict
    assert seen in found.text


def test_of_a_fault_that_did_not_strike_nothing_is_said():
    found = guarantees.ended(Fault.KILL, ending(0), has_struck=False)
    assert found.verdict is GuaranteeState.NOT_TRIED


def delivery(state=MailState.SENT, number=1):
    return DeliveryRow(f"<{number}@drill.invalid>", "r@drill.invalid", "owners", "A668", state)


def judged_mails(*found, taken=(), named=0):
    promised = [(one.message_id, one.recipient) for one in found]
    arrived = {(f"<{number}@drill.invalid>", "r@drill.invalid"): times for number, times in taken}
    return guarantees.mails(found, promised, arrived, named)


@pytest.mark.parametrize(
    ("state", "times", "named", "verdict"),
    [
        (MailState.SENT, 1, 0, HELD),
        (MailState.SENT, 0, 0, BROKEN),
        (MailState.SENT, 2, 0, BROKEN),
        (MailState.UNCERTAIN, 1, 1, HELD),
        (MailState.UNCERTAIN, 0, 1, HELD),
        (MailState.UNCERTAIN, 1, 0, BROKEN),
        (MailState.UNCERTAIN, 2, 1, BROKEN),
        (MailState.PENDING, 0, 0, BROKEN),
        (MailState.FAILED, 0, 0, BROKEN),
    ],
)
def test_a_mail_arrives_once_or_is_named(state, times, named, verdict):
    found = judged_mails(delivery(state), taken=[(1, times)] if times else [], named=named)
    assert found.verdict == verdict, found.text


def test_a_mail_that_nobody_promised_is_noticed():
    found = judged_mails(delivery(), taken=[(1, 1), (2, 1)])
    assert (found.verdict, found.text) == (BROKEN, "1 mail arrived that nobody promised")


def test_a_run_that_mailed_nothing_proves_nothing():
    assert judged_mails().text == "no mail was promised at all"


def test_of_many_problems_three_are_named():
    found = judged_mails(*[delivery(MailState.PENDING, number) for number in range(9)])
    assert found.text.endswith("; and 6 more")


@pytest.fixture
def day(engine):
    """A day that one run closes, with a report."""
    add_run(engine, RUN, closes=True)
    return engine


def judged(engine, judge, *given):
    with engine.connect() as connection:
        return judge(connection, ON, *given)


def test_a_day_that_is_closed_once_is_recovered(day):
    found = judged(day, guarantees.recovered, [ending(-9), ending(0)])
    assert (found.verdict, found.text) == (
        HELD,
        f"2 starts, exit codes -9, 0; {ON} is closed once",
    )


def test_what_is_owed_in_the_end_is_not_recovered(day):
    found = judged(day, guarantees.recovered, [ending(75)] * 5)
    assert found.text == "after 5 starts it still ends with 75, 75, 75, 75, 75"


def test_a_day_that_is_open_and_a_row_that_says_running_are_noticed(engine):
    add_run(engine, RUN, overall_status="running")
    found = judged(engine, guarantees.recovered, [ending(0)])

    assert (found.verdict, found.text) == (
        BROKEN,
        f"0 runs close {ON}; 1 row of runs still say running",
    )


def count(engine, **changes):
    row = {
        "run_id": RUN.run_id,
        "bucket": Bucket.MISSED_LEADS,
        "store_code": "A668",
        "seen_on": ON,
        "read": 1,
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
        "duplicates": 0,
    }
    with engine.begin() as connection:
        connection.execute(insert(tables.ingest_counts).values(row | changes))


def rows_before(engine):
    with engine.connect() as connection:
        return queries.row_counts(connection)


def test_a_table_that_grew_by_what_was_counted_is_right(day):
    before = rows_before(day)
    add_lead(day, "9000000001")
    count(day)

    assert judged(day, guarantees.rows, before).text == "1 new row in 4 tables, as counted"


def test_a_row_that_nobody_counted_is_noticed(day):
    before = rows_before(day)
    add_lead(day, "9000000001")

    found = judged(day, guarantees.rows, before)
    assert (found.verdict, found.text) == (BROKEN, "missed_leads grew by 1 where 0 are counted")


def test_a_row_that_was_counted_and_is_not_there_is_noticed(day):
    before = rows_before(day)
    count(day)

    found = judged(day, guarantees.rows, before)
    assert (found.verdict, found.text) == (BROKEN, "missed_leads grew by 0 where 1 are counted")


def test_counts_that_do_not_add_up_are_noticed(day):
    before = rows_before(day)
    count(day, read=3, inserted=0)

    found = judged(day, guarantees.rows, before)
    assert (found.verdict, found.text) == (
        BROKEN,
        "the counts of A668 missed_leads do not add up",
    )


@pytest.fixture
def report(day, tmp_path):
    path = tmp_path / "A668.pdf"
    path.write_bytes(b"%PDF")
    row = report_row(
        RUN,
        "A668",
        file_path=str(path),
        checksum=hashlib.sha256(b"%PDF").hexdigest(),
        file_size_bytes=4,
        status=Status.OK,
    )
    with day.begin() as connection:
        connection.execute(insert(tables.documents).values(row))
    return path


def test_a_report_that_is_the_file_of_its_row_is_whole(day, report):
    assert judged(day, guarantees.files).verdict is HELD


@pytest.mark.parametrize("content", [b"%PD", b"%PDF-", b"%PDX", None])
def test_a_report_that_is_another_file_or_none_is_noticed(day, report, content):
    report.unlink() if content is None else report.write_bytes(content)

    found = judged(day, guarantees.files)
    assert (found.verdict, found.text) == (BROKEN, "A668.pdf is not what its row says")


def test_a_day_without_a_report_is_noticed(day):
    assert judged(day, guarantees.files).text == "no report was made"


@pytest.fixture
def volumes(tmp_path):
    found = {name: tmp_path / name for name in ("DATA_DIR", "REPORTS_ROOT", "TMPDIR")}
    for path in found.values():
        path.mkdir()
    return found


def test_nothing_is_left_where_nothing_is(engine, volumes):
    (volumes["REPORTS_ROOT"] / "A668.pdf").touch()
    (volumes["DATA_DIR"] / "A668-missed-leads.csv").touch()

    assert guarantees.nothing_left(engine, volumes, [ending()]).verdict is HELD


@pytest.mark.parametrize(
    ("place", "name"),
    [("REPORTS_ROOT", ".A668.pdf.part"), ("DATA_DIR", ".x.csv.part"), ("TMPDIR", "page.html")],
)
def test_an_unfinished_or_temporary_file_is_noticed(engine, volumes, place, name):
    (volumes[place] / name).touch()

    found = guarantees.nothing_left(engine, volumes, [ending()])
    assert (found.verdict, found.text) == (BROKEN, f"{name} is left in {place}")


def test_a_process_and_a_lock_that_stay_are_noticed(engine, volumes, monkeypatch):
    monkeypatch.setattr(guarantees, "LOCK_PATIENCE_S", 0.0)

    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7)"))
        found = guarantees.nothing_left(engine, volumes, [ending(left_process=True)])

    assert found.text == "a process outlived its job; 1 lock are still held at the database"


def test_a_run_of_another_day_is_no_part_of_it(engine):
    earlier = replace(RUN, run_id="earlier", report_on=ON - timedelta(days=1))
    add_run(engine, earlier, closes=True)
    add_run(engine, RUN, closes=True)
    with engine.begin() as connection:
        connection.execute(update(tables.pipeline_run_summaries).values(overall_status=Status.OK))

    assert judged(engine, guarantees.recovered, [ending(0)]).verdict is HELD
