"""What each statement of a load says it did, by store: the right side of the books' equation. Pure.

Source: docs/reference/domain.md#load-accounting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum

from lib.ingest.counts import Counts
from lib.ingest.merge import FileCounts
from lib.ingest.staged_rows import Fate


class Stored(StrEnum):
    """What became of a row that was matched by its key."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Tally:
    """Rows by outcome and store.

    Every number is the server's: of rows that a statement returned or a scan found. None is what
    others leave over, so that a row which a statement missed shows as a difference to the rows
    read.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[Stored | Fate, Counter[str]] = defaultdict(Counter)

    def add(self, outcome: Stored | Fate, store_code: str, rows: int) -> None:
        self._rows[outcome][store_code] += rows

    def stores(self) -> set[str]:
        """Return the code of every store that the merged file has a row of."""
        return set().union(*self._rows.values())

    def counts(self, store_code: str, file: FileCounts) -> Counts:
        """Return the store's line of the books; `file` is what the merge counted."""

        def rows(*outcomes: Stored | Fate) -> int:
            return sum(self._rows[outcome][store_code] for outcome in outcomes)

        return Counts(
            read=file.read,
            inserted=rows(Stored.INSERTED),
            updated=rows(Stored.UPDATED, Fate.MOVED),
            unchanged=rows(Stored.UNCHANGED),
            skipped=rows(Fate.SKIPPED, Fate.DUPLICATE),
            rejected=file.rejected + rows(Fate.REJECTED, Fate.CLASH),
            duplicates=rows(Fate.DUPLICATE),
        )
