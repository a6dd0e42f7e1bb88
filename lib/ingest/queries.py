"""The SQL of a bucket's load, made from its export.

Only names from `lib.domain.exports` are put into a statement.

`lib.ingest.load` tells their order. `lock_table` comes first in the same transaction: nobody else
writes in between.
"""

# ruff: noqa: S608 - no value of a file or a setting is in these strings

from __future__ import annotations

from lib.domain.exports import SQL_TYPES, Export, ExportColumn
from lib.ingest import duplicate_precedence, presence
from lib.ingest.presence import same_key

#: The staging table has no statistics: the server would expect few rows, or compile and sort for
#: millions.
PLAN_FOR_MANY_ROWS = (
    "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_mergejoin = off"
)


def lock_table(export: Export) -> str:
    """One writer at a time; readers go on. Waits at most the session's lock_timeout."""
    return f"LOCK TABLE {export.table} IN SHARE ROW EXCLUSIVE MODE"


def create_staging(export: Export) -> str:
    """The bucket's columns; each row with its line in the merged file and, unless it is to be loaded, its fate.

    `reject` is what `ingest_rejects` keeps of a rejected row, as JSON.

    `is_live` says the same as an absent fate. Of a boolean the planner expects half, of an absent
    value hardly any, and then it would look up a hundred thousand rows one by one. It and the
    unique columns stand first: to read a column of a row, the server walks over those before it.
    """
    unique = (export.identity, *export.key)
    columns = sorted(export.columns, key=lambda column: column.name not in unique)

    return f"""
        CREATE TEMPORARY TABLE staged (
            line integer NOT NULL, is_live boolean GENERATED ALWAYS AS (fate IS NULL) STORED,
            {", ".join(f"{column.name} {SQL_TYPES[column.kind]}" for column in columns)}, fate text, reject text
        ) ON COMMIT DROP
    """


def copy_staging(export: Export) -> str:
    return f"COPY staged (line, fate, reject, {', '.join(export.names)}) FROM STDIN (FORMAT text, NULL '')"


def remove_duplicates(export: Export) -> str:
    """Leave one row of each key; return how many went, by store code.

    Removed, for a row that is marked is written once more and read by every later statement.

    Source: docs/reference/domain.md#duplicate-precedence.
    """
    is_loser = duplicate_precedence.is_loser(export, export.key, duplicate_precedence.order(export))
    return f"""
        WITH gone AS (DELETE FROM staged WHERE {is_loser} RETURNING store_code)
        SELECT store_code, count(*) AS rows FROM gone GROUP BY store_code
    """


def has_shared_identities(export: Export) -> str:
    return f"SELECT count({export.identity}) > count(DISTINCT {export.identity}) FROM staged WHERE is_live"


def mark_identity_duplicates(export: Export) -> str:
    """Leave one row of each identity in a store: two keys of one thing are an old and an edited one.

    The others stay to be seen: the export does have a row of their key.
    """
    return _mark_losers(
        export,
        "duplicate",
        (export.key[0], str(export.identity)),
        duplicate_precedence.order(export),
    )


def mark_identity_clashes(export: Export) -> str:
    """Leave the first row of each identity: no thing is in two stores."""
    return _mark_losers(export, "clash", (str(export.identity),), "line")


def find_edited(export: Export) -> str:
    """Collect the rows whose identity is stored under another key; its row count says how many."""
    store, own_key = export.key
    return f"""
        CREATE TEMPORARY TABLE edited ON COMMIT DROP AS
        SELECT staged.line, own.{store} AS old_store
        FROM staged JOIN {export.table} AS own ON own.{export.identity} = staged.{export.identity}
        WHERE is_live AND (own.{store} <> staged.{store} OR own.{own_key} <> staged.{own_key})
    """


def mark_edited_clashes(export: Export) -> str:
    """Refuse an edited row that cannot move: the stored row is another store's, or a third row has the new key.

    Nothing stored is deleted for it.
    """
    return f"""
        UPDATE staged SET fate = 'clash'
        FROM edited
        WHERE edited.line = staged.line
          AND (edited.old_store <> staged.{export.key[0]}
               OR EXISTS (SELECT FROM {export.table} AS own WHERE {same_key(export)}))
    """


def move_edited(export: Export) -> str:
    """Give a stored row whose key was edited at the portal its new key and values (lesson 6)."""
    own_key = export.key[1]
    values = {own_key: f"staged.{own_key}"} | _new_values(export) | presence.of_stored(export)

    return f"""
        WITH moved AS (
            UPDATE {export.table} AS own SET {_assignments(values)}
            FROM staged JOIN edited USING (line)
            WHERE is_live AND own.{export.identity} = staged.{export.identity}
            RETURNING line)
        UPDATE staged SET fate = 'moved' FROM moved WHERE moved.line = staged.line
    """


def find_known(export: Export) -> str:
    """Collect the rows whose key is stored, and whether each changes the stored row: the one comparison of a load.

    A row that had left the export and is back changes, too; one of another identity does if it may.
    """
    kept = {column.name: _kept(column) for column in _outside_key(export)}
    stored, new = (", ".join(each) for each in ((f"own.{name}" for name in kept), kept.values()))
    changes = f"({stored}) IS DISTINCT FROM ({new})" + (
        f" OR {presence.IS_BACK}" if export.presence else ""
    )

    if export.identity:
        same = f"own.{export.identity} = staged.{export.identity}"
        changes = (
            f"CASE WHEN {same} THEN {changes} ELSE {duplicate_precedence.may_replace(export)} END"
        )

    return f"""
        CREATE TEMPORARY TABLE known ON COMMIT DROP AS
        SELECT staged.line, staged.store_code, ({changes}) IS TRUE AS changes
        FROM staged JOIN {export.table} AS own ON {same_key(export)}
        WHERE is_live
    """


COUNT_KNOWN = "SELECT store_code, changes, count(*) AS rows FROM known GROUP BY store_code, changes"


def update_changed(export: Export) -> str:
    """Update the stored rows that differ; return how many, by store code."""
    return f"""
        WITH changed AS (
            UPDATE {export.table} AS own SET {_assignments(_new_values(export) | presence.of_stored(export))}
            FROM staged JOIN known USING (line)
            WHERE changes AND {same_key(export)}
            RETURNING staged.store_code)
        SELECT store_code, count(*) AS rows FROM changed GROUP BY store_code
    """


def insert_new(export: Export) -> str:
    """Insert the rows whose key is not stored; return how many, by store code."""
    values = {name: name for name in export.names} | presence.of_new(export)
    return f"""
        WITH new AS (
            INSERT INTO {export.table} ({", ".join(values)})
            SELECT {", ".join(values.values())} FROM staged WHERE {presence.IS_NEW}
            RETURNING store_code)
        SELECT store_code, count(*) AS rows FROM new GROUP BY store_code
    """


COUNT_FATES = """
    SELECT store_code, fate, count(*) AS rows, min(line) AS first_line
    FROM staged WHERE NOT is_live GROUP BY store_code, fate
"""


def _mark_losers(export: Export, fate: str, unique: tuple[str, ...], order: str) -> str:
    return f"UPDATE staged SET fate = '{fate}' WHERE {duplicate_precedence.is_loser(export, unique, order)}"


def _new_values(export: Export) -> dict[str, str]:
    """Return what each column outside the key becomes.

    A null never replaces a value, nor false a lasting true; but a row of another identity replaces
    the stored one as a whole.
    """
    columns = _outside_key(export)

    if export.identity is None:
        return {column.name: _kept(column) for column in columns}

    same = f"own.{export.identity} = staged.{export.identity}"
    return {
        column.name: f"CASE WHEN {same} THEN {_kept(column)} ELSE staged.{column.name} END"
        for column in columns
    }


def _outside_key(export: Export) -> list[ExportColumn]:
    return [column for column in export.columns if column.name not in export.key]


def _kept(column: ExportColumn) -> str:
    """Return what a column of the same thing becomes."""
    newer = f"coalesce(staged.{column.name}, own.{column.name})"
    return f"(own.{column.name} IS TRUE OR {newer})" if column.stays_true else newer


def _assignments(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())
