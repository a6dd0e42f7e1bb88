"""The text of a dashboard cell as a number, or as no number.

Pure; never raises, never guesses. Source: docs/reference/domain.md#dashboard-cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from lib.model import MetricKind

NULLS = frozenset({"", "-", "--", "n/a", "na"})

#: Characters of a number; more is no figure of a shop.
MAX_CHARS = 40

_DOWNLOAD = re.compile(r"\bdownload\b", re.IGNORECASE)

#: Digits, plain or in groups of two or three as India and others write them.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.[0-9]+)?")

_SYMBOL = {
    MetricKind.MONEY: re.compile(r"₹\s*"),
    MetricKind.PERCENT: re.compile(r"\s*%"),
}

#: By kind: the first value that its column cannot hold, and why.
_OVERFLOW = {
    MetricKind.MONEY: (Decimal(10) ** 12, "1,000,000,000,000 or more does not fit numeric(14,2)"),
    MetricKind.PERCENT: (Decimal(10) ** 4, "10,000 % or more does not fit numeric(6,2)"),
    MetricKind.COUNT: (Decimal(2) ** 31, "more than 2,147,483,647 does not fit 32 bits"),
}


@dataclass(frozen=True)
class CellValue:
    """A cell's value.

    `problem` says why a cell with text has none; without it, None means that it shows no value.
    """

    value: Decimal | int | None
    problem: str = ""


def read(text: str, kind: MetricKind) -> CellValue:
    """Return the value of a cell: null words and a lone `Download` are no value.

    The number is the first word, and the only one with digits. Money and per cent are rounded half
    up to 2 places, as their columns do.
    """
    plain = _DOWNLOAD.sub(" ", text).replace("\N{MINUS SIGN}", "-").strip()

    if plain.casefold() in NULLS:
        return CellValue(None)

    if kind in _SYMBOL:
        plain = _SYMBOL[kind].sub("", plain, count=1)

    words = plain.split()
    if not _is_number(words):
        return CellValue(None, "its text is not one number")

    number = Decimal(words[0].replace(",", ""))
    return _whole(number) if kind is MetricKind.COUNT else _hundredths(number, kind)


def _is_number(words: list[str]) -> bool:
    if not words or len(words[0]) > MAX_CHARS or not _NUMBER.fullmatch(words[0]):
        return False

    rest = "".join(words[1:])
    return not any(character.isdigit() for character in rest)


def _whole(number: Decimal) -> CellValue:
    if number != number.to_integral_value():
        return CellValue(None, "it is not a whole number")

    return _fitting(number, MetricKind.COUNT, int(number))


def _hundredths(number: Decimal, kind: MetricKind) -> CellValue:
    limit, _ = _OVERFLOW[kind]

    if abs(number) < limit:
        number = number.quantize(Decimal("0.01"), ROUND_HALF_UP)

    return _fitting(number, kind, number)


def _fitting(
    number: Decimal,
    kind: MetricKind,
    value: Decimal | int,
) -> CellValue:
    limit, problem = _OVERFLOW[kind]

    return CellValue(value) if abs(number) < limit else CellValue(None, problem)
