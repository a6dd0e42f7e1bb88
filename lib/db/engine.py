"""The one door to psycopg2: an engine that keeps secrets, gives up in time and speaks in our errors."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import psycopg2
import stamina
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from lib import stop
from lib.db import jsonb
from lib.db.errors import DatabaseRefused, DatabaseUnavailable
from lib.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.engine import ExceptionContext

#: Connections of one process at most (lesson 95: parallel engines exhausted the server).
POOL_SIZE = 4
CONNECT_TIMEOUT_S = 10
CONNECT_ATTEMPTS = 3
STATEMENT_TIMEOUT_S = 300
LOCK_TIMEOUT_S = 30

_SYSTEM_WORDS = frozenset(map(os.strerror, errno.errorcode))
#: Every connection of this process that is not closed, whichever pool it is in.
_open: WeakSet[Any] = WeakSet()

#: Beginnings of the server's words for a refused connection; psycopg2 gives no SQLSTATE for these.
REFUSALS = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    'role "',
    'database "',
)

#: Beginnings of libpq's and PostgreSQL's words that may be told; what is between us and it may
#: quote anything.
KNOWN_WORDS = (
    *REFUSALS,
    *(
        "could not translate host name",
        "invalid dsn: invalid connection option",
        "invalid connection option",
    ),
    *(
        "server closed the connection unexpectedly",
        "timeout expired",
        "SSL error",
        "certificate verify",
    ),
    *("server does not support SSL", "the database system is", "sorry, too many clients already"),
    *("remaining connection slots", "too many connections", "terminating connection"),
)

#: Beginnings of SQLSTATEs that another attempt may not meet.
#:
#: They say: connection lost, read-only for now (a standby, or no room), deadlock, full, time-out,
#: shutdown.
BUSY_STATES = ("08", "25006", "40001", "40P01", "53", "55P03", "57014", "57P01", "57P02", "57P03")


def connect(database_url: str, *, application_name: str) -> Engine:
    """Return an engine that has proved one connection; `application_name` shows in `pg_stat_activity`.

    Sessions run in UTC with time-outs on statements and locks. Statement errors never show
    parameters. Whatever the engine does later, a lost or busy server is DatabaseUnavailable.

    Raises DatabaseUnavailable after CONNECT_ATTEMPTS, DatabaseRefused at once.
    """
    url = _psycopg2_url(database_url)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        json_serializer=jsonb.dumps,
        connect_args={
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": _session_options(url),
        },
    )

    event.listen(engine, "handle_error", partial(_translate, url))
    event.listen(engine, "connect", lambda connection, _: _open.add(connection))
    stop.on_timeout(_cancel_statements)

    for attempt in stamina.retry_context(
        on=DatabaseUnavailable, attempts=CONNECT_ATTEMPTS, wait_max=2
    ):
        with attempt:
            engine.connect().close()

    return engine


def _cancel_statements() -> None:
    """Cancel whatever any connection of ours is waiting for; its transaction is rolled back."""
    for connection in list(_open):
        with suppress(psycopg2.Error):
            connection.cancel()


def _psycopg2_url(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL is not a URL of the form postgresql://user:password@host:port/name"
        ) from None

    return url.set(drivername="postgresql+psycopg2")


def _session_options(url: URL) -> str:
    """Put our settings before those that the operator's URL already carries, so that the operator's win."""
    ours = f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT_S}s -c lock_timeout={LOCK_TIMEOUT_S}s"
    theirs = url.query.get("options", ())

    return " ".join([ours, *([theirs] if isinstance(theirs, str) else theirs)])


def _translate(url: URL, context: ExceptionContext) -> None:
    """Raise our error in place of SQLAlchemy's where it is about the server and not about the statement."""
    if context.is_pre_ping or not isinstance(context.sqlalchemy_exception, DBAPIError):
        return

    cause: Any = context.original_exception

    if context.connection is None:
        raise _connect_error(url, cause) from cause

    state = getattr(cause, "pgcode", None) or ""
    if context.is_disconnect or state.startswith(BUSY_STATES):
        what = f"is busy (SQLSTATE {state})" if state else "closed the connection"
        raise DatabaseUnavailable(
            f"the database {_place(url)} {what}; run the job again"
        ) from cause


def _connect_error(url: URL, cause: BaseException) -> DatabaseUnavailable | DatabaseRefused:
    """Say in libpq's words, which never hold the password, why there is no connection."""
    words = re.split("FATAL:|failed:", str(cause))[-1].strip().partition("\n")[0]
    if not words.startswith(KNOWN_WORDS) and words not in _SYSTEM_WORDS:
        words = "its words are unknown to us; try psql"

    if words.startswith(REFUSALS) or isinstance(cause, psycopg2.ProgrammingError):
        return DatabaseRefused(
            f"the database {_place(url)} refused us: {words}; correct DATABASE_URL"
        )

    return DatabaseUnavailable(f"cannot connect to the database {_place(url)}: {words}")


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "local socket"
    return f"{host}:{url.port or 5432}/{url.database}"
