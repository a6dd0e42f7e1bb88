"""The text of a dashboard cell as a number, or as no number.

Pure; never raises, never guesses (docs/reference/domain.md#dashboard-cells).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from lib.domain.limits import METRIC_LIMITS
from lib.model import MetricKind

NULLS = frozenset({"", "-", "--", "n/a", "na"})
#: Characters of a number; more is not a figure of a shop.
LONGEST = 40

_DOWNLOAD = re.compile(r"\bdownload\b", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.[0-9]+)?")
_SYMBOL = {MetricKind.MONEY: re.compile(r"₹\s*"), MetricKind.PERCENT: re.compile(r"\s*%")}


@dataclass(frozen=True)
class Cell:
    """A cell's value.

    `problem` says why a cell with text has none; without it, None means that it shows no value.
    """

    value: Decimal | int | None
    problem: str = ""


def read(text: str, kind: MetricKind) -> Cell:
    """Read a cell: null words and a lone `Download` are no value; the number is the first word, and the only one.

    Money and per cent are rounded half up to 2 places, as their columns do.
    """
    plain = _DOWNLOAD.sub(" ", text).replace("\N{MINUS SIGN}", "-").strip()
    if plain.casefold() in NULLS:
        return Cell(None)

    words = (_SYMBOL[kind].sub("", plain, count=1) if kind in _SYMBOL else plain).split()
    if not _is_number(words):
        return Cell(None, "its text is not one number")

    number = Decimal(words[0].replace(",", ""))
    return _whole(number) if kind is MetricKind.COUNT else _hundredths(number, kind)


def _is_number(words: list[str]) -> bool:
    if not words or len(words[0]) > LONGEST or not _NUMBER.fullmatch(words[0]):
        return False

    return not any(character.isdigit() for word in words[1:] for character in word)


def _whole(number: Decimal) -> Cell:
    if number != number.to_integral_value():
        return Cell(None, "it is not a whole number")

    return _fitting(number, MetricKind.COUNT, int(number))


def _hundredths(number: Decimal, kind: MetricKind) -> Cell:
    if abs(number) < METRIC_LIMITS[kind].end:
        number = number.quantize(Decimal("0.01"), ROUND_HALF_UP)

    return _fitting(number, kind, number)


def _fitting(number: Decimal, kind: MetricKind, value: Decimal | int) -> Cell:
    limit = METRIC_LIMITS[kind]
    return Cell(value) if abs(number) < limit.end else Cell(None, limit.problem)
