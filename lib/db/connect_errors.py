"""Why there is no connection, in known words: what is between us and the server may quote anything.

psycopg2 gives no SQLSTATE for a refused connection. Pure.
"""

from __future__ import annotations

import errno
import os
import re

from lib.db import grants

_SYSTEM_WORDS = frozenset(map(os.strerror, errno.errorcode))

#: Beginnings of PostgreSQL's and PgBouncer's words for what a person must change.
REFUSALS = (
    # PostgreSQL
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects connection",
    "cannot connect to invalid database",
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

#: Refusals that the right address meets, too: PostgreSQL's words, and what mends that database or
#: that role. They give no SQLSTATE here; the manual's are 55000 (twice) and 28000.
_MENDS = (
    (
        re.compile(r'database "(.+)" is not currently accepting connections'),
        (
            "it was closed to everybody; as its owner, in another database, type: "
            "ALTER DATABASE {name} ALLOW_CONNECTIONS true;"
        ),
    ),
    (
        re.compile(r'cannot connect to invalid database "(.+)"'),
        (
            "a DROP DATABASE of it was cut off, which nothing undoes; as its owner, in another "
            "database, type: DROP DATABASE {name}; then follow docs/how-to/restore.md"
        ),
    ),
    (
        re.compile(r'role "(.+)" is not permitted to log in'),
        "as the server's administrator, type: ALTER ROLE {name} LOGIN;",
    ),
)
_NO_ENTRY = re.compile(
    r'(?:no pg_hba\.conf entry|pg_hba\.conf rejects connection) for host "(?P<host>.+)", '
    r'user "(?P<user>.+)", database "(?P<database>.+)", (?P<encryption>.+)'
)
_ENCRYPT = "add ?sslmode=require to DATABASE_URL"
_NO_CONNECT = re.compile(r'permission denied for database "(.+)"')


def words_of(error: BaseException) -> str:
    """Return the known words of a connection error, which never hold the password."""
    said = re.split("FATAL:|ERROR:|failed:", str(error))[-1].strip().partition("\n")[0]

    if said.startswith((*REFUSALS, *PASSING)) or said in _SYSTEM_WORDS:
        return said

    return "its words are unknown to us; try psql"


def is_refusal(words: str) -> bool:
    """Return True if a person must change something before there is a connection."""
    return words.startswith(REFUSALS)


def next_step(words: str, role: str) -> str:
    """Return what a person does about a refusal that met `role`."""
    for pattern, step in _MENDS:
        if match := pattern.fullmatch(words):
            return step.format(name=grants.quoted(match[1]))

    if match := _NO_ENTRY.fullmatch(words):
        return _let_in(match)

    # PgBouncer's, with client_tls_sslmode = require
    if words.startswith("SSL required"):
        return _ENCRYPT

    if match := _NO_CONNECT.fullmatch(words):
        grant = grants.grant("database", [match[1]], role)
        return f"as the owner of the database, type: {grant}"

    return "correct DATABASE_URL"


def _let_in(refused: re.Match[str]) -> str:
    """Return what lets in a client for which the server's `pg_hba.conf` has no line."""
    host = refused["host"]
    bits = 128 if ":" in host else 32
    kind = "host" if refused["encryption"] == "no encryption" else "hostssl"
    names = f"{grants.quoted(refused['database'])} {grants.quoted(refused['user'])}"

    line = (
        "the server's administrator puts above the other lines of pg_hba.conf: "
        f"{kind} {names} {host}/{bits} scram-sha-256, and types: SELECT pg_reload_conf();"
    )
    if kind == "host":
        return f"if it takes encrypted connections only, {_ENCRYPT}; else {line}"

    return line
