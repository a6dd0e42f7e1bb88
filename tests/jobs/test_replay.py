"""`python -m jobs.replay`."""

from __future__ import annotations

from tests.programs import messages, run_job


def test_nothing_waiting_is_nothing_to_do(database, tmp_path):
    done = run_job("replay", cwd=tmp_path, DATABASE_URL=database)
    assert (done.returncode, messages(done)) == (
        0,
        ["info: rows tried again: 0, rejected again: 0"],
    )


def test_a_database_that_was_never_migrated_is_for_a_person(empty_database, tmp_path):
    assert run_job("replay", cwd=tmp_path, DATABASE_URL=empty_database).returncode == 78
