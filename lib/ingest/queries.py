"""The SQL of a bucket's load, made from its export's row in `lib.domain.exports`.

Only names from there are put into a statement. `lib.ingest.load` has the order of the statements;
`lock_table` comes first in the same transaction, so that no other process writes in between.
"""

# ruff: noqa: S608 - no value of a file or a setting is in these strings

from __future__ import annotations

from functools import partial

from lib.domain.exports import SQL_TYPES, STORE_CODE, Export
from lib.ingest import duplicate_precedence, presence
from lib.ingest.kept_values import kept, outside_key
from lib.ingest.presence import is_other_thing, same_key
from lib.ingest.staged_rows import RowStatus

#: The staging table has no statistics: the server would expect few rows, or compile and sort for
#: millions.
PLAN_FOR_MANY_ROWS = (
    "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_mergejoin = off"
)

COUNT_KNOWN = "SELECT store_code, changes, count(*) AS rows FROM known GROUP BY store_code, changes"

COUNT_STATUSES = f"""
    SELECT store_code, coalesce(row_status, '{RowStatus.DUPLICATE}') AS row_status,
           count(*) AS rows, min(line) AS first_line
    FROM staged WHERE NOT is_live GROUP BY 1, 2
"""


def lock_table(export: Export) -> str:
    """Let one process write at a time; readers go on. Wait at most the session's lock_timeout."""
    return f"LOCK TABLE {export.table} IN SHARE ROW EXCLUSIVE MODE"


def create_staging(export: Export) -> str:
    """Create the table of the file's rows: line, columns, status, and what is kept of a reject.

    A row that is not live has a status, or none where it is a duplicate. Of a boolean the planner
    expects half, of an absent value hardly any, and then it would look up a hundred thousand rows
    one by one. It and the unique columns stand first: to read a column of a row, the server walks
    over those before it.
    """
    unique = (export.identity, *export.key)
    columns = sorted(export.columns, key=lambda column: column.name not in unique)
    typed = ", ".join(f"{column.name} {SQL_TYPES[column.kind]}" for column in columns)

    return f"""
        CREATE TEMPORARY TABLE staged (
            is_live boolean NOT NULL,
            line integer NOT NULL,
            {typed},
            row_status text,
            reject text
        ) ON COMMIT DROP
    """


def copy_staging(export: Export) -> str:
    """Return the COPY that fills the staging table."""
    names = ", ".join(export.names)
    columns = f"is_live, line, row_status, reject, {names}"

    return f"COPY staged ({columns}) FROM STDIN (FORMAT text, NULL '')"


def has_shared_identities(export: Export) -> str:
    """Return whether two live rows have one identity."""
    identity = export.identity
    return f"SELECT count({identity}) > count(DISTINCT {identity}) FROM staged WHERE is_live"


def mark_identity_clashes(export: Export) -> str:
    """Leave the first row of each identity live: no thing is in two stores."""
    identity = export.identity

    return f"""
        UPDATE staged SET is_live = false, row_status = '{RowStatus.CLASH}'
        FROM (SELECT {identity}, min(line) AS line FROM staged WHERE is_live GROUP BY {identity})
            AS first
        WHERE is_live AND staged.{identity} = first.{identity} AND staged.line > first.line
    """


def find_edited(export: Export) -> str:
    """Collect the rows whose identity is stored under another key; its row count says how many."""
    is_edited = " OR ".join(map("own.{0} <> staged.{0}".format, export.key))

    return f"""
        CREATE TEMPORARY TABLE edited ON COMMIT DROP AS
        SELECT staged.line, own.{STORE_CODE.name} AS old_store
        FROM staged JOIN {export.table} AS own ON own.{export.identity} = staged.{export.identity}
        WHERE is_live AND ({is_edited})
    """


def mark_edited_clashes(export: Export) -> str:
    """Refuse an edited row that cannot move.

    The stored row is another store's, or a third row has the new key. Nothing stored is deleted for
    it.
    """
    return f"""
        UPDATE staged SET is_live = false, row_status = '{RowStatus.CLASH}'
        FROM edited
        WHERE edited.line = staged.line
          AND (edited.old_store <> staged.{STORE_CODE.name}
               OR EXISTS (SELECT FROM {export.table} AS own WHERE {same_key(export)}))
    """


def move_edited(export: Export) -> str:
    """Give a stored row whose key was edited at the portal its new key and values (lesson 6)."""
    own_key = dict(zip(export.own_key, map("staged.{}".format, export.own_key), strict=True))
    values = own_key | _new_values(export) | presence.of_stored(export)

    return f"""
        WITH moved AS (
            UPDATE {export.table} AS own SET {_assignments(values)}
            FROM staged JOIN edited USING (line)
            WHERE is_live AND own.{export.identity} = staged.{export.identity}
            RETURNING line)
        UPDATE staged SET is_live = false, row_status = '{RowStatus.MOVED}'
        FROM moved WHERE moved.line = staged.line
    """


def find_known(export: Export) -> str:
    """Collect the rows whose key is stored, and whether each changes the stored row.

    This is the one comparison of a load. A row that had left the export and is back changes, too;
    one of another thing does if it may replace the stored one.
    """
    columns = outside_key(export)
    stored = ", ".join(map("own.{0.name}".format, columns))
    new = ", ".join(map(partial(kept, export), columns))
    changes = f"({stored}) IS DISTINCT FROM ({new})"

    if export.presence:
        changes = f"{changes} OR {presence.IS_BACK}"

    if export.distinct_by:
        may_replace = duplicate_precedence.may_replace(export)
        changes = f"CASE WHEN {is_other_thing(export)} THEN {may_replace} ELSE {changes} END"

    return f"""
        CREATE TEMPORARY TABLE known ON COMMIT DROP AS
        SELECT staged.line, staged.store_code, ({changes}) IS TRUE AS changes
        FROM staged JOIN {export.table} AS own ON {same_key(export)}
        WHERE is_live
    """


def update_changed(export: Export) -> str:
    """Update the stored rows that differ; return how many, by store code."""
    values = _new_values(export) | presence.of_stored(export)

    return f"""
        WITH changed AS (
            UPDATE {export.table} AS own SET {_assignments(values)}
            FROM staged JOIN known USING (line)
            WHERE changes AND {same_key(export)}
            RETURNING staged.store_code)
        SELECT store_code, count(*) AS rows FROM changed GROUP BY store_code
    """


def insert_new(export: Export) -> str:
    """Insert the rows whose key is not stored; return how many, by store code."""
    values = dict(zip(export.names, export.names, strict=True)) | presence.of_new(export)

    return f"""
        WITH new AS (
            INSERT INTO {export.table} ({", ".join(values)})
            SELECT {", ".join(values.values())} FROM staged WHERE {presence.IS_NEW}
            RETURNING store_code)
        SELECT store_code, count(*) AS rows FROM new GROUP BY store_code
    """


def _new_values(export: Export) -> dict[str, str]:
    """Return what each column outside the key becomes; another thing replaces the whole row."""
    values = {}

    for column in outside_key(export):
        value = kept(export, column)
        if export.distinct_by:
            is_other = is_other_thing(export)
            value = f"CASE WHEN {is_other} THEN staged.{column.name} ELSE {value} END"

        values[column.name] = value

    return values


def _assignments(values: dict[str, str]) -> str:
    found = []

    for name, value in values.items():
        found.append(f"{name} = {value}")

    return ", ".join(found)
