"""Cells to values. Pure, and fast: a run reads some hundred thousand cells a second.

A value is handed on as the text that PostgreSQL reads back exactly; the empty text is null.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal

from lib.domain.exports import ColumnKind
from lib.domain.limits import INTEGER_MAX, INTEGER_MIN, RUPEE_DIGITS

Coercer = Callable[[str], str]

#: Stands for a cell that its rule refuses. No value can be it: neither a file's line nor PostgreSQL
#: takes a NUL.
UNREADABLE = "\0"

#: How an export says that a date or amount is not there. Known and normal, so never counted as
#: unreadable.
NO_VALUE = frozenset({"", "-", "--", "n/a", "na", "null", "none"})

MOBILE_DIGITS = 10
MEMO_SIZE = 10_000

#: So many ASCII digits and nothing else are their own value: nearly every cell, not worth a call.
PLAIN_DIGITS = {
    ColumnKind.WHOLE: range(1, 10),
    ColumnKind.MOBILE: range(MOBILE_DIGITS, MOBILE_DIGITS + 1),
}

_NUMBER = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})", re.ASCII)
_RUPEES = re.compile(rf"[+-]?(\d{{1,{RUPEE_DIGITS}}}(\.\d{{0,300}})?|\.\d{{1,300}})", re.ASCII)
_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?Z?)?"
_ISO_DAY = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_TIME}", re.ASCII)
_OTHER_DAY = re.compile(rf"(\d{{1,2}})([-/])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)


class Uncoercible(ValueError):
    """The rule refuses the cell. The text says why and never quotes the cell."""


def coerce(kind: ColumnKind, cell: str) -> str:
    """Return the value of `cell`, empty for null. Raises Uncoercible."""
    return cell if _is_plain(cell, PLAIN_DIGITS.get(kind, range(0))) else _RULES[kind](cell)


def reader(kind: ColumnKind) -> Callable[[Iterable[str]], list[str]]:
    """Return a function from a column's cells to their values, `UNREADABLE` in place of a refused one.

    It remembers what it has read, for kinds of which a file has few different cells; its memory is
    bounded.
    """
    if kind is ColumnKind.TEXT:
        return _strip_all

    rule = _RULES[kind]

    if kind in (ColumnKind.DAY, ColumnKind.FLAG):
        return _Memo(rule).read

    plain = PLAIN_DIGITS.get(kind, range(0))
    return lambda cells: [cell if _is_plain(cell, plain) else _value(rule, cell) for cell in cells]


def _is_plain(cell: str, lengths: range) -> bool:
    return len(cell) in lengths and cell.isdecimal() and cell.isascii()


def _strip_all(cells: Iterable[str]) -> list[str]:
    return list(map(str.strip, cells))


def _value(rule: Coercer, cell: str) -> str:
    try:
        return rule(cell)
    except Uncoercible:
        return UNREADABLE


class _Memo(dict[str, str]):
    def __init__(self, rule: Coercer) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, cell: str) -> str:
        if len(self) >= MEMO_SIZE:
            self.clear()

        value = self[cell] = _value(self._rule, cell)
        return value

    def read(self, cells: Iterable[str]) -> list[str]:
        return list(map(self.__getitem__, cells))


def _whole(cell: str) -> str:
    cell = cell.strip()
    if not cell:
        return ""

    if not _NUMBER.fullmatch(cell):
        raise Uncoercible("is not a number")

    number = Decimal(cell)
    if number != number.to_integral_value():
        raise Uncoercible("is not a whole number")

    if not INTEGER_MIN <= number <= INTEGER_MAX:
        raise Uncoercible("does not fit 32 bits")

    return str(int(number))


def _amount(cell: str) -> str:
    number = cell.replace("₹", "").replace(",", "").strip()
    if number.lower() in NO_VALUE:
        return ""

    if not _RUPEES.fullmatch(number):
        raise Uncoercible("is not an amount")

    return number


def _flag(cell: str) -> str:
    cell = cell.strip().lower()
    return cell and ("t" if cell in ("1", "true") else "f")


def _day(cell: str) -> str:
    cell = cell.strip()
    if cell.lower() in NO_VALUE:
        return ""

    with suppress(ValueError):
        if match := _ISO_DAY.fullmatch(cell):
            return _iso(match[1], match[2], match[3])

        if match := _OTHER_DAY.fullmatch(cell):
            return _day_first(match)

    raise Uncoercible("is not a date")


def _day_first(match: re.Match[str]) -> str:
    """Read dd-mm-yyyy and dd/mm/yyyy; with slashes, what cannot be that may still be mm/dd/yyyy."""
    first, separator, second, year = match.groups()

    try:
        return _iso(year, second, first)
    except ValueError:
        if separator == "-":
            raise

        return _iso(year, first, second)


def _iso(year: str, month: str, day: str) -> str:
    return date(int(year), int(month), int(day)).isoformat()


def _mobile(cell: str) -> str:
    digits = re.sub(r"[^0-9]", "", cell.replace("o", "0").replace("O", "0"))
    if re.fullmatch(r"91\d{10}|0\d{10}", digits):
        digits = digits[-10:]

    if digits and len(digits) != MOBILE_DIGITS:
        raise Uncoercible("is not a mobile number of ten digits")

    return digits


_RULES: Mapping[ColumnKind, Coercer] = {
    ColumnKind.TEXT: str.strip,
    ColumnKind.WHOLE: _whole,
    ColumnKind.AMOUNT: _amount,
    ColumnKind.FLAG: _flag,
    ColumnKind.DAY: _day,
    ColumnKind.MOBILE: _mobile,
}
