"""`python -m jobs.returns`."""

from __future__ import annotations

import os

from lib import dates
from lib.db import tables
from tests.factories import notify_rows, returned_forms
from tests.factories.documents import report_row
from tests.factories.reports import RUN
from tests.factories.runs import add_run
from tests.programs import messages, run_job


def test_it_reads_what_is_in_the_directory_and_says_nothing_of_what_it_reads(
    engine, database, tmp_path
):
    add_run(engine, RUN)
    notify_rows.execute(engine, tables.documents.insert().values(report_row(RUN, "A668")))
    box = tmp_path / "returns"
    box.mkdir()
    typed = {"undelivered_comment_1": "Ask Asha Kulkarni"}
    (box / "form.pdf").write_bytes(returned_forms.filled((), typed))
    (box / "Asha Kulkarni.pdf").write_bytes(b"no PDF")
    at = dates.now().timestamp() - 3600
    os.utime(box / "Asha Kulkarni.pdf", (at, at))

    done = run_job("returns", cwd=tmp_path, DATABASE_URL=database, RETURNS_DIR=str(box))

    assert (done.returncode, messages(done), done.stderr) == (
        0,
        [
            "warning: a form is refused: it cannot be read as a PDF, or a part of it is missing",
            "ok: 1 form read, 0 read before, 1 refused, 0 left",
        ],
        "",
    )
    assert "Asha" not in done.stdout


def test_without_a_place_for_forms_there_is_nothing_to_do(database, tmp_path):
    done = run_job("returns", cwd=tmp_path, DATABASE_URL=database)

    assert (done.returncode, messages(done)) == (
        0,
        ["info: forms are not read: neither RETURNS_DIR nor RETURNS_IMAP_URL is set"],
    )


def test_a_directory_that_is_not_there_is_named_and_a_password_never(tmp_path):
    done = run_job(
        "returns",
        cwd=tmp_path,
        DATABASE_URL="postgresql://h/d",
        RETURNS_DIR=str(tmp_path / "away"),
        RETURNS_IMAP_URL="imap://forms:hunter2@imap.example.invalid",
    )

    assert done.returncode == 78
    assert f"RETURNS_DIR names {tmp_path / 'away'}, which is no directory" in done.stdout
    assert "RETURNS_IMAP_URL is not of the form imaps://user:password@host/folder" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
