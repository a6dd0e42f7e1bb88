"""`python -m jobs.prune`."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text

from tests.programs import messages, run_job


@pytest.fixture
def place(database, tmp_path):
    """Volumes of one's own, with one export that an audit kept two months ago."""
    export = tmp_path / "data" / "A668-missed-leads.csv"
    export.parent.mkdir()
    export.write_text("mobile_number\n9000000001\n")
    at = export.stat().st_mtime - 62 * 86_400
    os.utime(export, (at, at))
    volumes = {
        "DATA_DIR": "data",
        "REPORTS_ROOT": "reports",
        "PROFILES_DIR": "profiles",
        "LOGS_DIR": "logs",
    }
    return tmp_path, {
        "DATABASE_URL": database,
        **{name: str(tmp_path / path) for name, path in volumes.items()},
    }


NOTHING_ELSE = [
    "ok: rejected rows: 0 {emptied}, 0 bytes (REJECT_RETENTION_DAYS)",
    "ok: storage states: 0 files, 0 bytes {removed}",
    "ok: unknown pages: 0 files, 0 bytes {removed}",
    "ok: comments of returned forms: 0 {emptied}, 0 bytes (RETURN_RETENTION_DAYS)",
    "ok: texts of mails: 0 {emptied}, 0 bytes (MAIL_RETENTION_DAYS)",
    "ok: pages of drills: 0 files, 0 bytes {removed}",
    "ok: reports: 0 files, 0 bytes {removed}",
]


def said(flags):
    words = (
        {"emptied": "would be emptied", "removed": "would go"}
        if flags
        else {"emptied": "emptied", "removed": "removed"}
    )
    return [
        f"info: {words['removed']}: export, 62 days old, 25 bytes (DATA_RETENTION_DAYS)",
        f"ok: customer files: 1 files, 25 bytes {words['removed']}",
        *(line.format(**words) for line in NOTHING_ELSE),
    ]


def test_it_names_what_goes_and_a_dry_run_leaves_it(place):
    directory, environ = place
    for flags, left in (["--dry-run"], ["A668-missed-leads.csv"]), ([], []):
        done = run_job("prune", *flags, cwd=directory, **environ)
        assert (done.returncode, messages(done), done.stderr) == (0, said(flags), "")
        assert [path.name for path in (directory / "data").iterdir()] == left
        assert "9000000001" not in done.stdout


def test_a_run_at_work_leaves_something_for_the_next_time(place, engine):
    directory, environ = place
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_advisory_lock(hashtextextended('simplify:simplify_dashboard_daily', 0))"
            )
        )
        done = run_job("prune", cwd=directory, **environ)

    assert done.returncode == 75
    assert messages(done)[0].startswith(
        "warning: customer files: left for the next time: another run of"
    )
    assert len(messages(done)) == 1 + len(NOTHING_ELSE)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"REPORT_RETENTION_DAYS": "7"}, 78, id="nonsense"),
        pytest.param({"REJECT_RETENTION_DAYS": "900"}, 78, id="contradiction"),
        pytest.param({"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, 75, id="database-away"),
    ],
)
def test_what_cannot_be_right_removes_nothing(place, given, code):
    directory, environ = place
    done = run_job("prune", cwd=directory, **(environ | given))

    assert done.returncode == code
    assert len(list((directory / "data").iterdir())) == 1
    assert "hush" not in done.stdout


def test_a_database_that_was_never_migrated_is_for_a_person(place, empty_database):
    directory, environ = place

    assert (
        run_job("prune", cwd=directory, **(environ | {"DATABASE_URL": empty_database})).returncode
        == 78
    )
    assert len(list((directory / "data").iterdir())) == 1
