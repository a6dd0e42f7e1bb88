"""Figures that may be unknown: what is known of several, and what two of them say together. Pure.

Unknown is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

#: What a figure of the dashboard is once it was read.
Value = Decimal | int

Known = TypeVar("Known")


def known(values: Iterable[Known | None]) -> list[Known]:
    """Return those that are known, in their order."""
    return [value for value in values if value is not None]


def sum_of_known(values: Iterable[Value | None]) -> Value | None:
    """Return the sum of what is known; None where nothing is."""
    found: list[Value] = known(values)

    return sum(found) if found else None


def sum_of_all(values: Iterable[Value | None]) -> Value | None:
    """Return the sum; None where one of the values is not known, or there is none."""
    listed = list(values)

    return None if None in listed else sum_of_known(listed)


def rupees_of_known(amounts: Iterable[Decimal | None]) -> Decimal:
    """Return the sum of the amounts that are known; 0 for none."""
    return sum(known(amounts), Decimal(0))


def mean(values: Sequence[Value]) -> Decimal | None:
    """Return the mean; None of no values."""
    return Decimal(sum(values)) / len(values) if values else None


def percent_change(
    value: Value | None,
    before: Value | None,
) -> Decimal | None:
    """Return the change in per cent; None where something is unknown or was not above 0."""
    if value is None or before is None or before <= 0:
        return None

    return 100 * (Decimal(value) - before) / before


def sale_change(
    value: Value | None,
    before: Value | None,
) -> Decimal | None:
    """Return the same of sales; None beside refunds, too, of which no percentage says anything."""
    if value is None or value < 0:
        return None

    return percent_change(value, before)


def number(value: float | str | None) -> Value | None:
    """Return a number of the JSON as it was: an amount with paise comes back without a rest."""
    if value is None or isinstance(value, int):
        return value

    return Decimal(str(value))
