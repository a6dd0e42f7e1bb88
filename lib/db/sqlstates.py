"""What an SQLSTATE asks for: patience, a person, or a correction of the code. Pure.

Source: PostgreSQL's table of error codes (Appendix A of its manual).
"""

from __future__ import annotations

from enum import Enum


class Remedy(Enum):
    """Who mends an error of the database."""

    #: It passes: another attempt may not meet it (exit 75).
    WAIT = "wait"
    #: It stays until a person changes the server, its rights or the schema (exit 78).
    PERSON = "person"
    #: The statement or its values are wrong.
    CODE = "code"


#: Beginnings of SQLSTATEs that pass.
PASSING = (
    # the connection was lost
    "08",
    # read-only for now: a standby, or no room
    "25006",
    # a transaction was idle or open for too long
    "25P03",
    "25P04",
    # serialization failure, deadlock
    "40001",
    "40P01",
    # no room, memory or connection
    "53",
    # the object is in use, the lock is not to be had
    "55006",
    "55P03",
    # cancelled, or a time-out
    "57014",
    # the server stops, crashed, starts or recovers
    "57P01",
    "57P02",
    "57P03",
    # the session was idle for too long
    "57P05",
    # the server's disk does not read or write
    "58030",
    # the snapshot is too old
    "72",
)

_SCHEMA = "the schema is not what this version needs; run: python -m jobs.migrate"
_FOREIGN = (
    "something of that name is there that jobs.migrate did not make; rename it, then run: "
    "python -m jobs.migrate"
)
_ROLE = "the role may not do this; see docs/reference/domain.md#database-server"
_SERVER = "the server's administrator must mend it; see the server's log"

#: Beginnings of SQLSTATEs that a person mends, with the next step.
ADVICE = {
    "0A000": "the server lacks this feature; use PostgreSQL 13 or later",
    "0L": _ROLE,
    "0P": _ROLE,
    "22P05": "the database's encoding has no such letter; it must be UTF8",
    "28": "the role may not log in; correct DATABASE_URL",
    "2BP01": "another object depends on it; remove that first",
    "3D000": "there is no such database; correct DATABASE_URL",
    "3F000": _SCHEMA,
    "42501": _ROLE,
    "42701": _FOREIGN,
    "42703": _SCHEMA,
    "42704": _SCHEMA,
    "42710": _FOREIGN,
    "42809": _FOREIGN,
    "42883": _SCHEMA,
    "42P01": _SCHEMA,
    "42P06": _FOREIGN,
    "42P07": _FOREIGN,
    "55000": _SERVER,
    "55P02": _SERVER,
    "57P04": "the database was dropped; restore it, or correct DATABASE_URL",
    "58P01": _SERVER,
    "F0": _SERVER,
    "XX001": _SERVER,
    "XX002": _SERVER,
}


def remedy_of(state: str | None) -> Remedy:
    """Return who mends an error of that SQLSTATE; one without a state is a lost connection."""
    if not state or state.startswith(PASSING):
        return Remedy.WAIT

    return Remedy.PERSON if state.startswith(tuple(ADVICE)) else Remedy.CODE


def advice(state: str) -> str:
    """Return the next step for an SQLSTATE that a person mends."""
    return next(text for beginning, text in ADVICE.items() if state.startswith(beginning))
