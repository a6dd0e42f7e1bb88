"""How much room a text takes at most in a cell of the lists, without asking a font."""

from __future__ import annotations

import re
import unicodedata

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
#: The same as a rule, a little more than in a text.
USUAL_EM = (
    (r"[fijlrt.,:; '()|/I]", 0.34),
    (r"[a-ln-vxyz0-9+-]", 0.56),
    (r"[A-LN-VX-Z₹]", 0.65),
    (r"[MWmw&@%#]", 0.92),
)
SPACING_MARK_EM, OTHER_EM = 0.3, 0.7
DOTS, DOTS_EM = "\N{HORIZONTAL ELLIPSIS}", 0.83


def is_wider_than(text: str, column_mm: float) -> bool:
    """Return True if the text may not fit on one line of such a column; in doubt it does not."""
    return _most_em(text) * EM_MM > column_mm - PADDING_MM


def cut(text: str, column_mm: float) -> str:
    """Return the text, or as much of it as fits on one line of such a column, with three dots.

    By usual widths: what is wider still must be hidden by the cell. The dots are letters of the
    text, because those of a style sheet are copied as the text that they stand for.
    """
    room_em = (column_mm - PADDING_MM) / EM_MM

    if not is_wider_than(text, column_mm) or _usual_em(text) <= room_em:
        return text

    kept = len(text)

    while kept and _usual_em(text[:kept]) > room_em - DOTS_EM:
        kept -= 1

    return f"{text[:kept].rstrip()}{DOTS}"


def _usual_em(text: str) -> float:
    """Return about how wide the text is; marks on or under a letter have no width of their own."""
    width_em = 0.0

    for letter in text:
        category = unicodedata.category(letter)

        if category == "Mc":
            width_em += SPACING_MARK_EM
        elif category not in ("Mn", "Me", "Cf"):
            width_em += next((em for kind, em in USUAL_EM if re.match(kind, letter)), OTHER_EM)

    return width_em


def _most_em(text: str) -> float:
    """Return the width that the text cannot exceed."""
    others = len(text)
    width_em = 0.0

    for kind, widest_em in WIDTHS_EM:
        count = len(re.findall(kind, text))
        width_em += count * widest_em
        others -= count

    return width_em + others * WIDEST_EM
