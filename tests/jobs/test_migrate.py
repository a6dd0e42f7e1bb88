"""`python -m jobs.migrate`, the only job that changes the schema."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lib.db import migrations
from tests.programs import messages, run_job


def test_it_brings_an_empty_database_to_the_newest_revision(empty_database, tmp_path):
    first = run_job("migrate", cwd=tmp_path, DATABASE_URL=empty_database)
    again = run_job("migrate", cwd=tmp_path, DATABASE_URL=empty_database)
    place = f"info: the database is at {migrations.head()}; pending: nothing"

    assert (first.returncode, messages(first)) == (
        0,
        [*(f"ok: applied {id_}" for id_ in migrations.chain()), place],
    )
    assert (again.returncode, messages(again)) == (0, [place])
    assert first.stderr + again.stderr == ""


def test_check_names_what_is_pending_and_changes_nothing(empty_database, tmp_path):
    run_job(
        "migrate", "--revision", "0002_undelivered_uc", cwd=tmp_path, DATABASE_URL=empty_database
    )
    for _ in range(2):
        done = run_job("migrate", "--check", cwd=tmp_path, DATABASE_URL=empty_database)
        waiting = ", ".join(migrations.chain()[2:])
        assert (done.returncode, messages(done)) == (
            1,
            [f"info: the database is at 0002_undelivered_uc; pending: {waiting}"],
        )


def test_check_is_silent_about_a_current_database(database, tmp_path):
    assert run_job("migrate", "--check", cwd=tmp_path, DATABASE_URL=database).returncode == 0


def test_check_warns_of_a_newer_database_which_only_a_newer_version_may_migrate(
    engine, database, tmp_path
):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999_future'"))
    check = run_job("migrate", "--check", cwd=tmp_path, DATABASE_URL=database)
    said = "the database is at revision 0999_future, which this version does not have: the version that applied it is newer"
    place = "info: the database is at 0999_future; pending: nothing"

    assert (check.returncode, messages(check)) == (0, [f"warning: {said}", place])
    assert run_job("migrate", cwd=tmp_path, DATABASE_URL=database).returncode == 78


@pytest.mark.parametrize("form", ["postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_it_takes_every_form_of_url(database, tmp_path, form):
    url = database.replace("postgresql", form, 1)
    assert run_job("migrate", cwd=tmp_path, DATABASE_URL=url).returncode == 0


@pytest.mark.parametrize(
    ("flags", "environ", "code", "words"),
    [
        pytest.param([], {}, 78, "DATABASE_URL is missing", id="no database"),
        pytest.param(["--rush"], {}, 2, "unrecognized arguments: --rush", id="unknown flag"),
        pytest.param(
            [],
            {"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"},
            75,
            "cannot connect to the database",
            id="away",
        ),
    ],
)
def test_it_refuses(tmp_path, flags, environ, code, words):
    done = run_job("migrate", *flags, cwd=tmp_path, **environ)

    assert done.returncode == code
    assert words in done.stdout + done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_an_unknown_revision_is_wrong_usage(database, tmp_path):
    done = run_job("migrate", "--revision", "0999_dream", cwd=tmp_path, DATABASE_URL=database)

    assert done.returncode == 2
    assert "no revision '0999_dream'" in done.stdout


@pytest.mark.parametrize("job", ["migrate", "db_check", "replay"])
@pytest.mark.parametrize(
    "settings",
    [
        {"STORES_LIST": "A668,no code"},
        {"STORES_LIST": "A668", "REPORT_STORES_LIST": "A668,T105"},
        {"REPORT_EMAIL_SMTP_HOST": "mail.example.invalid", "REPORT_EMAIL_SMTP_PORT": "none"},
        {"PORTAL_TIMEOUT_SECONDS": "soon"},
    ],
    ids=["stores", "report stores", "mail", "portal"],
)
def test_a_job_is_refused_only_for_settings_that_it_uses(database, tmp_path, job, settings):
    done = run_job(job, cwd=tmp_path, DATABASE_URL=database, **settings)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("job", ["migrate", "db_check", "replay"])
def test_a_job_is_refused_for_a_setting_that_it_uses(tmp_path, job):
    done = run_job(job, cwd=tmp_path, DATABASE_URL="nonsense")
    assert done.returncode == 78
