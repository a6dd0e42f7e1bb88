"""Counts with their noun, singular or plural, and what a line has room for."""

from __future__ import annotations

from collections.abc import Sequence


def plural_of(noun: str, number: int, plural: str | None = None) -> str:
    """Return the noun as it stands behind the number; `plural` where it is not that with an s."""
    return noun if number == 1 else plural or f"{noun}s"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 mail`, `2 mails`, `0 rows`; `plural` where it is not the noun with an s."""
    return f"{number} {plural_of(noun, number, plural)}"


def named(names: Sequence[str], most: int) -> str:
    """Return `A668, TS48 and 3 more`: the first `most` names, and how many others there are."""
    listed = ", ".join(names[:most])
    more = len(names) - most

    return f"{listed} and {more} more" if more > 0 else listed


def shortened(text: str, most: int) -> str:
    """Return the text, or as much of it as `most` characters hold, the last one an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
