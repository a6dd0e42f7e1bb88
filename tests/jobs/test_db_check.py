"""`python -m jobs.db_check`."""

from __future__ import annotations

import json

from sqlalchemy import text

from tests.programs import run_job


def test_a_fresh_database_is_fit(database, tmp_path):
    done = run_job("db_check", cwd=tmp_path, DATABASE_URL=database)
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "database: ok", "")


def test_a_warning_is_told_and_is_no_failure(database, engine, tmp_path):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO store_master (store_code) VALUES ('T105')"))
    done = run_job("db_check", "--json", cwd=tmp_path, DATABASE_URL=database)

    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "warning"


def test_a_report_store_without_reader_is_told_before_the_first_run(database, tmp_path):
    done = run_job("db_check", cwd=tmp_path, DATABASE_URL=database, REPORT_STORES_LIST="A668,TS48")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "database: warning")
    assert "warning: TS48: profile store_daily_reports has no recipient" in done.stdout
    assert "A668" not in done.stdout


def test_an_empty_database_is_for_a_person(empty_database, tmp_path):
    done = run_job("db_check", "--json", cwd=tmp_path, DATABASE_URL=empty_database)
    said = json.loads(done.stdout)

    assert (done.returncode, said["status"]) == (78, "error")
    assert (
        said["checks"][0]["findings"][0]["text"]
        == "0001_init is not applied; run: python -m jobs.migrate"
    )


def test_a_database_that_is_away_is_temporary(tmp_path):
    done = run_job("db_check", cwd=tmp_path, DATABASE_URL="postgresql://u:hush@127.0.0.1:1/x")

    assert done.returncode == 75
    assert "hush" not in done.stdout + done.stderr


ORPHAN = """
    ALTER TABLE documents DROP CONSTRAINT documents_run_id_fkey;
    INSERT INTO documents (doc_type, reference_name_2, reference_id_2, file_name, mime_type)
        VALUES ('store_daily_pdf', 'run_id', 'r1', 'x.pdf', 'application/pdf');
    ALTER TABLE documents ADD CONSTRAINT documents_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES pipeline_run_summaries (run_id) NOT VALID
"""


def test_orphans_are_repaired_when_asked_and_only_then(database, engine, tmp_path):
    with engine.begin() as connection:
        connection.execute(text(ORPHAN))
    for flags, verdict in (
        ([], "database: warning"),
        (["--repair-orphans"], "database: ok"),
        ([], "database: ok"),
    ):
        done = run_job("db_check", *flags, cwd=tmp_path, DATABASE_URL=database)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, verdict)


def test_json_is_one_document_on_stdout_whatever_is_logged(database, tmp_path):
    done = run_job("db_check", "--json", cwd=tmp_path, DATABASE_URL=database, TD_TYPO="x")

    assert "checks" in json.loads(done.stdout)
    assert "TD_TYPO is not a setting" in json.loads(done.stderr)["message"]
