"""Cells to values. Pure, and fast: a run reads some hundred thousand cells a second.

A value is handed on as the text that PostgreSQL reads back exactly; the empty text is null.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from lib.domain.exports import ColumnKind
from lib.domain.limits import FIRST_DAY, INTEGER_MAX, INTEGER_MIN, LAST_DAY, RUPEE_DIGITS

Rule = Callable[[str], str]

#: Stands for a cell that its rule refuses. No value can be it: neither a file's line nor PostgreSQL
#: takes a NUL.
UNREADABLE = "\0"

#: A flag's true, as exports write it.
TRUE = "1"

#: How an export says that a date or amount is not there. Known and normal, so never counted as
#: unreadable.
NO_VALUE = frozenset({"", "-", "--", "n/a", "na", "null", "none"})

MOBILE_DIGITS = 10
#: Cells of one column whose values are remembered.
MEMO_SIZE = 10_000

#: So many ASCII digits without a zero before them need no conversion, so most cells skip the call.
PLAIN_DIGITS = {
    ColumnKind.WHOLE: range(1, 10),
    ColumnKind.MOBILE: range(MOBILE_DIGITS, MOBILE_DIGITS + 1),
}

_NUMBER = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})", re.ASCII)
_RUPEES = re.compile(
    rf"[+-]?(\d{{1,{RUPEE_DIGITS}}}(\.\d{{0,300}})?|\.\d{{1,300}})",
    re.ASCII,
)

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?Z?)?"
_ISO_DAY = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_TIME}", re.ASCII)
_OTHER_DAY = re.compile(rf"(\d{{1,2}})([-/])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
#: MySQL's date of no day, and what PHP makes of it when it is told to format one.
_NO_DAY = re.compile(
    rf"(?:0000-00-00|00-00-0000|00/00/0000|-0001-11-30|30-11--0001|30/11/-0001){_TIME}",
    re.ASCII,
)

#: Invisible formatting characters. A number that was copied from a phone's list
#: of contacts stands between two of them.
_DIRECTIONS = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))
#: What a spreadsheet makes of a long number; the digits that it left out are lost.
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", re.ASCII)


class Uncoercible(ValueError):
    """The rule refuses the cell. The text says why and never quotes the cell."""


def coerce(kind: ColumnKind, cell: str) -> str:
    """Return the value of `cell`, empty for null. Raise Uncoercible if there is none."""
    if _is_plain(cell, PLAIN_DIGITS.get(kind, range(0))):
        return cell

    return _RULES[kind](cell)


def reader(kind: ColumnKind) -> Callable[[Sequence[str]], list[str]]:
    """Return a function from a column's cells to their values, `UNREADABLE` for a refused one.

    It remembers what it has read, for kinds of which a file has few different cells; what it
    remembers is bounded.
    """
    if kind is ColumnKind.TEXT:
        return _strip_all

    if kind is ColumnKind.PHONE:
        return _read_phones

    rule = _RULES[kind]

    if kind in (ColumnKind.DAY, ColumnKind.FLAG):
        return _Memo(rule).read

    if kind in PLAIN_DIGITS:
        return _digits_reader(rule, PLAIN_DIGITS[kind])

    return lambda cells: [_value(rule, cell) for cell in cells]


def _is_plain(cell: str, lengths: range) -> bool:
    return len(cell) in lengths and cell.isdecimal() and cell.isascii() and cell[0] != "0"


def _digits_reader(rule: Rule, lengths: range) -> Callable[[Sequence[str]], list[str]]:
    shortest, longest = lengths[0], lengths[-1]

    def read(cells: Sequence[str]) -> list[str]:
        if not "".join(cells).isascii():
            return [_value(rule, cell) for cell in cells]

        return [
            # _is_plain without the call, for every cell: see the head of lib.ingest.staged_rows
            cell
            if shortest <= len(cell) <= longest and cell.isdecimal() and cell[0] != "0"
            else _value(rule, cell)
            for cell in cells
        ]

    return read


def _strip_all(cells: Iterable[str]) -> list[str]:
    return list(map(str.strip, cells))


def _read_phones(cells: Sequence[str]) -> list[str]:
    together = "".join(cells)

    # one look at a whole batch: nearly every one is digits and nothing else
    if together.isascii() and together.isdecimal():
        return list(cells)

    return [_value(_phone, cell) for cell in cells]


def _value(rule: Rule, cell: str) -> str:
    try:
        return rule(cell)
    except Uncoercible:
        return UNREADABLE


class _Memo(dict[str, str]):
    """The values of the cells that were met, read by C functions after the first time."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule
        #: The cells that are their own values.
        self._unchanged: set[str] = set()

    def __missing__(self, cell: str) -> str:
        if len(self) >= MEMO_SIZE:
            self.clear()
            self._unchanged.clear()

        value = _value(self._rule, cell)
        self[cell] = value

        if value == cell:
            self._unchanged.add(cell)

        return value

    def read(self, cells: Sequence[str]) -> list[str]:
        # the same objects, so that they need not be compared with the cells
        if self._unchanged.issuperset(cells):
            return list(cells)

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
    if not cell:
        return ""

    return TRUE if cell in (TRUE, "true") else "0"


def _day(cell: str) -> str:
    cell = cell.strip()
    if cell.lower() in NO_VALUE or _NO_DAY.fullmatch(cell):
        return ""

    try:
        day = _parsed_day(cell)
    except ValueError:
        raise Uncoercible("is not a date") from None

    # 1970-01-01, 1900-01-01 and 9999-12-31 are what programs write where there is no date.
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Uncoercible("is a placeholder and no date")

    return day.isoformat()


def _parsed_day(cell: str) -> date:
    """Return the date; with slashes, what cannot be dd/mm/yyyy may still be mm/dd/yyyy."""
    if match := _ISO_DAY.fullmatch(cell):
        return date(int(match[1]), int(match[2]), int(match[3]))

    match = _OTHER_DAY.fullmatch(cell)
    if match is None:
        raise ValueError

    first, separator, second, year = match.groups()

    try:
        return date(int(year), int(second), int(first))
    except ValueError:
        if separator == "-":
            raise

    return date(int(year), int(first), int(second))


def _phone(cell: str) -> str:
    phone = cell.strip(_SPACES + _DIRECTIONS)
    if _SCIENTIFIC.fullmatch(phone):
        raise Uncoercible("is a number in scientific notation")

    return phone


def _mobile(cell: str) -> str:
    cell = _phone(cell)

    with_zeros = cell.replace("o", "0").replace("O", "0")
    digits = re.sub(r"[^0-9]", "", with_zeros)

    if re.fullmatch(r"91\d{10}|0\d{10}", digits):
        digits = digits[-MOBILE_DIGITS:]

    if digits and len(digits) != MOBILE_DIGITS:
        raise Uncoercible("is not a mobile number of ten digits")

    return digits


_RULES: Mapping[ColumnKind, Rule] = {
    ColumnKind.TEXT: str.strip,
    ColumnKind.WHOLE: _whole,
    ColumnKind.AMOUNT: _amount,
    ColumnKind.FLAG: _flag,
    ColumnKind.DAY: _day,
    ColumnKind.PHONE: _phone,
    ColumnKind.MOBILE: _mobile,
}
