"""Names in Hindi and Tamil need a database in UTF8, and a session that says so itself."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from lib.db.engine import connect
from lib.db.errors import DatabaseRefused
from lib.errors import ExitCode
from tests.programs import messages, run_job

pytestmark = pytest.mark.integration


@pytest.fixture
def encoded(database_server):
    """Return a function that makes a database of an encoding."""
    names = []

    def make(encoding):
        name = f"simplify_test_{uuid.uuid4().hex[:16]}"
        with database_server.administrator() as connection:
            connection.execute(
                text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
            )
        names.append(name)
        return database_server.url_of(name)

    yield make
    with database_server.administrator() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name}"))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_in_another_encoding_is_refused_with_what_to_do(encoded, encoding):
    with pytest.raises(DatabaseRefused) as caught:
        connect(encoded(encoding), application_name="tests")

    assert f"the database's encoding is {encoding} and must be UTF8" in str(caught.value)
    assert "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0" in str(caught.value)


@pytest.mark.parametrize("job", ["migrate", "db_check", "replay"])
def test_every_job_ends_with_78_there(encoded, tmp_path, job):
    done = run_job(job, cwd=tmp_path, DATABASE_URL=encoded("SQL_ASCII"))

    assert done.returncode == ExitCode.CONFIGURATION
    assert "must be UTF8" in messages(done)[-1]


@pytest.mark.parametrize("said", ["SQL_ASCII", "LATIN1", "nonsense"])
def test_the_session_states_its_encoding_whatever_the_environment_says(database, monkeypatch, said):
    monkeypatch.setenv("PGCLIENTENCODING", said)
    engine = connect(database, application_name="tests")
    name = "वसुन्धरा வசுந்தரா ₹"
    with engine.connect() as connection:
        found = connection.execute(text("SELECT :name, octet_length(:name)"), {"name": name}).one()
    engine.dispose()

    assert tuple(found) == (name, len(name.encode()))
