"""How much room a text takes at most in a cell of the lists, without asking a font."""

from __future__ import annotations

import re

#: 8 pt, the size of the lists.
EM_MM = 2.823
#: Right of a cell; there is none at its left.
PADDING_MM = 1.5
#: No glyph of the kind is wider than this, in the regular weight.
WIDTHS_EM = (
    (r"[0-9 .,:;+/()'-]", 0.58),
    (r"[a-ln-vxyz]", 0.63),
    (r"[A-LN-VX-Z₹]", 0.8),
    (r"[MWmw&@%#]", 0.95),
)
#: For every other character.
WIDEST_EM = 1.5


def is_wider_than(text: str, column_mm: float) -> bool:
    """Return True if the text may not fit on one line of such a column; in doubt it does not."""
    return _most_em(text) * EM_MM > column_mm - PADDING_MM


def _most_em(text: str) -> float:
    """Return the width that the text cannot exceed."""
    others = len(text)
    width_em = 0.0

    for kind, widest_em in WIDTHS_EM:
        count = len(re.findall(kind, text))
        width_em += count * widest_em
        others -= count

    return width_em + others * WIDEST_EM
