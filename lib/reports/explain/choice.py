"""Which figures of a page somebody asks for, by the name that is printed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.errors import UsageError
from lib.reports.explain.model import Figure

_WORD = re.compile(r"\w+")


def chosen(figures: Sequence[Figure], name: str | None) -> tuple[Figure, ...]:
    """Return the figures whose label has every word of `name`, singular or plural; all for None.

    The name of a dashboard's column chooses what stands on it. Raise UsageError, with the labels
    that there are, if none has.
    """
    if name is None:
        return tuple(figures)

    wanted = _words(name)
    found = []

    for figure in figures:
        has_words = bool(wanted) and wanted <= _words(figure.label)

        if has_words or name in figure.metrics:
            found.append(figure)

    if not found:
        labels = "; ".join(dict.fromkeys(figure.label for figure in figures))
        raise UsageError(f"this report prints no figure of that name; it prints: {labels}")

    return tuple(found)


def _words(text: str) -> frozenset[str]:
    words = set()

    # Without a dictionary: "pickups" and "pickup" are one, and what else ends in "s" is so twice.
    for word in _WORD.findall(text.casefold()):
        words.add(word.removesuffix("s"))

    return frozenset(words)
