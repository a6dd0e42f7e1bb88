"""Load accounting: how many rows of a store's file became what. Pure.

Source: docs/reference/domain.md#load-accounting.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from operator import add

REJECTED_SHARE_LIMIT = 0.2
#: So many bad rows are bad rows, whatever the size of the file; beyond both limits the file itself
#: is wrong.
#:
#: Source: lesson 22.
REJECTED_ROWS_LIMIT = 5


@dataclass(frozen=True)
class Counts:
    """What became of the data rows of one store's file.

    Every row read is in exactly one of inserted, updated, unchanged, skipped and rejected.
    """

    #: Counted while reading the store's file; all others are counted in SQL.
    read: int = 0
    inserted: int = 0
    updated: int = 0
    #: In the table with nothing to change, or ranked below the stored row.
    unchanged: int = 0
    #: Without a usable customer number, or a duplicate: the part `duplicates` of these.
    skipped: int = 0
    #: With a reason: in the store's file (no CSV row, another store's) or in the merged one (bad or
    #: missing value).
    rejected: int = 0
    #: Replaced by another row of the same key in the file.
    duplicates: int = 0

    @property
    def merged(self) -> int:
        """Rows after duplicates were removed."""
        return self.read - self.duplicates

    @property
    def ingested(self) -> int:
        """Rows that the table now holds, changed or not."""
        return self.inserted + self.updated + self.unchanged

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for exactly once."""
        is_possible = min(astuple(self)) >= 0 and self.duplicates <= self.skipped
        accounted = self.ingested + self.skipped + self.rejected

        return is_possible and self.read == accounted

    @property
    def is_wrong(self) -> bool:
        """Whether the file rather than some of its rows is wrong.

        What such a file lacks means nothing. One of which no row could be taken is wrong, too, even
        if its rows were only skipped: a masked or renamed number looks like that.
        """
        if self.read and not self.ingested:
            return self.rejected == self.read or self.read > REJECTED_ROWS_LIMIT

        return self.rejected > max(
            REJECTED_ROWS_LIMIT,
            REJECTED_SHARE_LIMIT * self.read,
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, astuple(self), astuple(other)))


def is_cut_short(lacking: int, before: int) -> bool:
    """Return True if an export seems to be cut short.

    It lacks `lacking` of the `before` rows that the same month's last export had. Exports grow
    within a month (docs/reference/domain.md#export-windows); a row or two may go.
    """
    return lacking > max(REJECTED_ROWS_LIMIT, REJECTED_SHARE_LIMIT * before)
