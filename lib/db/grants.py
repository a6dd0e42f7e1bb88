"""The statement that gives a role the right that it lacks, to be typed by the owner. Pure.

PostgreSQL 15 and later let an ordinary role create nothing in schema `public`.

Source: docs/reference/domain.md#database-server.
"""

from __future__ import annotations

import re

TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")

_SIMPLE = re.compile(r"[a-z_][a-z0-9_$]*")
#: PostgreSQL's words for a missing right (SQLSTATE 42501); they name objects and no values.
_DENIED = re.compile(
    r"permission denied for (schema|table|view|relation|sequence|database|function) (\S+)"
)
_NO_TEMPORARY = re.compile(r'permission denied to create temporary tables in database "(.+)"')
_NOT_OWNER = re.compile(r"must be owner of (table|sequence|index|schema|relation) (\S+)")


def for_message(message: str, role: str) -> str | None:
    """Return what to type for an error with SQLSTATE 42501, None if its words are unknown."""
    if match := _DENIED.search(message):
        return grant(match[1], [match[2].strip('"')], role)

    if match := _NO_TEMPORARY.search(message):
        return grant("database", [match[1]], role)

    if match := _NOT_OWNER.search(message):
        kind = match[1].upper().replace("RELATION", "TABLE")
        return f"ALTER {kind} {quoted(match[2].strip(chr(34)))} OWNER TO {quoted(role)};"

    return None


def grant(kind: str, names: list[str], role: str) -> str:
    """Return the GRANT of all that the jobs need on objects of one kind."""
    rights = {
        "schema": "USAGE, CREATE",
        "sequence": "USAGE, SELECT",
        "database": "CONNECT, TEMPORARY",
        "function": "EXECUTE",
    }.get(kind, ", ".join(TABLE_RIGHTS))

    noun = {"view": "TABLE", "relation": "TABLE"}.get(kind, kind.upper())
    objects = ", ".join(map(quoted, names))

    return f"GRANT {rights} ON {noun} {objects} TO {quoted(role)};"


def quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    if _SIMPLE.fullmatch(name):
        return name

    doubled = name.replace('"', '""')
    return f'"{doubled}"'
