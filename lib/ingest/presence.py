"""The SQL of a table's memory: when its rows came into their store's export, left it and closed (docs/adr/0009).

`%(seen_on)s` is the T of the export. `lib.ingest.load` tells the order; everything is in the load's
transaction.
"""

# ruff: noqa: S608 - only names of lib.domain.exports are put into a statement

from __future__ import annotations

from lib.domain.exports import ColumnKind, Export, Presence

T = "%(seen_on)s::date"
#: The stored row had left the export, and this export has it again.
IS_BACK = f"own.left_on <= {T}"
IS_NEW = "is_live AND NOT EXISTS (SELECT FROM known WHERE known.line = staged.line)"
#: Only an export that had rows says anything about rows that it has not (lesson 27).
GOOD = "bucket = %(bucket)s AND inserted + updated + unchanged > 0"

#: The stores of which a later export was loaded already.
NEWER_EXPORTS = f"SELECT DISTINCT store_code FROM ingest_counts WHERE {GOOD} AND seen_on > {T}"
#: The newest export of each store that was loaded already and is not later than this one.
LATEST_EXPORTS = f"SELECT store_code, max(seen_on) AS seen_on FROM ingest_counts WHERE {GOOD} AND seen_on <= {T} GROUP BY store_code"
_EXPORT_BEFORE = f"SELECT max(seen_on) FROM ingest_counts WHERE {GOOD} AND store_code = own.store_code AND seen_on < {T}"
_EXPORT_AFTER = f"SELECT min(seen_on) FROM ingest_counts WHERE {GOOD} AND store_code = own.store_code AND seen_on > {T}"


def of_new(export: Export) -> dict[str, str]:
    """Return the memory's columns of a row that is inserted, from `staged`."""
    if export.presence is None:
        return {}

    return {
        "first_seen_on": T,
        "closed_seen_on": f"CASE WHEN {_is_closed(export, export.presence, 'staged')} THEN {T} END",
    }


def of_stored(export: Export) -> dict[str, str]:
    """Return the memory's columns of a stored row `own` that is in the export; another identity begins a new stay."""
    if export.presence is None:
        return {}

    closes, was_closed = (_is_closed(export, export.presence, alias) for alias in ("staged", "own"))
    is_other = f"own.{export.identity} <> staged.{export.identity}" if export.identity else "false"
    begins = f"({is_other} OR {IS_BACK})"

    return {
        "first_seen_on": f"CASE WHEN {begins} THEN {T} ELSE own.first_seen_on END",
        "last_seen_on": f"CASE WHEN NOT {begins} THEN own.last_seen_on END",
        "left_on": f"CASE WHEN NOT {begins} THEN own.left_on END",
        "closed_seen_on": f"""CASE WHEN {is_other} THEN CASE WHEN {closes} THEN {T} END
            WHEN {closes} AND NOT ({was_closed}) THEN {T} ELSE own.closed_seen_on END""",
    }


def keep(export: Export, memory: Presence) -> str:
    """Copy to the history the stays that end: a row that is back begins another, and so does a replaced one."""
    is_other = f" OR own.{export.identity} <> staged.{export.identity}" if export.identity else ""
    names = ", ".join(memory.copied)
    own = ", ".join(f"own.{name}" for name in memory.copied)

    return f"""
        INSERT INTO {export.table}_history ({names}, first_seen_on, last_seen_on, left_on, ended_on)
        SELECT {own}, own.first_seen_on, coalesce(own.last_seen_on, ({_EXPORT_BEFORE})), own.left_on, {T}
        FROM staged JOIN known USING (line) JOIN {export.table} AS own ON {same_key(export)}
        WHERE changes AND ({IS_BACK}{is_other}) AND own.first_seen_on IS DISTINCT FROM {T}
    """


def count_present(export: Export) -> str:
    """Count, by store code, the stored rows that the table takes to be in the export."""
    return f"SELECT store_code, count(*) AS rows FROM {export.table} WHERE left_on IS NULL GROUP BY store_code"


def mark_left(export: Export) -> str:
    """Let the rows of `%(stores)s` that the export has no longer leave it.

    Nothing is closed by leaving.
    """
    return f"""
        UPDATE {export.table} AS own
        SET left_on = {T}, last_seen_on = greatest(own.first_seen_on, ({_EXPORT_BEFORE}))
        WHERE own.store_code = ANY(%(stores)s) AND own.left_on IS NULL
          AND NOT EXISTS (SELECT FROM staged WHERE {same_key(export)})
    """


def end_late(export: Export) -> str:
    """Let rows that a late export brought for `%(stores)s` leave with the next one: that was loaded without them."""
    return f"""
        UPDATE {export.table} AS own SET last_seen_on = {T}, left_on = ({_EXPORT_AFTER})
        FROM staged
        WHERE {IS_NEW} AND own.store_code = ANY(%(stores)s) AND {same_key(export)}
    """


def same_key(export: Export) -> str:
    """Say that the row `own` of the table and the staged one have the same dedupe key."""
    return " AND ".join(f"own.{name} = staged.{name}" for name in export.key)


def _is_closed(export: Export, memory: Presence, alias: str) -> str:
    kinds = {column.name: column.kind for column in export.columns}
    known = "IS TRUE" if kinds[memory.closed_by] is ColumnKind.FLAG else "IS NOT NULL"

    return f"{alias}.{memory.closed_by} {known}"
