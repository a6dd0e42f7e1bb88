"""Rows of one store, found by an index.

A year of a large chain is not read through for every report.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement


def is_of(
    column: Column[Any] | ColumnElement[Any],
    store_code: str,
) -> ColumnElement[bool]:
    """Say that the column of a table of exports has the store's code; `store_code` in upper case.

    The load writes upper case, and revision 0016 gave it to older rows but those that had a twin by
    then: these are as their export spelled them (docs/reference/domain.md#export-values), in lower
    case or capitalised, for no index knows `upper(store_code)`.
    """
    return column.in_(sorted({store_code, store_code.lower(), store_code.title()}))
