"""Who wins among rows of one key, as SQL: in one file, and against the stored row.

Source: docs/reference/domain.md#duplicate-precedence.
"""

# ruff: noqa: S608 - only names of lib.domain.exports are put into a statement

from __future__ import annotations

from lib.domain.exports import SQL_TYPES, ColumnKind, Export, Prefer


def is_loser(export: Export, unique: tuple[str, ...], order: str) -> str:
    """Say that another live row, equal in `unique`, comes before this one in the contest.

    Most rows are alone: hashing finds those that are not, and only these are sorted, by bytes. Rows
    are named by their place in the table, which saves a join.
    """
    key = ", ".join(unique)
    texts = {column.name for column in export.columns if SQL_TYPES[column.kind] == "text"}
    groups = ", ".join(f'{name} COLLATE "C"' if name in texts else name for name in unique)

    return f"""ctid = ANY (ARRAY(
        SELECT ranked.ctid
        FROM (SELECT ctid, row_number() OVER (PARTITION BY {groups} ORDER BY {order}) AS place
              FROM staged
              WHERE is_live
                AND ({key}) IN (SELECT {key} FROM staged WHERE is_live GROUP BY {key} HAVING count(*) > 1)) AS ranked
        WHERE place > 1))"""


def order(export: Export) -> str:
    """Order by precedence, the winner first; of equals the later row.

    Source: docs/reference/domain.md#duplicate-precedence.
    """
    terms = {
        Prefer.TRUE: "{} IS TRUE DESC",
        Prefer.PRESENT: "{} IS NOT NULL DESC",
        Prefer.LATEST: "{} DESC NULLS LAST",
    }

    return ", ".join(
        [*(terms[prefer].format(name) for name, prefer in export.precedence), "line DESC"]
    )


def may_replace(export: Export) -> str:
    """Let a row of another identity replace the stored one if it goes before it.

    Or if it belongs to a later month: exports begin anew with each month.

    Source: docs/reference/domain.md#duplicate-precedence.
    """
    month = next(name for name, prefer in export.precedence if prefer is Prefer.LATEST)
    return f"""(date_trunc('month', staged.{month}) > date_trunc('month', own.{month})
        OR ({_ranks(export, "staged")}) >= ({_ranks(export, "own")}))"""


def _ranks(export: Export, alias: str) -> str:
    lowest = {ColumnKind.DAY: "'-infinity'", ColumnKind.TEXT: "''"}
    kinds = {column.name: column.kind for column in export.columns}

    return ", ".join(
        f"coalesce({alias}.{name}, {lowest[kinds[name]]})"
        if prefer is Prefer.LATEST
        else f"{alias}.{name} IS TRUE"
        for name, prefer in export.precedence
    )
