"""What each statement of a load says it did, by store: what load accounting adds up. Pure.

Source: docs/reference/domain.md#load-accounting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum

from lib.ingest.counts import Counts
from lib.ingest.merge import FileCounts
from lib.ingest.staged_rows import RowStatus


class RowOutcome(StrEnum):
    """What became of a row that was matched by its key."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class StatementCounts:
    """Rows by outcome and store.

    Every number is the server's: of rows that a statement returned or a scan found. None is what
    others leave over, so that a row which a statement missed shows as a difference to the rows
    read.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[RowOutcome | RowStatus, Counter[str]] = defaultdict(Counter)

    def add(
        self,
        outcome: RowOutcome | RowStatus,
        store_code: str,
        rows: int,
    ) -> None:
        """Add `rows` rows of the store."""
        self._rows[outcome][store_code] += rows

    def stores(self) -> set[str]:
        """Return the code of every store that the merged file has a row of."""
        return set().union(*self._rows.values())

    def counts(self, store_code: str, file: FileCounts) -> Counts:
        """Return the store's load accounting; `file` is what the merge counted."""

        def rows(*outcomes: RowOutcome | RowStatus) -> int:
            return sum(self._rows[outcome][store_code] for outcome in outcomes)

        return Counts(
            read=file.read,
            inserted=rows(RowOutcome.INSERTED),
            updated=rows(RowOutcome.UPDATED, RowStatus.MOVED),
            unchanged=rows(RowOutcome.UNCHANGED),
            skipped=rows(RowStatus.SKIPPED, RowStatus.DUPLICATE),
            rejected=file.rejected + rows(RowStatus.REJECTED, RowStatus.CLASH),
            duplicates=rows(RowStatus.DUPLICATE),
        )
