"""The scratch database: made on the server of DATABASE_URL, from a backup, and dropped again.

A lock that dies with its process is held for as long as a drill is at work, so that whoever has it
may drop what a killed one left.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL, Connection, Engine, make_url

from lib.db.engine import connect
from lib.db.grants import quoted
from lib.drill import queries
from lib.errors import ConfigurationError, TemporaryError

#: Between the name of the database that DATABASE_URL names and a random part, by which no other
#: database is ever taken for one of a drill.
INFIX = "_drill_"
_RANDOM_DIGITS = 12
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


def new_name(base: str) -> str:
    """Return a name for a scratch database. Raise ConfigurationError if it would be too long."""
    name = f"{base}{INFIX}{uuid.uuid4().hex[:_RANDOM_DIGITS]}"

    if len(name.encode()) > MOST_NAME_BYTES:
        raise ConfigurationError(
            f"the scratch database would be named {name}, which is longer than PostgreSQL's"
            f" {MOST_NAME_BYTES} bytes; give the staging database a shorter name"
        )

    return name


@contextmanager
def scratch_database(database_url: str) -> Iterator[ScratchDatabase]:
    """Yield an empty database, and drop it whatever happens.

    1. The lock of drills is taken.
    2. What a killed drill left is dropped.
    3. An empty database is made.

    Raise TemporaryError if another drill is at work, ConfigurationError if the role may make no
    database.
    """
    url = make_url(database_url)
    base = _base(url)
    name = new_name(base)
    scratch_url = url.set(database=name).render_as_string(hide_password=False)
    server = connect(database_url, application_name="simplify drill")
    server = server.execution_options(isolation_level="AUTOCOMMIT")

    try:
        with server.connect() as holder:
            if not queries.lock_drills(holder):
                raise TemporaryError(
                    f"another drill is at work beside the database {base}; hold this one after it"
                    " has ended"
                )

            drop_left(holder)
            _require_right(holder)
            queries.create_database(holder, name)

            try:
                yield ScratchDatabase(name, scratch_url, server)
            finally:
                with server.connect() as connection:
                    queries.drop_database(connection, name)
    finally:
        server.dispose()


def left(connection: Connection) -> list[str]:
    """Return the scratch databases beside the connection's, in use or not."""
    base = re.escape(_base(connection.engine.url))
    pattern = re.compile(rf"{base}{INFIX}[0-9a-f]{{{_RANDOM_DIGITS}}}", re.ASCII)

    return list(filter(pattern.fullmatch, queries.own_databases(connection)))


def drop_left(connection: Connection, *, dry_run: bool = False) -> int:
    """Drop what killed drills left beside the connection's database; return how many there were.

    0 while a drill is at work. `connection` commits each statement by itself.
    """
    if not queries.lock_drills(connection):
        return 0

    try:
        found = left(connection)

        if not dry_run:
            for name in found:
                queries.drop_database(connection, name)

        return len(found)
    finally:
        queries.unlock_drills(connection)


def _base(url: URL) -> str:
    return str(url.database)


def _require_right(connection: Connection) -> None:
    if not queries.may_create_databases(connection):
        url = connection.engine.url
        role = quoted(url.username or "the role of DATABASE_URL")
        raise ConfigurationError(
            "a drill needs a scratch database, which the role may not make; as the server's"
            f" superuser, type: ALTER ROLE {role} CREATEDB;"
        )
