"""Which of several rows of one key is kept, as SQL: in one file, and against the stored row.

Source: docs/reference/domain.md#duplicate-precedence.
"""

# ruff: noqa: S608 - only names of lib.domain.exports are put into a statement

from __future__ import annotations

from lib.domain.exports import SQL_TYPES, ColumnKind, Export, Prefer

_TERMS = {
    Prefer.TRUE: "{} IS TRUE DESC",
    Prefer.PRESENT: "{} IS NOT NULL DESC",
    Prefer.LATEST: "{} DESC NULLS LAST",
}
#: What stands for null where rows are compared: lower than any value.
_LOWEST = {
    ColumnKind.DAY: "'-infinity'",
    ColumnKind.TEXT: "''",
}


def order(export: Export) -> str:
    """Return the ORDER BY of the precedence: the row that is kept first, of equals the later."""
    terms = [_TERMS[prefer].format(name) for name, prefer in export.precedence]
    return ", ".join([*terms, "line DESC"])


def is_outranked(
    export: Export,
    unique: tuple[str, ...],
    order: str,
) -> str:
    """Return a condition: another live row, equal in `unique`, comes before this one in `order`.

    Most rows are alone: hashing finds those that are not, and only these are sorted, by bytes. Rows
    are named by their place in the table, which saves a join.
    """
    key = ", ".join(unique)
    groups = ", ".join(_by_bytes(export, name) for name in unique)

    return f"""ctid = ANY (ARRAY(
        SELECT ranked.ctid
        FROM (SELECT ctid, row_number() OVER (PARTITION BY {groups} ORDER BY {order}) AS place
              FROM staged
              WHERE is_live
                AND ({key}) IN (SELECT {key} FROM staged
                                WHERE is_live GROUP BY {key} HAVING count(*) > 1)) AS ranked
        WHERE place > 1))"""


def may_replace(export: Export) -> str:
    """Return a condition: a row of another thing may replace the stored row of its key.

    It may if it goes before that by precedence, or if it belongs to a later month: exports begin
    anew with each month.
    """
    month = next(name for name, prefer in export.precedence if prefer is Prefer.LATEST)
    is_later = f"date_trunc('month', staged.{month}) > date_trunc('month', own.{month})"

    return f"({is_later} OR ({_ranks(export, 'staged')}) >= ({_ranks(export, 'own')}))"


def _by_bytes(export: Export, name: str) -> str:
    texts = {column.name for column in export.columns if SQL_TYPES[column.kind] == "text"}
    return f'{name} COLLATE "C"' if name in texts else name


def _ranks(export: Export, alias: str) -> str:
    kinds = {column.name: column.kind for column in export.columns}
    ranks = []

    for name, prefer in export.precedence:
        if prefer is Prefer.LATEST:
            ranks.append(f"coalesce({alias}.{name}, {_LOWEST[kinds[name]]})")
        elif prefer is Prefer.TRUE:
            ranks.append(f"{alias}.{name} IS TRUE")
        else:
            ranks.append(f"{alias}.{name} IS NOT NULL")

    return ", ".join(ranks)
