"""Rejected rows in words: line, column and reason, never a value. Pure."""

from __future__ import annotations

TOLD_PER_FILE = 5


class Rejections:
    """Counts the rejected rows of one file and keeps the first few to tell (DOMAIN B.3)."""

    def __init__(self, file_name: str) -> None:
        self.count = 0
        self._file_name = file_name
        self._told: list[str] = []

    def add(self, line: int, column: str | None, reason: str) -> None:
        """Count one rejected row by the number of its first line; `column` is None when the line is no row."""
        self.count += 1
        if len(self._told) < TOLD_PER_FILE:
            what = f"{column} {reason}" if column else reason
            self._told.append(f"{self._file_name} line {line} rejected: {what}")

    def texts(self) -> list[str]:
        """Return at most TOLD_PER_FILE sentences, then how many more there are."""
        more = self.count - len(self._told)
        return [*self._told, *([f"{self._file_name}: {more} more rows rejected"] if more else [])]
