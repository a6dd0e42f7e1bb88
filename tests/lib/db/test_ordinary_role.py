"""An ordinary role on PostgreSQL 15 and later: what it lacks is named with the GRANT to type."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect
from lib.db.errors import DatabaseRefused
from lib.db.health import examine
from lib.errors import ExitCode
from lib.model import Status


def run(url, statement):
    owner = connect(url, application_name="tests")
    with owner.begin() as connection:
        connection.execute(text(statement))
    owner.dispose()


def test_migrate_says_which_grant_is_missing_and_works_once_it_is_typed(
    empty_database, as_role, role
):
    run(empty_database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    engine = as_role(empty_database)
    grant = f"GRANT USAGE, CREATE ON SCHEMA public TO {role};"
    with pytest.raises(DatabaseRefused) as caught:
        migrations.upgrade(engine)

    assert str(caught.value).endswith(f"as the owner of the database, type: {grant}")
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert "hush" not in str(caught.value)
    run(empty_database, grant)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        checks = {check.name: check for check in examine(connection)}
    assert (checks["privileges"].findings, checks["revisions"].findings) == ((), ())


def test_db_check_asks_for_every_right_that_the_jobs_need(database, as_role, role):
    engine = as_role(database)
    with engine.connect() as connection:
        checks = {check.name: check for check in examine(connection)}
    texts = [finding.text for finding in checks["privileges"].findings]
    assert checks["privileges"].status is Status.ERROR
    assert list(checks) == ["revisions", "tables", "privileges", "order of texts"]
    for part in ("alembic_version, ", "missed_leads", f"TO {role};"):
        assert part in texts[0]
    assert "GRANT USAGE, SELECT ON SEQUENCE documents_id_seq" in texts[1]

    for finding in texts:
        run(database, finding.partition("type: ")[2])
    with engine.connect() as connection:
        checks = {check.name: check for check in examine(connection)}
    assert checks["privileges"].findings == ()
    assert "running runs" in checks


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("SELECT * FROM documents", "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE documents"),
        ("ALTER TABLE documents ADD x int", "ALTER TABLE documents OWNER TO"),
        ("SELECT * FROM nowhere", "run: python -m jobs.migrate"),
        ("SELECT nothing FROM pg_class", "run: python -m jobs.migrate"),
    ],
)
def test_a_statement_that_a_person_must_allow_is_for_a_person(database, as_role, statement, advice):
    engine = as_role(database)
    with engine.connect() as connection, pytest.raises(DatabaseRefused) as caught:
        connection.execute(text(statement))

    assert advice in str(caught.value)
