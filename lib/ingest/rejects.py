"""The rows that are not loaded: named by line, column and reason, kept as they were, never quoted.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lib.model import Status

#: So many rejected rows of a file are named one by one.
NAMED_PER_FILE = 5
#: The one reason that is a known oddity of the exports: ids are missing now and then.
#:
#: Source: docs/reference/domain.md#export-oddities.
EMPTY = "is empty"
KNOWN_SHARE_LIMIT = 0.02
#: Beyond both limits rows without an id are no oddity any more.
KNOWN_ROWS_LIMIT = 5


@dataclass(frozen=True)
class Reject:
    """One row that was refused."""

    store_code: str
    file_name: str
    #: Of its first line in the file.
    line: int
    #: None when the line is no row.
    column: str | None
    reason: str
    header: Sequence[str] = field(repr=False)
    #: Customer data: the cells in the header's order, or the line itself where it is no row.
    content: Sequence[str] | str = field(repr=False)

    def __str__(self) -> str:
        column = f"{self.column} " if self.column else ""
        return f"{self.file_name} line {self.line} rejected: {column}{self.reason}"

    def as_json(self) -> str:
        """Return what `ingest_rejects` keeps: column, reason, and the row with its header."""
        name = "line" if isinstance(self.content, str) else "cells"
        kept = {
            "column": self.column,
            "reason": self.reason,
            "row": {"header": list(self.header), name: self.content},
        }

        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


class Rejections:
    """Counts the rejected rows of one store in one file and names the first few."""

    def __init__(self, file_name: str) -> None:
        self.count = 0
        self._file_name = file_name
        self._named: list[str] = []

        self._is_known = True

    def add(self, reject: Reject) -> None:
        """Count one more."""
        self.count += 1

        self._is_known = self._is_known and reject.reason == EMPTY

        if len(self._named) < NAMED_PER_FILE:
            self._named.append(str(reject))

    def severity(self, read: int) -> Status:
        """Return OK if of `read` rows no more than the known oddities were rejected, else WARNING.

        Source: lesson 30.
        """
        few = max(KNOWN_ROWS_LIMIT, KNOWN_SHARE_LIMIT * read)
        return Status.OK if self._is_known and self.count <= few else Status.WARNING

    def texts(self) -> Iterator[str]:
        """Yield at most NAMED_PER_FILE sentences, then how many more there are."""
        yield from self._named

        if more := self.count - len(self._named):
            yield f"{self._file_name}: {more} more rows rejected"
