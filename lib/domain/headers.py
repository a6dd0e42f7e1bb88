"""Headers of tables as they are compared: the portal spells one column in several ways.

Source: docs/reference/domain.md#export-headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[^a-z0-9]")


def normalise(header: str) -> str:
    """Return the lower-case letters and digits of `header`.

    `Pickup Row Id`, `pickup_row_id` and `pickup-row-id` are one column, and so are `Mobile No` and
    `Mobile No.`.
    """
    return _NEITHER_LETTER_NOR_DIGIT.sub("", header.lower())


def positions(headers: Iterable[str]) -> dict[str, int]:
    """Return the place of each header, from 0, by its normalised form; of two alike the first."""
    found: dict[str, int] = {}

    for position, header in enumerate(headers):
        found.setdefault(normalise(header), position)

    return found
