"""Pruning on a real PostgreSQL and real files.

What goes, what stays, and a kill between the row and the file.
"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text, update

from lib import dates, removal
from lib.config.settings import RetentionSettings, Settings, Volumes
from lib.db import progress, tables
from lib.errors import ExitCode
from lib.model import Pipeline, RunRef
from lib.pipelines import prune
from lib.pipelines.prune import queries
from lib.pipelines.prune.reports import OldReports
from lib.portal.session.account_lock import AccountLock
from lib.run.lock import locked
from tests.factories import notify_rows
from tests.factories.documents import report_row
from tests.factories.runs import add_run

NOW = dates.now()
ON = date(2023, 11, 14)
"""Long ago by any setting."""


@dataclass
class Place:
    """Volumes and a database in which things have an age."""

    engine: Engine
    settings: Settings
    root: Path

    def prune(self, *, dry_run=False, **changes):
        """Prune; changes are to the retention settings."""
        retention = replace(self.settings.retention, **changes)
        return prune.run(replace(self.settings, retention=retention), dry_run=dry_run)

    def put(self, name, age_days, content=b"content"):
        path = self.root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        at = (NOW - timedelta(days=age_days)).timestamp()
        os.utime(path, (at, at))
        return path

    def run(self, on=ON, pipeline=Pipeline.DAILY, age_days=800, **columns):
        """Add a run's row; return its reference."""
        ref = RunRef(
            pipeline, f"{pipeline}-{on}-{age_days}", "dev", on, NOW - timedelta(days=age_days)
        )
        add_run(self.engine, ref, **({"closes": True} | columns))
        return ref

    def report(self, ref, code="A668", age_days=800, *, name=None, file_age_days=None):
        """Add a report of the run: its file and its row."""
        name = name or f"{code}_{ref.report_on}.pdf"
        at = age_days if file_age_days is None else file_age_days
        path = self.put(f"reports/{ref.report_on.year}/{name}", at)
        made_at = NOW - timedelta(days=age_days)
        row = report_row(ref, code, file_name=name, file_path=str(path), created_at=made_at)
        notify_rows.execute(self.engine, insert(tables.documents).values(row))
        return path

    def delivery(self, ref, state, age_days=800, message="m1"):
        """Add a mail of the run with one delivery."""
        at = NOW - timedelta(days=age_days)
        notify_rows.add_mail(
            self.engine,
            ref,
            message,
            message={
                "subject": "A report",
                "body": "Dear reader",
                "to_addresses": [["reader@example.invalid", "A Reader"]],
                "dated_at": at,
                "planned_at": at,
            },
            profile_code="readers",
            recipient="reader@example.invalid",
            state=state,
            updated_at=at,
        )

    def rejects(self, ref, age_days, count=1, **columns):
        row = {
            "run_id": ref.run_id,
            "bucket": "missed_leads",
            "store_code": "A668",
            "seen_on": ref.report_on,
            "file_name": "A668-missed-leads.csv",
            "line": 2,
            "reason": "is not a number",
            "row_json": {"header": ["id"], "cells": ["x"]},
            "created_at": NOW - timedelta(days=age_days),
        }
        for _ in range(count):
            notify_rows.execute(self.engine, insert(tables.ingest_rejects).values(row | columns))

    def files(self):
        return sorted(
            str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()
        )

    def rows(self, query):
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def documents(self):
        return self.rows("SELECT file_name, status FROM documents ORDER BY id")


@pytest.fixture
def place(engine, database, tmp_path):
    root = tmp_path / "volumes"
    given = notify_rows.settings(tmp_path, None)
    volumes = Volumes(root / "data", root / "reports", root / "profiles", root / "logs")
    portal = replace(
        given.portal,
        storage_state=root / "profiles/storage_state.json",
        artefacts_dir=root / "logs/portal",
    )
    settings = replace(given, database_url=database, volumes=volumes, portal=portal)
    return Place(engine, settings, root)


@pytest.fixture
def said(monkeypatch):
    """What was told: level and message."""
    lines = []
    for level in ("info", "ok", "warning", "error"):
        monkeypatch.setattr(
            prune.log, level, lambda message, level=level, **_: lines.append(f"{level}: {message}")
        )
    return lines


def test_with_nothing_there_there_is_nothing_to_do(place):
    assert place.prune() is place.prune(dry_run=True) is ExitCode.OK
    assert not place.root.exists()


def everything_old(place):
    """One old thing of each kind; return the young neighbours that stay."""
    ref, young = place.run(), place.run(NOW.date(), age_days=1)
    place.report(ref)
    place.report(ref, "A817", name=f"A817_{ON}.pdf")
    place.rejects(ref, 91)
    place.rejects(young, 89)
    place.delivery(ref, "sent", 366)
    place.delivery(young, "sent", 364, message="m2")
    place.put("data/merged_missed_leads_20231115.csv", 36)
    place.put("data/A668-missed-leads.csv", 36)
    place.put("data/.A668-missed-leads.csv.part", 2)
    place.put("reports/2023/.A668_2023-11-14.pdf.part", 2)
    place.put("logs/portal/20250101T000000000000Z-login.html", 15)
    place.put("profiles/storage_state.json", 31)
    place.put("profiles/old.json", 31)
    place.put("reports/drills/drill_20231115_075003417208.pdf", 731)
    stay = [
        place.report(young, age_days=1),
        place.put("data/A817-missed-leads.csv", 34),
        place.put("logs/portal/20250101T000000000001Z-login.html", 13),
        place.put("profiles/old.json.lease", 31),
        place.put("reports/drills/drill_20231115_075003417209.pdf", 729),
    ]
    return sorted(str(path.relative_to(place.root)) for path in stay)


def test_of_each_kind_the_old_goes_and_the_young_stays(place):
    stay = everything_old(place)

    assert place.prune() is ExitCode.OK
    assert place.files() == sorted([*stay, "profiles/storage_state.json.lease"])
    assert not (place.root / "reports/2023").exists(), "an empty year goes too"
    today = f"{NOW.date()}"
    assert place.documents() == [
        (f"A668_{ON}.pdf", "pruned"),
        (f"A817_{ON}.pdf", "pruned"),
        (f"A668_{today}.pdf", "ok"),
    ]
    assert place.rows("SELECT row_json IS NULL FROM ingest_rejects ORDER BY id") == [
        (True,),
        (False,),
    ]
    assert place.rows(
        "SELECT body, to_addresses, subject FROM notification_messages ORDER BY message_id"
    ) == [
        ("", [], "A report"),
        ("Dear reader", [["reader@example.invalid", "A Reader"]], "A report"),
    ]
    assert (
        place.rows("SELECT recipient, state FROM notification_deliveries")
        == [("reader@example.invalid", "sent")] * 2
    )


def test_a_dry_run_tells_the_same_and_changes_nothing(place, said):
    everything_old(place)
    before = (
        place.files(),
        place.documents(),
        place.rows("SELECT * FROM notification_messages, ingest_rejects"),
    )

    assert place.prune(dry_run=True) is ExitCode.OK
    in_dry_run = said.copy()
    said.clear()
    assert (
        place.files(),
        place.documents(),
        place.rows("SELECT * FROM notification_messages, ingest_rejects"),
    ) == before
    place.prune()
    in_future = {" removed": " would go", " emptied": " would be emptied", "removed:": "would go:"}
    for now, then in in_future.items():
        said[:] = [line.replace(now, then) for line in said]
    assert said == in_dry_run
    assert "info: would go: export, 36 days old, 7 bytes (DATA_RETENTION_DAYS)" in said
    assert "ok: reports: 3 files, 21 bytes would go" in said
    [rejected] = [line for line in said if line.startswith("ok: rejected")]
    assert re.sub(r"\d+ bytes", "N bytes", rejected) == (
        "ok: rejected rows: 1 would be emptied, N bytes, the oldest 91 days old, 1 of them never tried again by "
        "jobs.replay (REJECT_RETENTION_DAYS)"
    )


def test_the_second_time_there_is_nothing_left_to_do(place, said):
    everything_old(place)
    place.prune()
    left = place.files()
    said.clear()

    assert place.prune() is ExitCode.OK
    assert place.files() == left
    assert not [line for line in said if "removed:" in line]


def test_a_pruned_row_says_when_and_why_and_keeps_its_path(place):
    path = place.report(place.run())
    place.prune(report_days=700)
    on = dates.today(place.settings.zone, NOW)
    [row] = place.rows("SELECT status, error_message, file_path, checksum FROM documents")

    assert row == (
        "pruned",
        f"removed by jobs.prune on {on} (REPORT_RETENTION_DAYS=700)",
        str(path),
        None,
    )


OPEN_STATES = ("pending", "sending", "uncertain")


@pytest.mark.parametrize("state", OPEN_STATES)
def test_a_report_that_a_mail_is_still_about_stays_with_its_whole_period_and_so_does_the_mail(
    place, said, state
):
    ref = place.run()
    place.report(ref)
    place.report(ref, "A817", name=f"A817_{ON}.pdf")
    place.delivery(ref, state)

    assert place.prune() is ExitCode.OK
    assert place.documents() == [(f"A668_{ON}.pdf", "ok"), (f"A817_{ON}.pdf", "ok")]
    assert place.rows("SELECT body FROM notification_messages") == [("Dear reader",)]
    assert "info: reports: 2 old ones are kept: a mail about them is owed or uncertain" in said


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_a_settled_mail_keeps_nothing(place, state):
    ref = place.run()
    place.report(ref)
    place.delivery(ref, state)
    place.prune()

    assert place.documents() == [(f"A668_{ON}.pdf", "pruned")]
    assert place.rows("SELECT body, state FROM notification_messages, notification_deliveries") == [
        ("", state)
    ]


def test_the_other_periods_of_a_digest_with_one_owed_delivery_stay(place):
    first, second = place.run(), place.run(ON + timedelta(days=7))
    for ref in (first, second):
        place.report(ref)
    place.delivery(first, "pending")
    place.delivery(second, "sent", message="m2")
    notify_rows.execute(
        place.engine, update(tables.notification_deliveries).values(message_id="m1")
    )  # one mail about both
    place.prune()

    assert [status for _, status in place.documents()] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("pipeline", "age_days", "columns", "presences"),
    [
        pytest.param(
            Pipeline.WEEKLY,
            300,
            {"closes": False, "overall_status": "error"},
            True,
            id="a-week-to-catch-up",
        ),
        pytest.param(Pipeline.WEEKLY, 300, {}, False, id="a-closed-week"),
        pytest.param(Pipeline.WEEKLY, 500, {"closes": False}, False, id="too-old-to-catch-up"),
        pytest.param(Pipeline.MONTHLY, 399, {"closes": False}, True, id="a-month-to-catch-up"),
        pytest.param(
            Pipeline.DAILY, 300, {"closes": False}, False, id="a-past-day-is-never-resumed"
        ),
        pytest.param(
            Pipeline.DAILY, 500, {"overall_status": "running"}, True, id="a-run-that-has-not-ended"
        ),
    ],
)
def test_the_reports_of_an_open_period_stay(place, pipeline, age_days, columns, presences):
    on = NOW.date() - timedelta(days=age_days)
    names = {
        Pipeline.DAILY: f"A668_{on}.pdf",
        Pipeline.WEEKLY: f"A668_week_{on - timedelta(days=6)}_to_{on}.pdf",
        Pipeline.MONTHLY: f"A668_month_{on:%Y-%m}.pdf",
    }
    place.report(
        place.run(on, pipeline, age_days, **columns), name=names[pipeline], age_days=age_days
    )
    place.prune(report_days=200)

    assert [status for _, status in place.documents()] == ["ok" if presences else "pruned"]


def test_spans_with_several_runs_are_open_until_one_closes_them(place):
    on = NOW.date() - timedelta(days=30)
    for number, closes in enumerate((False, True)):
        week = place.run(on, Pipeline.WEEKLY, age_days=20 - number, closes=closes)
    month = place.run(on, Pipeline.MONTHLY, closes=False)
    place.report(week, name="A668_week_2025-11-10_to_2025-11-16.pdf")
    place.report(month, name="A668_month_2025-10.pdf")
    names = ["A668_week_2025-11-10_to_2025-11-16.pdf", "A668_month_2025-10.pdf"]

    with place.engine.connect() as connection:
        needed = [one.needed for one in queries.claims(connection, place.root, names, on)]
        assert needed == [None, queries.RUN_IS_OPEN]
        later = queries.claims(connection, place.root, names, on + timedelta(days=1))
        assert [one.needed for one in later] == [None, None]


def test_a_report_that_was_pruned_and_made_again_goes_again_and_its_first_row_stays(place):
    ref = place.run()
    path = place.report(ref)
    place.prune()
    [before] = place.rows("SELECT error_message FROM documents")
    place.report(ref, age_days=790)

    assert place.prune() is ExitCode.OK
    assert not path.exists()
    assert place.documents() == [(path.name, "pruned")] * 2
    assert place.rows("SELECT error_message FROM documents ORDER BY id")[0] == before


def test_a_superseded_version_goes_when_its_own_time_is_over(place):
    on = NOW.date() - timedelta(days=900)
    earlier = place.run(on, Pipeline.MONTHLY, age_days=890, closes=False)
    now = place.run(on, Pipeline.MONTHLY, age_days=20)
    kept = place.report(earlier, name="A668_month_2025-10_v1.pdf", age_days=890)
    latest = place.report(now, name="A668_month_2025-10.pdf", age_days=20)

    place.prune()

    assert (kept.exists(), latest.exists()) == (False, True)
    assert place.documents() == [(kept.name, "pruned"), (latest.name, "ok")]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [0, 1])
def test_killed_between_the_rows_and_the_files_the_next_one_finishes_and_nothing_is_claimed(
    place, monkeypatch, after
):
    ref = place.run()
    paths = [place.report(ref, code, name=f"{code}_{ON}.pdf") for code in ("A668", "A817")]
    whole, calls = removal.remove_if_unchanged, []

    def killed(root, seen):
        if len(calls) == after:
            raise Killed
        calls.append(seen)
        return whole(root, seen)

    with monkeypatch.context() as patch:
        patch.setattr(removal, "remove_if_unchanged", killed)
        with pytest.raises(Killed):
            place.prune()
    assert [path.exists() for path in paths].count(True) == 2 - after
    assert {status for _, status in place.documents()} == {"pruned"}, (
        "what is not claimed may still lie there"
    )

    assert place.prune() is ExitCode.OK
    assert place.files() == []
    assert {status for _, status in place.documents()} == {"pruned"}


def test_a_file_that_cannot_be_removed_is_told_and_tried_again(place, monkeypatch, said):
    ref = place.run()
    paths = [place.report(ref, code, name=f"{code}_{ON}.pdf") for code in ("A668", "A817")]
    whole = removal.remove_if_unchanged

    def refused(root, seen):
        if seen.path.name.startswith("A668"):
            raise PermissionError(13, os.strerror(13))
        return whole(root, seen)

    with monkeypatch.context() as patch:
        patch.setattr(removal, "remove_if_unchanged", refused)
        assert place.prune() is ExitCode.TEMPORARY
    assert [path.exists() for path in paths] == [True, False]
    assert "error: report cannot be removed" in said
    assert place.prune() is ExitCode.OK
    assert place.files() == []


def test_whatever_one_chore_meets_the_others_go_on(place, monkeypatch, said):
    old = place.report(place.run(), "A668", name=f"A668_{ON}.pdf")
    monkeypatch.setattr(prune.rows.OldRows, "_empty", lambda *_: 1 / 0)

    assert place.prune() is ExitCode.BUG
    assert "error: rejected rows could not be pruned" in said
    assert not old.exists()


@pytest.mark.parametrize("pipeline", Pipeline)
def test_while_a_run_is_at_work_its_files_are_left_and_the_rest_goes(place, said, pipeline):
    ref = place.run()
    place.report(ref)
    weekly = place.run(ON, Pipeline.WEEKLY)
    place.report(weekly, name="A668_week_2023-11-08_to_2023-11-14.pdf")
    place.report(place.run(ON, Pipeline.MONTHLY), name="A668_month_2023-10.pdf")
    place.put("data/A668-missed-leads.csv", 36)
    place.rejects(ref, 91)
    with locked(place.engine, pipeline):
        code = place.prune()

    assert code is ExitCode.TEMPORARY
    held = {
        Pipeline.DAILY: ["data/A668-missed-leads.csv", f"reports/2023/A668_{ON}.pdf"],
        Pipeline.WEEKLY: ["reports/2023/A668_week_2023-11-08_to_2023-11-14.pdf"],
        Pipeline.MONTHLY: ["reports/2023/A668_month_2023-10.pdf"],
    }
    assert place.files() == held[pipeline]
    assert place.rows("SELECT row_json FROM ingest_rejects") == [(None,)]
    assert [
        line for line in said if line.startswith("warning") and "left for the next time" in line
    ]
    assert place.prune() is ExitCode.OK
    assert place.files() == []


def test_a_report_that_is_made_again_after_it_was_looked_at_stays_with_its_new_row(
    place, monkeypatch
):
    ref = place.run()
    path = place.report(ref)
    scan = OldReports.scan

    def overtaken(kind, now):
        found = scan(kind, now)
        place.put(f"reports/{ON.year}/{path.name}", 0, b"made again")
        with place.engine.begin() as connection:
            connection.execute(text("UPDATE documents SET id = id + 100, created_at = now()"))
        return found

    monkeypatch.setattr(OldReports, "scan", overtaken)
    assert place.prune() is ExitCode.OK
    assert path.read_bytes() == b"made again"
    assert place.documents() == [(path.name, "ok")]


def test_a_mail_that_is_owed_since_it_was_looked_at_keeps_its_report(place, monkeypatch):
    ref = place.run()
    path = place.report(ref)
    scan = OldReports.scan

    def overtaken(kind, now):
        found = scan(kind, now)
        place.delivery(ref, "pending", age_days=0)
        return found

    monkeypatch.setattr(OldReports, "scan", overtaken)
    assert place.prune() is ExitCode.OK
    assert path.exists()
    assert place.documents() == [(path.name, "ok")]


def test_of_very_many_reports_some_go_each_time(place, monkeypatch, said):
    monkeypatch.setattr(prune.reports, "A_NIGHT", 2)
    ref = place.run()
    for code in ("A668", "A817", "T105"):
        place.report(ref, code, name=f"{code}_{ON}.pdf")
    place.prune()

    assert place.files() == [f"reports/2023/T105_{ON}.pdf"]
    assert "info: reports: 1 more are looked at the next time" in said
    place.prune()
    assert place.files() == []


def test_two_at_once_take_each_thing_away_once(place):
    stay = everything_old(place)
    with ThreadPoolExecutor() as threads:
        codes = list(threads.map(lambda _: place.prune(), range(3)))

    assert set(codes) <= {ExitCode.OK, ExitCode.TEMPORARY}
    assert place.prune() is ExitCode.OK
    assert place.files() == sorted([*stay, "profiles/storage_state.json.lease"])
    assert [status for _, status in place.documents()] == ["pruned", "pruned", "ok"]


def test_a_storage_state_in_use_stays(place, said):
    state = place.put("profiles/storage_state.json", 31)
    lease = AccountLock(state).acquire()
    try:
        assert place.prune() is ExitCode.OK
        assert state.exists()
        assert "info: left: storage state, in use or changed meanwhile" in said
    finally:
        lease.release()
    place.prune()

    assert not state.exists()


def test_what_is_not_ours_is_left_and_named(place, said, tmp_path):
    outside = place.put("../precious.pdf", 900)
    unrecognised = [
        place.put(name, 900)
        for name in (
            "reports/2023/notes.txt",
            "reports/archive/A668_2023-11-14.pdf",
            "reports/A668_2023-11-14.pdf",
            "data/backup.csv",
            "logs/portal/notes.html",
            "logs/app.log",
            "profiles/google.json",
        )
    ]
    (place.root / "reports/2023/A668_2023-11-14.pdf").symlink_to(outside)
    (place.root / "reports/2022").symlink_to(tmp_path)
    before = place.files()

    assert place.prune() is ExitCode.OK
    assert place.files() == before
    assert all(path.exists() for path in (*unrecognised, outside))
    assert said.count("info: skipped unrecognised file") == 5, "2 reports, 1 CSV, 1 page, 1 state"


def test_of_many_strangers_some_are_named(place, said):
    for number in range(7):
        place.put(f"data/backup{number}.csv", 900)
    place.prune()

    assert said.count("info: skipped unrecognised file") == 5
    assert "info: customer files: 2 more unrecognised files are skipped" in said


def test_rows_that_lead_out_of_the_root_are_left_with_their_files(place):
    ref = place.run()
    path = place.report(ref)
    elsewhere = place.put("old-volume/2023/A668_2023-11-14.pdf", 900)
    with place.engine.begin() as connection:
        connection.execute(update(tables.documents).values(file_path=str(elsewhere)))

    assert place.prune() is ExitCode.OK
    assert elsewhere.exists()
    assert path.exists()
    assert place.documents() == [(path.name, "ok")]


def test_a_root_known_by_another_name_is_the_same_root(place):
    path = place.report(place.run())
    (place.root.parent / "link").symlink_to(place.root)
    volumes = replace(place.settings.volumes, reports_root=place.root.parent / "link/reports")
    place.settings = replace(place.settings, volumes=volumes)

    assert place.prune() is ExitCode.OK
    assert not path.exists()
    assert place.documents() == [(path.name, "pruned")]


def test_many_rows_are_emptied_in_small_transactions_that_wait_for_nobody(place, monkeypatch):
    monkeypatch.setattr(prune.rows, "AT_ONCE", 2)
    ref = place.run()
    place.rejects(ref, 91, count=5)
    with place.engine.begin() as other:
        other.execute(
            text(
                "SELECT FROM ingest_rejects WHERE id = (SELECT min(id) FROM ingest_rejects) FOR UPDATE"
            )
        )
        assert place.prune() is ExitCode.OK
        assert place.rows("SELECT count(row_json) FROM ingest_rejects") == [(1,)]
    place.prune()

    assert place.rows("SELECT count(row_json), count(*) FROM ingest_rejects") == [(0, 5)]


def test_the_figures_and_the_runs_stay(place):
    ref = place.run(age_days=5000)
    with place.engine.begin() as connection:
        connection.execute(text("INSERT INTO store_master (store_code) VALUES ('A668')"))
        connection.execute(
            text(
                "INSERT INTO store_dashboard_summary (store_id, dashboard_date, run_date_time) "
                "SELECT id, '2010-01-01', '2010-01-02' FROM store_master"
            )
        )
        connection.execute(
            text(
                "INSERT INTO missed_leads (pickup_row_id, mobile_number, store_code, last_seen_on) "
                "VALUES (1, '9000000001', 'A668', '2010-01-01')"
            )
        )
    kept = "SELECT * FROM pipeline_run_summaries, store_dashboard_summary, missed_leads"
    before = place.rows(kept)
    place.prune(
        report_days=62,
        data_days=31,
        reject_days=31,
        mail_days=62,
        artefact_days=1,
        storage_state_days=1,
    )

    assert place.rows(kept) == before
    assert ref.run_id in before[0]


def test_a_report_made_again_after_pruning_is_signed_as_it_was(place):
    ref = place.run()
    place.report(ref)
    place.prune()
    with place.engine.connect() as connection:
        assert progress.reports(connection, ref.pipeline, ON) == {}, "it is not made"
        assert progress.signers(connection, ref.pipeline, ON)["A668"].run_id == ref.run_id


def test_the_defaults_are_those_of_the_settings():
    assert RetentionSettings() == notify_rows.settings(Path(), None).retention


def test_a_run_row_is_not_left_behind(place):
    place.prune()
    with place.engine.connect() as connection:
        assert connection.execute(select(tables.pipeline_run_summaries.c.id)).all() == []
