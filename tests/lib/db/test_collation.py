"""A database whose operating system has got another order of texts."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lib.db import collation
from lib.db.engine import connect

BUILT_IN, SINCE = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", 170_000
"""PostgreSQL's own order, and its version from which there is one, whatever it was built with."""
ICU = "LOCALE_PROVIDER icu ICU_LOCALE 'en-IN'"
OLD = "UPDATE pg_database SET datcollversion = :version WHERE datname = current_database()"
"""What a database has whose disk went over to another operating system."""
REPAIR = "; as the owner of the database, type: "


@pytest.fixture
def ordered(database_server):
    """An engine on a database whose order of texts has a version; C's has none."""
    with database_server.administrator() as administrator:
        number = administrator.execute(text("SHOW server_version_num")).scalar_one()

    with database_server.database(order=BUILT_IN if int(number) >= SINCE else ICU) as name:
        engine = connect(database_server.url_of(name), application_name="tests")
        yield engine
        engine.dispose()


def found(engine):
    with engine.connect() as connection:
        return [str(finding) for finding in collation.outdated(connection)]


def test_what_is_named_as_the_repair_is_one(ordered):
    assert found(ordered) == []

    with ordered.begin() as connection:
        connection.execute(text(OLD), {"version": "0.36"})
    [warning] = found(ordered)
    assert "the order of version 0.36, and the server's machine has version" in warning

    with ordered.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in warning.partition(REPAIR)[2].rstrip(";").split("; "):
            connection.execute(text(statement))
    assert found(ordered) == []


def test_a_server_that_keeps_no_version_is_not_asked(ordered, monkeypatch):
    with ordered.connect() as connection:
        connection.execute(text(OLD), {"version": "0.36"})
        monkeypatch.setattr(connection.dialect, "server_version_info", (14, 22))

        assert list(collation.outdated(connection)) == []
