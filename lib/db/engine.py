"""The one door to psycopg2: engines that keep secrets, give up in time and raise our errors."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import psycopg2
import stamina
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from lib import stop
from lib.db import connect_errors, grants, jsonb, sessions
from lib.db.errors import DatabaseRefused, DatabaseUnavailable
from lib.db.sqlstates import Remedy, advice, remedy_of
from lib.errors import ConfigurationError, describe

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.engine import ExceptionContext

#: Connections of one process at most (lesson 95: parallel engines exhausted the server).
POOL_SIZE = 4
CONNECT_TIMEOUT_S = 10
CONNECT_ATTEMPTS = 3

_UNKNOWN_ROLE = "the role of DATABASE_URL"
_PERMISSION_DENIED = "42501"

#: Every connection of this process that is not closed, whichever pool it is in.
_open: WeakSet[Any] = WeakSet()


def connect(
    database_url: str,
    *,
    application_name: str,
    schema: str | None = None,
) -> Engine:
    """Return an engine that has proved one connection.

    `application_name` shows in `pg_stat_activity`; with `schema` no table of another one is found.

    Sessions run in UTC and UTF-8 with time-outs on statements and locks, whatever the environment
    says; options in the URL win. Statement errors never show parameters. Whatever the engine does
    later, a lost or busy server is DatabaseUnavailable, and what a person must mend is
    DatabaseRefused.

    Raise DatabaseUnavailable after CONNECT_ATTEMPTS; DatabaseRefused at once, also for a database
    that is not in UTF8 and for a pooler that pools by transaction.
    """
    url, settings = _parse(database_url)

    if schema:
        settings["search_path"] = schema

    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        json_serializer=jsonb.dumps,
        # no column is of that type: not asked for at each connection
        use_native_hstore=False,
        connect_args=_connect_args(url, application_name),
    )

    def configure(connection: Any, _record: object) -> None:
        _open.add(connection)
        sessions.configure(connection, settings)

    event.listen(engine, "handle_error", partial(_translate, url))
    # before SQLAlchemy's own first questions, which are to meet the settings, too
    event.listen(engine, "connect", configure, insert=True)
    stop.on_timeout(_cancel_statements)

    try:
        _prove(engine)
    except BaseException:
        engine.dispose()
        raise

    return engine


def _prove(engine: Engine) -> None:
    for attempt in stamina.retry_context(
        on=DatabaseUnavailable,
        attempts=CONNECT_ATTEMPTS,
        wait_max=2,
    ):
        with attempt, engine.connect() as connection:
            sessions.require_usable(engine, connection)


def _cancel_statements() -> None:
    """Cancel whatever any connection of ours is waiting for; its transaction is rolled back."""
    for connection in list(_open):
        with suppress(psycopg2.Error):
            connection.cancel()


def _parse(database_url: str) -> tuple[URL, dict[str, str]]:
    """Return the URL without its options, and the settings of a session, the URL's after ours."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL is not a URL of the form postgresql://user:password@host:port/name"
        ) from None

    settings = sessions.SETTINGS | sessions.parse_options(url.query.get("options", ()))
    url = url.set(drivername="postgresql+psycopg2").difference_update_query(["options"])

    return url, settings


def _connect_args(url: URL, application_name: str) -> dict[str, Any]:
    """Return what libpq is told; all of it goes before the environment (PGCLIENTENCODING, …)."""
    keepalives = {f"keepalives_{name}": value for name, value in sessions.KEEPALIVES.items()}
    unsaid = {}

    for name, value in keepalives.items():
        if name not in url.query:
            unsaid[name] = value

    return unsaid | {
        "application_name": application_name,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "client_encoding": sessions.ENCODING,
        # an empty text, for nothing at all would let PGOPTIONS through, which a pooler refuses
        "options": "",
    }


def _translate(url: URL, context: ExceptionContext) -> None:
    """Raise our error in place of SQLAlchemy's where it is about the server, not the statement."""
    if context.is_pre_ping or not isinstance(context.sqlalchemy_exception, DBAPIError):
        return

    cause: Any = context.original_exception
    state = getattr(cause, "pgcode", None) or ""

    if context.connection is None:
        raise _connect_error(url, cause) from cause

    if context.is_disconnect or (state and remedy_of(state) is Remedy.WAIT):
        what = f"is busy (SQLSTATE {state})" if state else "closed the connection"
        raise DatabaseUnavailable(
            f"the database {_place(url)} {what}; run the job again"
        ) from cause

    if state and remedy_of(state) is Remedy.PERSON:
        raise DatabaseRefused(
            f"the database {_place(url)} refused a statement: {describe(cause)}; "
            f"{_next_step(url, state, cause)}"
        ) from cause


def _next_step(url: URL, state: str, cause: Any) -> str:
    if state == _PERMISSION_DENIED:
        message = getattr(cause.diag, "message_primary", None) or ""

        statement = grants.for_message(message, url.username or _UNKNOWN_ROLE)

        if statement:
            return f"as the owner of the database, type: {statement}"

    return advice(state)


def _connect_error(url: URL, cause: BaseException) -> DatabaseUnavailable | DatabaseRefused:
    """Return why there is no connection."""
    words = connect_errors.words_of(cause)

    if connect_errors.is_refusal(words) or isinstance(cause, psycopg2.ProgrammingError):
        step = connect_errors.next_step(words, url.username or _UNKNOWN_ROLE)

        return DatabaseRefused(f"the database {_place(url)} refused us: {words}; {step}")

    return DatabaseUnavailable(f"cannot connect to the database {_place(url)}: {words}")


def _place(url: URL) -> str:
    """Return host, port and name: never the user or the password."""
    host = url.host or url.query.get("host") or "local socket"
    return f"{host}:{url.port or 5432}/{url.database}"
