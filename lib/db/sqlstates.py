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


#: Beginnings of SQLSTATEs.
WAIT = (
    "08",  # the connection was lost
    "25006",  # read-only for now: a standby, or no room
    "25P0",  # a transaction was idle or open for too long
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53",  # no room, memory or connection
    "55006",  # the object is in use
    "55P03",  # the lock is not to be had
    "57014",  # cancelled, or a time-out
    "57P01",  # the server stops
    "57P02",  # the server crashed
    "57P03",  # the server starts or recovers
    "57P05",  # the session was idle for too long
    "58030",  # an input or output error of the server's disk
    "72",  # the snapshot is too old
)
PERSON = (
    "0A000",  # the server's version does not have this feature
    "0L",  # the role may not grant this
    "0P",  # there is no such role
    "22P05",  # a letter is not in the encoding of the database
    "28",  # the role may not log in
    "2BP01",  # another object depends on it
    "3D000",  # there is no such database
    "3F000",  # there is no such schema, or none to create in
    "42501",  # a right is missing
    "42701",  # the column is there already
    "42703",  # there is no such column
    "42704",  # there is no such type, collation, role or extension
    "42710",  # the object is there already
    "42809",  # the object is of another kind
    "42883",  # there is no such function
    "42P01",  # there is no such table
    "42P06",  # the schema is there already
    "42P07",  # the table is there already
    "55000",  # the server is not set up for this
    "55P02",  # the parameter cannot be changed now
    "57P04",  # the database was dropped
    "58P01",  # a file of the server is missing
    "F0",  # the server's configuration file is wrong
    "XX001",  # the data is damaged
    "XX002",  # an index is damaged
)


def remedy_of(state: str | None) -> Remedy:
    """Return who mends an error of that SQLSTATE; one without a state is a lost connection."""
    if state is None or state.startswith(WAIT):
        return Remedy.WAIT

    return Remedy.PERSON if state.startswith(PERSON) else Remedy.CODE
