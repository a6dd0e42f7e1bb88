"""Rejected rows after a fix: loaded as if their export had been read right, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from lib import ingest
from lib.db import backlog
from lib.ingest import Replayed
from lib.model import Bucket
from lib.scratch_directory import Purpose, unused
from tests.factories.runs import add_run
from tests.lib.ingest.conftest import RUN, csv_of, run_of

LEADS = Bucket.MISSED_LEADS
ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from lib.db.engine import connect
from lib import ingest

module = sys.modules[ingest.replay.__module__]
module.load = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
list(ingest.replay(connect(sys.argv[1], application_name="tests")))
"""
"""Tries the rejected rows again, and dies when the first of them are to be loaded."""


def corrected(engine):
    """Correct the kept row by hand, as an operator could: the id in its first cell."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ingest_rejects SET row_json = jsonb_set(row_json, '{cells,0}', '\"77\"') WHERE row_json IS NOT NULL"
        )


def test_a_corrected_row_is_loaded_and_its_content_is_kept_no_longer(engine, export, merge, stored):
    ingest.load(engine, merge(export(LEADS, {}, {"id": "x", "mobile_number": "9000000077"})), RUN)
    counts = stored("ingest_counts", "store_code", "read", "rejected")
    corrected(engine)

    assert list(ingest.replay(engine)) == [
        Replayed(LEADS, "A668", RUN.report_on, tried=1, rejected=0)
    ]
    assert stored("missed_leads", "pickup_row_id", "mobile_number") == [
        (77, "9000000077"),
        (1001, "9000000001"),
    ]
    assert stored("ingest_rejects", "reason", "row_json", "replayed_at IS NOT NULL") == [
        ("is not a number", None, True)
    ]
    assert stored("ingest_counts", "store_code", "read", "rejected") == counts
    assert list(ingest.replay(engine)) == []


def test_a_row_that_is_refused_again_waits_again(engine, export, merge, stored):
    ingest.load(engine, merge(export(LEADS, {"id": "x"}, {"id": "y"})), RUN)

    assert list(ingest.replay(engine)) == [
        Replayed(LEADS, "A668", RUN.report_on, tried=2, rejected=2)
    ]
    assert stored("ingest_rejects", "replayed_at IS NULL", "row_json IS NULL", "line") == [
        (False, True, 2),
        (False, True, 3),
        (True, False, 2),
        (True, False, 3),
    ]


def test_lines_that_are_no_rows_and_rows_of_other_files_are_tried_under_their_own_header(
    engine, export, merge, stored
):
    good = csv_of(LEADS, {})
    ingest.load(engine, merge(export(LEADS, f"{good}only,two\n")), RUN)
    ingest.load(engine, merge(export(LEADS, "mobile_number,id,store_code\n9,,A668\n")), RUN)

    assert [(each.tried, each.rejected) for each in ingest.replay(engine)] == [(1, 1), (1, 1)]
    assert stored("ingest_rejects", "row_json ->> 'line'", "replayed_at IS NULL")[0] == (
        "only,two\r\n",
        True,
    )


def test_a_row_of_an_old_day_is_open_on_its_day_and_not_today(engine, export, merge):
    later = run_of(date(2025, 11, 20))
    add_run(engine, later)
    ingest.load(engine, merge(export(LEADS, {}, {"id": "x", "mobile_number": "9000000077"})), RUN)
    ingest.load(engine, merge(export(LEADS, {})), later)
    corrected(engine)
    list(ingest.replay(engine))
    with engine.connect() as connection:
        found = {
            on: sorted(
                row.mobile_number for row in connection.execute(backlog.open_leads("A668", on))
            )
            for on in (RUN.report_on, later.report_on)
        }

    assert found == {RUN.report_on: ["9000000001", "9000000077"], later.report_on: ["9000000001"]}


def test_rows_that_a_killed_replay_had_written_go_with_the_next_one(
    engine, export, merge, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    ingest.load(engine, merge(export(LEADS, {"id": "x"})), RUN)

    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, url],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    (left,) = unused(Purpose.REJECTS)
    assert list(left.iterdir()) != []

    assert [one.tried for one in ingest.replay(engine)] == [1]
    assert list((tmp_path / "tmp").iterdir()) == []
