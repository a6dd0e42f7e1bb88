"""Characters in a value that nobody sees and nobody means."""

from __future__ import annotations

import unicodedata

#: The byte-order mark that some editors write at the beginning of a file.
_MARK = "\ufeff"

#: Control characters, formatting characters (zero-width spaces, direction marks), line and
#: paragraph separators, and code points that mean nothing.
_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cn", "Co"})


def without_frame(value: str) -> str:
    """Return the value without a byte-order mark before it and line ends after it."""
    return value.removeprefix(_MARK).rstrip("\r\n")


def first(value: str, allowed: str = "") -> str | None:
    """Return the first invisible character, by code point, name and place; None if there is none.

    The plain space is visible where it matters: between other characters. Every other space, such
    as U+00A0, looks like it and is another character.
    """
    for place, char in enumerate(value, 1):
        if char in allowed:
            continue

        category = unicodedata.category(char)
        if category in _CATEGORIES or (category == "Zs" and char != " "):
            name = unicodedata.name(char, "a control character")
            return f"U+{ord(char):04X} ({name}) at place {place}"

    return None
