"""The SQL of a bucket's load, made from its layout. Only names from `lib.ingest.buckets` are put into a statement.

A load is: staging table, COPY, losers of each key marked, edited keys reconciled, changed rows updated, new rows
inserted, everything counted. `lock_table` comes first in the same transaction: nobody else writes in between.
"""

# ruff: noqa: S608 - no value of a file or a setting is in these strings

from __future__ import annotations

from lib.ingest.buckets import Column, Kind, Layout, Prefer

TYPES = {
    Kind.TEXT: "text",
    Kind.MOBILE: "text",
    Kind.WHOLE: "integer",
    Kind.AMOUNT: "double precision",
    Kind.FLAG: "boolean",
    Kind.DAY: "date",
}


def lock_table(layout: Layout) -> str:
    """One writer at a time; readers go on. Waits at most the session's lock_timeout."""
    return f"LOCK TABLE {layout.table} IN SHARE ROW EXCLUSIVE MODE"


def create_staging(layout: Layout) -> str:
    """The bucket's columns; each row with its line in the merged file and, unless it is to be loaded, its fate."""
    columns = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in layout.columns)
    return f"CREATE TEMPORARY TABLE staged (line integer NOT NULL, fate text, {columns}) ON COMMIT DROP"


def copy_staging(layout: Layout) -> str:
    return f"COPY staged (line, fate, {', '.join(layout.names)}) FROM STDIN (FORMAT text, NULL '')"


def reconcile(layout: Layout) -> list[str]:
    """Return the statements after which the rows without a fate collide with nothing, in the file or in the table."""
    unique_rows = _mark_losers("duplicate", layout.key, _contest(layout))
    if layout.identity is None:
        return [unique_rows]
    return [
        _mark_losers("duplicate", (layout.key[0], layout.identity), _contest(layout)),
        unique_rows,
        _mark_losers("clash", (layout.identity,), "line"),
        _mark_clashes(layout, layout.identity),
        _move(layout, layout.identity),
    ]


def update_changed(layout: Layout) -> str:
    """Update the stored rows that differ; return how many, by store code."""
    values = _new_values(layout)
    return f"""
        WITH changed AS (
            UPDATE {layout.table} AS own SET {_assignments(values)}
            FROM staged
            WHERE staged.fate IS NULL AND {_same_key(layout)} AND {_may_replace(layout)}
              AND ({", ".join(f"own.{name}" for name in values)}) IS DISTINCT FROM ({", ".join(values.values())})
            RETURNING staged.store_code)
        SELECT store_code, count(*) FROM changed GROUP BY store_code
    """


def insert_new(layout: Layout) -> str:
    """Insert the rows whose key is not stored; return how many, by store code."""
    names = ", ".join(layout.names)
    return f"""
        WITH new AS (
            INSERT INTO {layout.table} ({names})
            SELECT {names} FROM staged
            WHERE fate IS NULL AND NOT EXISTS (SELECT FROM {layout.table} AS own WHERE {_same_key(layout)})
            RETURNING store_code)
        SELECT store_code, count(*) FROM new GROUP BY store_code
    """


def count_fates(layout: Layout) -> str:
    """Count, by store code, every staged row by its fate, and those to be loaded by looking whether they are there."""
    return f"""
        SELECT staged.store_code,
               count(*) AS staged,
               count(*) FILTER (WHERE fate = 'skipped') AS skipped,
               count(*) FILTER (WHERE fate = 'rejected') AS rejected,
               count(*) FILTER (WHERE fate = 'duplicate') AS duplicates,
               count(*) FILTER (WHERE fate = 'clash') AS clashes,
               min(line) FILTER (WHERE fate = 'clash') AS first_clash,
               count(*) FILTER (WHERE fate = 'moved') AS moved,
               count(own.store_code) FILTER (WHERE fate IS NULL OR fate = 'moved') AS stored
        FROM staged LEFT JOIN {layout.table} AS own ON {_same_key(layout)}
        GROUP BY staged.store_code
    """


def _mark_losers(fate: str, unique: tuple[str, ...], contest: str) -> str:
    return f"""
        UPDATE staged SET fate = '{fate}'
        FROM (SELECT line, row_number() OVER (PARTITION BY {", ".join(unique)} ORDER BY {contest}) AS place
              FROM staged WHERE fate IS NULL) AS ranked
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


def _mark_clashes(layout: Layout, identity: str) -> str:
    """Refuse a row whose identity is stored under another key, from which it cannot move to the new one.

    The stored row is another store's, or the new key is taken by a third row: nothing stored is deleted for it.
    """
    store, own_key = layout.key
    return f"""
        UPDATE staged SET fate = 'clash'
        FROM {layout.table} AS own
        WHERE staged.fate IS NULL AND own.{identity} = staged.{identity}
          AND (own.{store} <> staged.{store}
               OR own.{own_key} <> staged.{own_key}
                  AND EXISTS (SELECT FROM {layout.table} AS third WHERE {_same_key(layout, "third")}))
    """


def _move(layout: Layout, identity: str) -> str:
    """Give a stored row whose key was edited at the portal its new key and values: DOMAIN H6."""
    store, own_key = layout.key
    values = {own_key: f"staged.{own_key}"} | _new_values(layout)
    return f"""
        WITH moved AS (
            UPDATE {layout.table} AS own SET {_assignments(values)}
            FROM staged
            WHERE staged.fate IS NULL AND own.{identity} = staged.{identity}
              AND own.{store} = staged.{store} AND own.{own_key} <> staged.{own_key}
            RETURNING staged.line)
        UPDATE staged SET fate = 'moved' FROM moved WHERE moved.line = staged.line
    """


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


def _same_key(layout: Layout, alias: str = "own") -> str:
    return " AND ".join(f"{alias}.{name} = staged.{name}" for name in layout.key)
