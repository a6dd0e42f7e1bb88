"""Rows of one store, found by an index: a year of a large chain is not read through for every report."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement


def is_of(column: Column[Any] | ColumnElement[Any], store_code: str) -> ColumnElement[bool]:
    """Say that the column of a table of exports has the store's code; `store_code` in upper case.

    The load writes upper case. Rows from before revision 0008 are as their export spelled them (DOMAIN B.3): in upper
    or lower case or capitalised, which are named here, for no index knows `upper(store_code)`.
    """
    return column.in_(sorted({store_code, store_code.lower(), store_code.title()}))
