"""Whether a row of another thing replaces the stored row of its key, as SQL.

`lib.ingest.duplicates` has the same order for the rows of one file.

Source: docs/reference/domain.md#duplicate-precedence.
"""

from __future__ import annotations

from lib.domain.exports import ColumnKind, Export, Prefer

#: What stands for null where rows are compared: lower than any value.
_LOWEST = {
    ColumnKind.DAY: "'-infinity'",
    ColumnKind.TEXT: "''",
}


def may_replace(export: Export) -> str:
    """Return a condition: a row of another thing may replace the stored row of its key.

    It may if it goes before that by precedence, or if it belongs to a later month: exports begin
    anew with each month.
    """
    month = next(name for name, prefer in export.precedence if prefer is Prefer.LATEST)
    is_later = f"date_trunc('month', staged.{month}) > date_trunc('month', own.{month})"

    return f"({is_later} OR ({_ranks(export, 'staged')}) >= ({_ranks(export, 'own')}))"


def _ranks(export: Export, alias: str) -> str:
    ranks = []

    for name, prefer in export.precedence:
        if prefer is Prefer.LATEST:
            ranks.append(f"coalesce({alias}.{name}, {_LOWEST[export.column(name).kind]})")
        elif prefer is Prefer.TRUE:
            ranks.append(f"{alias}.{name} IS TRUE")
        else:
            ranks.append(f"{alias}.{name} IS NOT NULL")

    return ", ".join(ranks)
