"""The SQL of a bucket's load, made from its layout. Only names from `lib.ingest.buckets` are put into a statement.

`lib.ingest.load` tells their order. `lock_table` comes first in the same transaction: nobody else writes in between.
"""

# ruff: noqa: S608 - no value of a file or a setting is in these strings

from __future__ import annotations

from lib.ingest import stays
from lib.ingest.buckets import Column, Kind, Layout, Prefer
from lib.ingest.stays import same_key

TYPES = {
    Kind.TEXT: "text",
    Kind.MOBILE: "text",
    Kind.WHOLE: "integer",
    Kind.AMOUNT: "double precision",
    Kind.FLAG: "boolean",
    Kind.DAY: "date",
}


PLAN_FOR_MANY_ROWS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_mergejoin = off"
"""The staging table has no statistics: the server would expect few rows, or compile and sort for millions."""


def lock_table(layout: Layout) -> str:
    """One writer at a time; readers go on. Waits at most the session's lock_timeout."""
    return f"LOCK TABLE {layout.table} IN SHARE ROW EXCLUSIVE MODE"


def create_staging(layout: Layout) -> str:
    """The bucket's columns; each row with its line in the merged file and, unless it is to be loaded, its fate.

    `reject` is what `ingest_rejects` keeps of a rejected row, as JSON.

    `is_live` says the same as an absent fate. Of a boolean the planner expects half, of an absent value hardly any, and
    then it would look up a hundred thousand rows one by one.
    """
    columns = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in layout.columns)
    return f"""
        CREATE TEMPORARY TABLE staged (
            line integer NOT NULL, fate text, reject text, {columns},
            is_live boolean GENERATED ALWAYS AS (fate IS NULL) STORED
        ) ON COMMIT DROP
    """


def copy_staging(layout: Layout) -> str:
    return f"COPY staged (line, fate, reject, {', '.join(layout.names)}) FROM STDIN (FORMAT text, NULL '')"


def mark_duplicates(layout: Layout) -> str:
    """Leave one row of each key: the winner of DOMAIN B.4."""
    return _mark_losers(layout, "duplicate", layout.key, _contest(layout))


def count_shared_identities(layout: Layout) -> str:
    return f"""
        SELECT count(*) FROM (
            SELECT FROM staged WHERE is_live GROUP BY {layout.identity} HAVING count(*) > 1) AS shared
    """


def mark_identity_duplicates(layout: Layout) -> str:
    """Leave one row of each identity in a store: two keys of one thing are an old and an edited one."""
    return _mark_losers(layout, "duplicate", (layout.key[0], str(layout.identity)), _contest(layout))


def mark_identity_clashes(layout: Layout) -> str:
    """Leave the first row of each identity: no thing is in two stores."""
    return _mark_losers(layout, "clash", (str(layout.identity),), "line")


def find_edited(layout: Layout) -> str:
    """Collect the rows whose identity is stored under another key; its row count says how many."""
    store, own_key = layout.key
    return f"""
        CREATE TEMPORARY TABLE edited ON COMMIT DROP AS
        SELECT staged.line, own.{store} AS old_store
        FROM staged JOIN {layout.table} AS own ON own.{layout.identity} = staged.{layout.identity}
        WHERE is_live AND (own.{store} <> staged.{store} OR own.{own_key} <> staged.{own_key})
    """


def mark_edited_clashes(layout: Layout) -> str:
    """Refuse an edited row that cannot move: the stored row is another store's, or a third row has the new key.

    Nothing stored is deleted for it.
    """
    return f"""
        UPDATE staged SET fate = 'clash'
        FROM edited
        WHERE edited.line = staged.line
          AND (edited.old_store <> staged.{layout.key[0]}
               OR EXISTS (SELECT FROM {layout.table} AS own WHERE {same_key(layout)}))
    """


def move_edited(layout: Layout) -> str:
    """Give a stored row whose key was edited at the portal its new key and values (DOMAIN H6)."""
    own_key = layout.key[1]
    values = {own_key: f"staged.{own_key}"} | _new_values(layout) | stays.of_stored(layout)
    return f"""
        WITH moved AS (
            UPDATE {layout.table} AS own SET {_assignments(values)}
            FROM staged JOIN edited USING (line)
            WHERE is_live AND own.{layout.identity} = staged.{layout.identity}
            RETURNING line)
        UPDATE staged SET fate = 'moved' FROM moved WHERE moved.line = staged.line
    """


def find_changes(layout: Layout) -> str:
    """Collect the rows that are new or change the stored row of their key: the one comparison of a load.

    A row that had left the export and is back changes, too.
    """
    values = _new_values(layout)
    stored, new = (", ".join(each) for each in ((f"own.{name}" for name in values), values.values()))
    differs = f"({stored}) IS DISTINCT FROM ({new})" + (f" OR {stays.IS_BACK}" if layout.memory else "")
    return f"""
        CREATE TEMPORARY TABLE changes ON COMMIT DROP AS
        SELECT staged.line, own.{layout.key[0]} IS NULL AS is_new
        FROM staged LEFT JOIN {layout.table} AS own ON {same_key(layout)}
        WHERE is_live AND (own.{layout.key[0]} IS NULL OR {_may_replace(layout)} AND ({differs}))
    """


COUNT_STORED_CHANGES = "SELECT count(*) FROM changes WHERE NOT is_new"


def update_changed(layout: Layout) -> str:
    """Update the stored rows that differ; return how many, by store code."""
    return f"""
        WITH changed AS (
            UPDATE {layout.table} AS own SET {_assignments(_new_values(layout) | stays.of_stored(layout))}
            FROM staged JOIN changes USING (line)
            WHERE NOT is_new AND {same_key(layout)}
            RETURNING staged.store_code)
        SELECT store_code, count(*) AS rows FROM changed GROUP BY store_code
    """


def insert_new(layout: Layout) -> str:
    """Insert the rows whose key is not stored; return how many, by store code."""
    values = {name: name for name in layout.names} | stays.of_new(layout)
    return f"""
        WITH new AS (
            INSERT INTO {layout.table} ({", ".join(values)})
            SELECT {", ".join(values.values())} FROM staged JOIN changes USING (line) WHERE is_new
            RETURNING store_code)
        SELECT store_code, count(*) AS rows FROM new GROUP BY store_code
    """


def count_fates(layout: Layout) -> str:
    """Count, by store code, every staged row by its fate, and those to be loaded by looking whether they are there."""
    return f"""
        SELECT staged.store_code,
               count(*) FILTER (WHERE fate = 'skipped') AS skipped,
               count(*) FILTER (WHERE fate = 'rejected') AS rejected,
               count(*) FILTER (WHERE fate = 'duplicate') AS duplicates,
               count(*) FILTER (WHERE fate = 'clash') AS clashes,
               min(line) FILTER (WHERE fate = 'clash') AS first_clash,
               count(*) FILTER (WHERE fate = 'moved') AS moved,
               count(own.store_code) FILTER (WHERE is_live OR fate = 'moved') AS stored
        FROM staged LEFT JOIN {layout.table} AS own ON {same_key(layout)}
        GROUP BY staged.store_code
    """


def _mark_losers(layout: Layout, fate: str, unique: tuple[str, ...], contest: str) -> str:
    """Leave the first of `contest` among the rows that are equal in `unique`.

    Most rows are alone: hashing finds those that are not, and only these are sorted, by bytes.
    """
    key = ", ".join(unique)
    texts = {column.name for column in layout.columns if TYPES[column.kind] == "text"}
    groups = ", ".join(f'{name} COLLATE "C"' if name in texts else name for name in unique)
    return f"""
        UPDATE staged SET fate = '{fate}'
        FROM (SELECT line, row_number() OVER (PARTITION BY {groups} ORDER BY {contest}) AS place
              FROM staged
              WHERE is_live
                AND ({key}) IN (SELECT {key} FROM staged WHERE is_live GROUP BY {key} HAVING count(*) > 1)) AS ranked
        WHERE ranked.place > 1 AND ranked.line = staged.line
    """


def _contest(layout: Layout) -> str:
    """Order by DOMAIN B.4, the winner first; of equals the later row."""
    terms = {
        Prefer.TRUE: "{} IS TRUE DESC",
        Prefer.PRESENT: "{} IS NOT NULL DESC",
        Prefer.LATEST: "{} DESC NULLS LAST",
    }
    return ", ".join([*(terms[prefer].format(name) for name, prefer in layout.winner), "line DESC"])


def _new_values(layout: Layout) -> dict[str, str]:
    """Return what each column outside the key becomes.

    A null never replaces a value, nor false a lasting true; but a row of another identity replaces the stored one as a
    whole.
    """
    columns = [column for column in layout.columns if column.name not in layout.key]
    if layout.identity is None:
        return {column.name: _kept(column) for column in columns}
    same = f"own.{layout.identity} = staged.{layout.identity}"
    return {column.name: f"CASE WHEN {same} THEN {_kept(column)} ELSE staged.{column.name} END" for column in columns}


def _kept(column: Column) -> str:
    newer = f"coalesce(staged.{column.name}, own.{column.name})"
    return f"(own.{column.name} IS TRUE OR {newer})" if column.stays_true else newer


def _may_replace(layout: Layout) -> str:
    """Let a row of another identity replace the stored one if it wins DOMAIN B.4's contest against it.

    Or if it belongs to a later month: exports begin anew with each month.
    """
    if layout.identity is None:
        return "true"
    month = next(name for name, prefer in layout.winner if prefer is Prefer.LATEST)
    return f"""(own.{layout.identity} = staged.{layout.identity}
        OR date_trunc('month', staged.{month}) > date_trunc('month', own.{month})
        OR ({_ranks(layout, "staged")}) >= ({_ranks(layout, "own")}))"""


def _ranks(layout: Layout, alias: str) -> str:
    lowest = {Kind.DAY: "'-infinity'", Kind.TEXT: "''"}
    kinds = {column.name: column.kind for column in layout.columns}
    return ", ".join(
        f"coalesce({alias}.{name}, {lowest[kinds[name]]})" if prefer is Prefer.LATEST else f"{alias}.{name} IS TRUE"
        for name, prefer in layout.winner
    )


def _assignments(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())
