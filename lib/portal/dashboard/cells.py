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

#: A number with whatever stands behind it.
_WITH_UNIT = re.compile(
    rf"(?P<number>{_NUMBER.pattern})\s*(?P<unit>\D*)",
    re.DOTALL,
)

#: Words behind a number whose meaning is certain. Not `L`, `K` or `M`.
_MULTIPLIERS = {
    "lakh": 10**5,
    "lakhs": 10**5,
    "lac": 10**5,
    "lacs": 10**5,
    "crore": 10**7,
    "crores": 10**7,
}

#: Short for crore, but never in capitals (`CR` stands for credit) nor behind digits in groups, as a
#: balance has them (`1,234.50 Cr`).
_CRORE = frozenset({"Cr", "Cr.", "cr", "cr.", "Crs", "Crs."})

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

    The cell is one number; of words behind it only lakh and crore are understood, and any other is
    a problem: it may change the number's size, sign or meaning. Money and per cent are rounded half
    up to 2 places, as their columns do.
    """
    plain = _DOWNLOAD.sub(" ", text).replace("\N{MINUS SIGN}", "-").strip()

    if plain.casefold() in NULLS:
        return CellValue(None)

    if kind in _SYMBOL:
        plain = _SYMBOL[kind].sub("", plain, count=1)

    # A longer text is no figure, and is not worth a search.
    match = _WITH_UNIT.fullmatch(plain.strip()) if len(plain) <= 2 * MAX_CHARS else None
    if match is None or len(match["number"]) > MAX_CHARS:
        return CellValue(None, "its text is not one number")

    multiplier = _multiplier(match["number"], match["unit"].strip(), kind)
    if multiplier is None:
        return CellValue(
            None,
            "what stands behind its number may change the meaning",
        )

    number = Decimal(match["number"].replace(",", "")) * multiplier
    return (
        _whole(number)
        if kind is MetricKind.COUNT
        else _hundredths(
            number,
            kind,
        )
    )


def _multiplier(
    number: str,
    unit: str,
    kind: MetricKind,
) -> int | None:
    """Return by how much the words behind a number multiply it; None where that is not certain."""
    if not unit:
        return 1

    if kind is MetricKind.PERCENT:
        return None

    if unit in _CRORE and "," not in number:
        return _MULTIPLIERS["crore"]

    return _MULTIPLIERS.get(unit.casefold().rstrip("."))


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
