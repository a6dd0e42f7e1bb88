"""Which letters the reports' typeface has (lib/reports/fonts/README.md): no font is asked."""

from __future__ import annotations

import re

#: The ranges of a pattern: Latin, Devanagari, Tamil, joiners, dashes, quotes and a few signs.
LETTERS = (
    r"\u0020-\u007e\u00a0-\u017f\u0900-\u097f\u0b80-\u0bff"
    r"\u200c\u200d\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030\u20b9\u2122\u2212"
)
LEFT_OUT = "[\N{HORIZONTAL ELLIPSIS}]"

# Spaces and stops between words of another script go with them.
_OTHERS = re.compile(rf"[^{LETTERS}]+(?:[ ,.;:!?()'\"\u200c\u200d-]*[^{LETTERS}]+)*")


def only_printed(text: str) -> str:
    """Return the text with `[…]` for each part that the typeface has no letters for.

    What a machine without other fonts leaves blank would be read as nothing, and one with them
    would draw another page.
    """
    return _OTHERS.sub(LEFT_OUT, text)
