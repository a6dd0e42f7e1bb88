"""The SQL of presence history: when rows came into their store's export, left it and closed.

`%(seen_on)s` is the T of the export. `lib.ingest.load` has the order of the statements; all are in
the load's transaction. Why so: docs/adr/0009-history-of-the-exports.md.
"""

# ruff: noqa: S608 - only names of lib.domain.exports are put into a statement

from __future__ import annotations

from lib.domain.exports import ColumnKind, Export, Presence
from lib.ingest.kept_values import kept, stored

T = "%(seen_on)s::date"
#: The stored row had left the export, and this export has it again.
IS_BACK = f"own.left_on <= {T}"
IS_NEW = "is_live AND NOT EXISTS (SELECT FROM known WHERE known.line = staged.line)"
#: Only an export that had rows says anything about rows that it has not (lesson 27).
GOOD = "bucket = %(bucket)s AND inserted + updated + unchanged > 0"

#: The stores of which a later export was loaded already.
NEWER_EXPORTS = f"SELECT DISTINCT store_code FROM ingest_counts WHERE {GOOD} AND seen_on > {T}"
#: The newest export of each store that was loaded already and is not later than this one.
LATEST_EXPORTS = f"""
    SELECT store_code, max(seen_on) AS seen_on
    FROM ingest_counts WHERE {GOOD} AND seen_on <= {T} GROUP BY store_code
"""

_OF_STORE = f"FROM ingest_counts WHERE {GOOD} AND store_code = own.store_code"
_EXPORT_BEFORE = f"SELECT max(seen_on) {_OF_STORE} AND seen_on < {T}"
_EXPORT_AFTER = f"SELECT min(seen_on) {_OF_STORE} AND seen_on > {T}"


def of_new(export: Export) -> dict[str, str]:
    """Return the presence columns of a row that is inserted, from `staged`."""
    if export.presence is None:
        return {}

    is_closed = _is_closed(
        export,
        export.presence,
        f"staged.{export.presence.closed_by}",
    )

    return {
        "first_seen_on": T,
        "closed_seen_on": f"CASE WHEN {is_closed} THEN {T} END",
    }


def of_stored(export: Export) -> dict[str, str]:
    """Return the presence columns of a stored row `own` that is in the export.

    Another thing of the same key begins a new presence.
    """
    presence = export.presence
    if presence is None:
        return {}

    closed_by = export.column(presence.closed_by)
    closes = _is_closed(export, presence, f"staged.{closed_by.name}")
    was_closed = _is_closed(export, presence, stored(export, closed_by))
    is_closed = _is_closed(export, presence, kept(export, closed_by))

    is_other = is_other_thing(export)
    begins = f"({is_other} OR {IS_BACK})"

    return {
        "first_seen_on": f"CASE WHEN {begins} THEN {T} ELSE own.first_seen_on END",
        "last_seen_on": f"CASE WHEN NOT {begins} THEN own.last_seen_on END",
        "left_on": f"CASE WHEN NOT {begins} THEN own.left_on END",
        "closed_seen_on": f"""CASE
            WHEN {is_other} THEN CASE WHEN {closes} THEN {T} END
            WHEN {closes} AND NOT ({was_closed}) THEN {T}
            WHEN {is_closed} THEN own.closed_seen_on END""",
    }


def archive_ended(export: Export, presence: Presence) -> str:
    """Copy to the history the presences that end: of a row that is back, and of a replaced one."""
    names = ", ".join(presence.copied)
    own = ", ".join(map("own.{}".format, presence.copied))

    return f"""
        INSERT INTO {export.table}_history
            ({names}, first_seen_on, last_seen_on, left_on, ended_on)
        SELECT {own}, own.first_seen_on, coalesce(own.last_seen_on, ({_EXPORT_BEFORE})),
               own.left_on, {T}
        FROM staged JOIN known USING (line) JOIN {export.table} AS own ON {same_key(export)}
        WHERE changes AND ({IS_BACK} OR {is_other_thing(export)})
          AND own.first_seen_on IS DISTINCT FROM {T}
    """


def count_present(export: Export) -> str:
    """Count, by store code, the stored rows that the table takes to be in the export."""
    return f"""
        SELECT store_code, count(*) AS rows FROM {export.table}
        WHERE left_on IS NULL GROUP BY store_code
    """


def mark_left(export: Export) -> str:
    """Mark the rows of `%(stores)s` that the export has no longer as having left it.

    Nothing is closed by leaving.
    """
    return f"""
        UPDATE {export.table} AS own
        SET left_on = {T}, last_seen_on = greatest(own.first_seen_on, ({_EXPORT_BEFORE}))
        WHERE own.store_code = ANY(%(stores)s) AND own.left_on IS NULL
          AND NOT EXISTS (SELECT FROM staged WHERE {same_key(export)})
    """


def end_late(export: Export) -> str:
    """Mark rows that a late export brought for `%(stores)s` as having left with the next one.

    That one was loaded already, without them.
    """
    return f"""
        UPDATE {export.table} AS own SET last_seen_on = {T}, left_on = ({_EXPORT_AFTER})
        FROM staged
        WHERE {IS_NEW} AND own.store_code = ANY(%(stores)s) AND {same_key(export)}
    """


def same_key(export: Export) -> str:
    """Return a condition: the row `own` of the table and the staged one have the same key."""
    return " AND ".join(map("own.{0} = staged.{0}".format, export.key))


def is_other_thing(export: Export) -> str:
    """Return a condition: rows `own` and `staged` of one key are two things, one after another."""
    if export.distinct_by is None:
        return "false"

    return f"own.{export.distinct_by} <> staged.{export.distinct_by}"


def _is_closed(export: Export, presence: Presence, value: str) -> str:
    is_flag = export.column(presence.closed_by).kind is ColumnKind.FLAG

    return f"({value}) IS TRUE" if is_flag else f"({value}) IS NOT NULL"
