"""What a session at the database is told once it is open, and the proof that it is one session.

Settings go by SET after connecting: a pooler refuses them as options of the start. With a pooler
that pools by transaction (PgBouncer's pool_mode = transaction), two connections of ours share one
session of the server in turn, so that no lock of a run would hold.

Source: docs/reference/domain.md#database-server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from lib.db.errors import DatabaseRefused
from lib.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

STATEMENT_TIMEOUT_S = 300
LOCK_TIMEOUT_S = 30
#: A silent connection is asked for a sign of life, by us and by the server, which keeps a lock for
#: as long as it believes in us. A host that is gone is noticed in some 4 minutes, not in 2 hours.
KEEPALIVES = {"idle": 120, "interval": 30, "count": 4}

SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "lock_timeout": f"{LOCK_TIMEOUT_S}s",
    **{f"tcp_keepalives_{name}": str(value) for name, value in KEEPALIVES.items()},
}

ENCODING = "UTF8"
POOLED = (
    "the pooler before the database gives a session away while we need it, so that no lock of a "
    "run would hold: set pool_mode = session, or let DATABASE_URL name the server itself"
)
#: Rounds in which two connections take turns; the first one shows nearly every such pooler.
ROUNDS = 2

_OPTION = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.-]*)=((?:\\.|\S)*)\s*")


def parse_options(options: str | Iterable[str]) -> dict[str, str]:
    """Return the settings of a URL's `options`, which have the form `-c name=value`.

    Raise ConfigurationError if there is anything else.
    """
    remaining = options if isinstance(options, str) else " ".join(options)
    remaining = remaining.strip()
    found = {}

    while remaining:
        match = _OPTION.match(remaining)
        if match is None:
            raise ConfigurationError("options in DATABASE_URL must have the form -c name=value")

        found[match[1].replace("-", "_")] = re.sub(r"\\(.)", r"\1", match[2])
        remaining = remaining[match.end() :]

    return found


def configure(connection: Any, settings: dict[str, str]) -> None:
    """Give a new connection of the driver its settings, for as long as the session lasts.

    Raise DatabaseRefused for a pooler that takes no transactions at all.
    """
    calls = ", ".join("set_config(%s, %s, false)" for _ in settings)
    values = list(chain.from_iterable(settings.items()))

    # a setting that is made in a transaction is undone when that is rolled back
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_backend_pid(), {calls}", values)
        server_pid = cursor.fetchone()[0]

    connection.autocommit = False

    if connection.info.backend_pid != server_pid:
        _require_transactions(connection)


def _require_transactions(connection: Any) -> None:
    """Raise DatabaseRefused if the pooler closes the connection at a BEGIN (statement pooling)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

        connection.rollback()
    except Exception as error:
        if connection.closed:
            raise DatabaseRefused(POOLED) from error

        raise


def require_usable(engine: Engine, connection: Connection) -> None:
    """Raise DatabaseRefused unless the database holds every letter and a session is one session."""
    question = text("SELECT current_setting('server_encoding'), pg_backend_pid()")
    encoding, server_pid = connection.execute(question).one()
    connection.commit()

    if encoding != ENCODING:
        raise DatabaseRefused(
            f"the database's encoding is {encoding} and must be {ENCODING}: create another with "
            f"CREATE DATABASE … ENCODING '{ENCODING}' TEMPLATE template0, and restore a dump there"
        )

    driver: Any = connection.connection.dbapi_connection

    # a pooler answers with a number of its own where the server would give its process
    if driver.info.backend_pid != server_pid:
        with engine.connect() as other:
            _require_own_sessions(connection, other)


def _require_own_sessions(first: Connection, second: Connection) -> None:
    """Raise DatabaseRefused if two connections are ever served by one session, or one by two.

    A pooler gives the session that it got back last, or first: so the two give theirs back in
    either order.
    """
    first_pid = _process(first)
    first.commit()
    second_pid = _process(second)

    for _ in range(ROUNDS):
        for order in ((first, second), (second, first)):
            _require_same(first_pid, _process(first))
            _require_same(second_pid, _process(second))

            if first_pid == second_pid:
                raise DatabaseRefused(POOLED)

            for connection in order:
                connection.commit()


def _require_same(known: int, found: int) -> None:
    if known != found:
        raise DatabaseRefused(POOLED)


def _process(connection: Connection) -> int:
    """Return the number of the server's process that serves the connection's transaction."""
    found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return found
