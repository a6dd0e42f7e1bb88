"""Counts with their noun, singular or plural."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 mail`, `2 mails`, `0 rows`; `plural` where it is not the noun with an s."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number} {word}"
