"""The scratch database: made on the server of DATABASE_URL, from a backup, and dropped again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, make_url

from lib.db.engine import connect
from lib.db.grants import quoted
from lib.drill import queries
from lib.errors import ConfigurationError

#: Behind the name of the database that DATABASE_URL names.
SUFFIX = "_drill"
#: Of a name; PostgreSQL would cut the rest off and could then mean another database.
MOST_NAME_BYTES = 63


@dataclass(frozen=True)
class ScratchDatabase:
    """A database that is there for one drill."""

    name: str
    #: It has the password.
    url: str = field(repr=False)
    #: At the database of DATABASE_URL, outside transactions.
    server: Engine = field(repr=False)

    def connect(self) -> Engine:
        """Return an engine at it; whoever asks disposes of it."""
        return connect(self.url, application_name="simplify drill")


def name_of(database_url: str) -> str:
    """Return the name of the scratch database. Raise ConfigurationError if it would be too long."""
    name = f"{make_url(database_url).database}{SUFFIX}"

    if len(name.encode()) > MOST_NAME_BYTES:
        raise ConfigurationError(
            f"the scratch database would be named {name}, which is longer than PostgreSQL's"
            f" {MOST_NAME_BYTES} bytes; give the staging database a shorter name"
        )

    return name


@contextmanager
def scratch_database(database_url: str) -> Iterator[ScratchDatabase]:
    """Yield an empty database, and drop it whatever happens.

    Raise ConfigurationError if there is one of that name, or if the role may make none.
    """
    name = name_of(database_url)
    url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    server = connect(database_url, application_name="simplify drill")
    server = server.execution_options(isolation_level="AUTOCOMMIT")

    try:
        _create(server, name)

        try:
            yield ScratchDatabase(name, url, server)
        finally:
            with server.connect() as connection:
                queries.drop_database(connection, name)
    finally:
        server.dispose()


def _create(server: Engine, name: str) -> None:
    with server.connect() as connection:
        if queries.database_exists(connection, name):
            raise ConfigurationError(
                f"the database {name} exists: another drill is at work, or one was killed; if none"
                f" is at work, type in psql: DROP DATABASE {quoted(name)};"
            )

        if not queries.may_create_databases(connection):
            role = quoted(make_url(server.url).username or "the role of DATABASE_URL")
            raise ConfigurationError(
                "a drill needs a scratch database, which the role may not make; as the server's"
                f" superuser, type: ALTER ROLE {role} CREATEDB;"
            )

        queries.create_database(connection, name)
