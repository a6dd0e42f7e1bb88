"""Pruning beside a run at work, and a prune that is killed.

Real processes, one database, the same volumes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from lib.db import tables
from lib.model import Pipeline, RunRef
from tests.factories.documents import report_row
from tests.factories.runs import add_run
from tests.plugins.chain import JOB_TIMEOUT_S, ROOT

OLD = date(2020, 1, 6)
KILLED = """
import os, runpy, signal
from lib import removal
def killed(root, seen):
    os.kill(os.getpid(), signal.SIGKILL)
removal.remove_if_unchanged = killed
runpy.run_module("jobs.prune", run_name="__main__")
"""
"""A job that dies when the rows say that the report is gone and the file is still there."""


def add_old_report(chain, number=0):
    """Add a daily report of long ago: run, row and file."""
    on = OLD.replace(year=OLD.year - number)
    ref = RunRef(Pipeline.DAILY, f"old-{number}", "dev", on, _instant(on))
    add_run(chain.engine, ref, closes=True)
    path = chain.volumes / "reports" / f"{on.year}" / f"A668_{on}.pdf"
    _put_old(path)
    row = report_row(ref, "A668", file_path=str(path), created_at=ref.started_at)
    with chain.engine.begin() as connection:
        connection.execute(insert(tables.documents).values(row))
    return path


def _instant(on):
    return datetime(on.year, on.month, on.day, 3, tzinfo=UTC)


def _put_old(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"old")
    os.utime(path, (1_577_000_000,) * 2)


def statuses(chain):
    with chain.engine.connect() as connection:
        query = "SELECT doc_date >= '2025-01-01' AS is_new, status FROM documents ORDER BY id"
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.usefixtures("saved_session")
def test_a_daily_run_and_pruning_beside_it_do_not_disturb_each_other(chain):
    old = [add_old_report(chain, number) for number in range(3)]
    for name in (f"{code}-missed-leads.csv" for code in chain.stores):
        _put_old(chain.volumes / "data" / name)
    daily = subprocess.Popen(
        [sys.executable, "-m", "jobs.daily"],
        cwd=ROOT,
        env=chain.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with daily:
        next(line for line in daily.stdout if "run started" in line)
        daily.send_signal(signal.SIGSTOP)  # so that it is at work for as long as pruning takes
        pruned = chain.run("prune")
        daily.send_signal(signal.SIGCONT)
        out, _ = daily.communicate(timeout=JOB_TIMEOUT_S)
    assert daily.returncode == 0, out
    assert pruned.code == 75, "the run holds its lock"
    assert all(path.exists() for path in old), "so what is old of its pipeline waited"
    assert len([1 for is_new, status in statuses(chain) if is_new and status == "ok"]) == 3
    assert not list((chain.volumes / "data").glob("*.csv")), "the run's own files were its own"

    assert chain.run("prune").code == 0
    assert not any(path.exists() for path in old)
    assert statuses(chain) == [(False, "pruned")] * 3 + [(True, "ok")] * 3
    assert chain.run("daily").code == 0, "closed, nothing to do"
    assert chain.run("db_check").code == 0


def test_a_pruned_day_is_made_again_byte_for_byte_and_mailed_to_nobody(after_a_morning):
    chain = after_a_morning
    paths = sorted((chain.volumes / "reports").rglob("*.pdf"))
    before = {path: path.read_bytes() for path in paths}
    mails = len(chain.mailbox.messages())
    with chain.engine.begin() as connection:
        [on] = connection.execute(text("SELECT DISTINCT doc_date FROM documents")).scalars()
        connection.execute(
            text("UPDATE documents SET created_at = created_at - interval '3 years'")
        )
        connection.execute(
            text("UPDATE notification_messages SET planned_at = planned_at - interval '3 years'")
        )
        connection.execute(
            text("UPDATE notification_deliveries SET updated_at = updated_at - interval '3 years'")
        )
    for path in paths:
        os.utime(path, (1_577_000_000,) * 2)
    assert chain.run("prune").code == 0
    assert not any(path.exists() for path in paths)

    assert chain.run("daily").code == 0, "closed, nothing to do"
    assert chain.run("notify").code == 0, "nothing is due"
    said = chain.run("notify", "--pipeline", Pipeline.DAILY, "--report-date", str(on))
    assert (said.code, sum("jobs.prune removed it" in line for line in said.messages("info"))) == (
        0,
        3,
    )
    assert chain.run("reports", "--date", str(on)).code == 0
    assert {path: path.read_bytes() for path in paths} == before
    assert {status for _, status in statuses(chain)} == {"ok"}
    assert len(chain.mailbox.messages()) == mails


def test_killed_between_row_and_file_the_next_one_agrees_with_both(chain):
    path = add_old_report(chain)
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(
        command, cwd=ROOT, env=chain.environment, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stdout.decode()
    assert (path.exists(), statuses(chain)) == (True, [(False, "pruned")])

    assert chain.run("prune").code == 0
    assert (path.exists(), path.parent.exists(), statuses(chain)) == (
        False,
        False,
        [(False, "pruned")],
    )


def test_stopped_while_it_removes_no_row_claims_what_is_gone(chain):
    paths = [add_old_report(chain, number) for number in range(15)]
    command = [sys.executable, "-m", "jobs.prune"]
    with subprocess.Popen(
        command, cwd=ROOT, env=chain.environment, stdout=subprocess.PIPE, text=True
    ) as job:
        next(line for line in job.stdout if "removed: report" in line)
        job.send_signal(signal.SIGTERM)
        job.communicate(timeout=JOB_TIMEOUT_S)
    assert job.returncode in {75, 0}, "75, or it had nothing left to do"
    with chain.engine.connect() as connection:
        claimed = connection.execute(
            text("SELECT file_path FROM documents WHERE status = 'ok'")
        ).scalars()
        assert all(Path(path).exists() for path in claimed)

    assert chain.run("prune").code == 0
    assert not any(path.exists() for path in paths)
    assert {status for _, status in statuses(chain)} == {"pruned"}
