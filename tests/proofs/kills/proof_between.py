"""A week's reports are finished together with the promise of its mails, wherever its run is killed."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta

from demo.mailbox import run_mailbox
from tests.factories.tables import add_day, add_store
from tests.killed_between import STORES, TUESDAY
from tests.plugins.chain import ROOT

READERS = {"": 3, "A668": 6, "ALL": 3}
"""Operators and people of the store, as the seeds know them."""
WEEKS = ["2025-11-09", "2025-11-16"]

DELIVERED = {(week, about, "sent"): number for week in WEEKS for about, number in READERS.items()}


def test_whatever_a_kill_leaves_every_finished_week_has_its_plan(engine, database, tmp_path):
    for code in STORES:
        add_store(engine, code)
        for days in (2, 9):
            add_day(engine, TUESDAY - timedelta(days), code)
    engine.dispose()
    with run_mailbox(tmp_path / "mail") as mailbox:
        command = [
            sys.executable,
            "-m",
            "tests.killed_between",
            database,
            str(tmp_path),
            str(mailbox.port),
        ]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if '"place"' in line]

    assert {one["code"] for one in found} == {-9}
    assert [one for one in found if one["finished"] != one["planned"]] == [], (
        "finished together with its plan"
    )
    assert {tuple(one["finished"]) for one in found} == {(), (WEEKS[0],), tuple(WEEKS)}, (
        "kills came to every stage"
    )
    for one in found:
        assert one["last"] == 0, one
        assert one["after"]["closed"] == WEEKS, one
        assert Counter(tuple(each) for each in one["after"]["deliveries"]) == DELIVERED, one
