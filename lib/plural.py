"""Counts with their noun, singular or plural."""

from __future__ import annotations


def plural_of(noun: str, number: int, plural: str | None = None) -> str:
    """Return the noun as it stands behind the number; `plural` where it is not that with an s."""
    return noun if number == 1 else plural or f"{noun}s"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 mail`, `2 mails`, `0 rows`; `plural` where it is not the noun with an s."""
    return f"{number} {plural_of(noun, number, plural)}"
