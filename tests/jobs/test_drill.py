"""`python -m jobs.drill`: where it refuses. What it does: tests/proofs/drill/proof_drill.py."""

from __future__ import annotations

import pytest

from jobs.drill import FAULTS
from lib.drill.model import Fault
from tests.programs import messages, run_job

#: The server is not there: a drill that is refused asks for nothing.
PRODUCTION = {
    "DATABASE_URL": "postgresql://simplify@127.0.0.1:1/simplify",
    "STORES_LIST": "A668",
    "REPORT_STORES_LIST": "A668",
    "TD_A668_STORE_CODE": "A668",
    "TD_A668_USERNAME": "A668",
    "TD_A668_PASSWORD": "hunter2",
    "RUN_ENV": "prod",
}


def refused(tmp_path, *flags, **changes):
    done = run_job("drill", *flags, cwd=tmp_path, **(PRODUCTION | changes))
    return done.returncode, messages(done)[-1], sorted(tmp_path.iterdir())


def test_the_flag_names_the_faults_that_there_are():
    assert list(FAULTS) == list(Fault)


def test_a_production_host_is_refused_whatever_else_it_says(tmp_path):
    backups = tmp_path / "backups"
    backups.mkdir()
    code, said, there = refused(tmp_path, DRILL_ALLOWED="true", DRILL_BACKUPS=str(backups))

    assert (code, said.startswith("error: RUN_ENV is prod: "), there) == (78, True, [backups])


def test_a_host_that_nobody_made_a_staging_one_is_refused(tmp_path):
    code, said, there = refused(tmp_path, "--fault", "mail", RUN_ENV="local")

    assert (code, there) == (78, [])
    assert said.startswith("error: DRILL_ALLOWED is not true: ")
    assert "set DRILL_ALLOWED=true in the settings of a staging host" in said


@pytest.mark.parametrize("word", ["maybe", "prod"])
def test_a_permission_that_is_no_yes_is_none(tmp_path, word):
    code, said, _ = refused(tmp_path, RUN_ENV="local", DRILL_ALLOWED=word)

    assert (code, said.startswith("error: refused before any work")) == (78, True)


def test_a_directory_without_a_backup_is_named_with_the_next_step(tmp_path):
    backups = tmp_path / "backups"
    backups.mkdir()
    code, said, _ = refused(
        tmp_path, RUN_ENV="local", DRILL_ALLOWED="true", DRILL_BACKUPS=str(backups)
    )

    assert code == 78
    assert f"DRILL_BACKUPS names {backups}, where no *.dump is; make one: pg_dump" in said


def test_a_fault_that_there_is_not_is_wrong_usage(tmp_path):
    done = run_job("drill", "--fault", "flood", cwd=tmp_path)
    assert (done.returncode, "invalid choice" in done.stderr) == (2, True)
