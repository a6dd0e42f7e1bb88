"""Why there is no connection, in known words: what is between us and the server may quote anything.

psycopg2 gives no SQLSTATE for a refused connection. Pure.
"""

from __future__ import annotations

import errno
import os
import re

_SYSTEM_WORDS = frozenset(map(os.strerror, errno.errorcode))

#: Beginnings of PostgreSQL's and PgBouncer's words for what a person must change.
REFUSALS = (
    # PostgreSQL
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "permission denied for database",
    "unrecognized configuration parameter",
    "invalid value for parameter",
    "permission denied to set parameter",
    'parameter "',
    'role "',
    'database "',
    # PgBouncer
    "no such database",
    "no such user",
    "SASL authentication failed",
    "auth failed",
    "unsupported startup parameter",
    "bouncer config error",
    "SSL required",
    # libpq
    "invalid dsn: invalid connection option",
    "invalid connection option",
)
#: Beginnings of words for what passes, or for what only the words can tell apart.
PASSING = (
    # PostgreSQL
    "the database system is",
    "sorry, too many clients already",
    "remaining connection slots",
    "too many connections",
    "terminating connection",
    # PgBouncer
    "server login has been failing",
    "server login failed",
    "query_wait_timeout",
    "client_login_timeout",
    "no more connections allowed",
    "pgbouncer cannot connect to server",
    "the database is paused",
    "server_lifetime",
    # libpq
    "could not translate host name",
    "server closed the connection unexpectedly",
    "timeout expired",
    "SSL error",
    "certificate verify",
    "server does not support SSL",
)


def words_of(error: BaseException) -> str:
    """Return the known words of a connection error, which never hold the password."""
    said = re.split("FATAL:|ERROR:|failed:", str(error))[-1].strip().partition("\n")[0]

    if said.startswith((*REFUSALS, *PASSING)) or said in _SYSTEM_WORDS:
        return said

    return "its words are unknown to us; try psql"


def is_refusal(words: str) -> bool:
    """Return True if a person must change something before there is a connection."""
    return words.startswith(REFUSALS)
