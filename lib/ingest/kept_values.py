"""What a column of a stored row becomes when the export has the same thing again, as SQL.

A null never replaces a value, nor false a lasting true. A stored day that can be none (outside the
days that an export can mean, or a delivery before its order) is no value: what the export says of
it counts, null included. So a wrong delivery, stored before such days were refused, is taken back
by the next export, and no other delivery ever is.

Source: docs/reference/domain.md#upsert.
"""

from __future__ import annotations

from lib.domain.exports import ColumnKind, Export, ExportColumn
from lib.domain.limits import FIRST_DAY, LAST_DAY


def outside_key(export: Export) -> list[ExportColumn]:
    """Return the columns that an update can change."""
    found = []

    for column in export.columns:
        if column.name not in export.key:
            found.append(column)

    return found


def kept(export: Export, column: ExportColumn) -> str:
    """Return what the column becomes, from the rows `own` and `staged` of the same thing."""
    newer = f"coalesce(staged.{column.name}, {stored(export, column)})"
    return f"(own.{column.name} IS TRUE OR {newer})" if column.keeps_true else newer


def stored(export: Export, column: ExportColumn) -> str:
    """Return what the stored row `own` says, null for a day that can be none."""
    own = f"own.{column.name}"

    if column.not_before is None:
        return own

    floor = export.column(column.not_before)
    assert floor.kind is column.kind is ColumnKind.DAY  # noqa: S101 - lib.domain.exports says so

    is_day = f"{own} BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'"
    is_early = f"{own} < {kept(export, floor)}"

    return f"CASE WHEN {is_day} AND ({is_early}) IS NOT TRUE THEN {own} END"
