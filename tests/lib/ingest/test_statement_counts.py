"""Whose rows the numbers of the books are."""

from __future__ import annotations

import pytest

from lib.ingest import Counts, FileCounts
from lib.ingest.staged_rows import Fate
from lib.ingest.statement_counts import Stored, Tally

READ = FileCounts(read=40, written=33, rejected=7)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Stored.INSERTED, Counts(40, inserted=5, rejected=7)),
        (Stored.UPDATED, Counts(40, updated=5, rejected=7)),
        (Stored.UNCHANGED, Counts(40, unchanged=5, rejected=7)),
        (Fate.MOVED, Counts(40, updated=5, rejected=7)),
        (Fate.SKIPPED, Counts(40, skipped=5, rejected=7)),
        (Fate.DUPLICATE, Counts(40, skipped=5, duplicates=5, rejected=7)),
        (Fate.REJECTED, Counts(40, rejected=12)),
        (Fate.CLASH, Counts(40, rejected=12)),
    ],
)
def test_every_outcome_has_its_place_in_the_books(outcome, counts):
    tally = Tally()
    tally.add(outcome, "A668", 2)
    tally.add(outcome, "A817", 9)
    tally.add(outcome, "A668", 3)
    assert tally.counts("A668", READ) == counts
    assert tally.stores() == {"A668", "A817"}


def test_a_row_that_no_statement_tells_of_is_missing_in_the_books():
    tally = Tally()
    tally.add(Stored.INSERTED, "A668", 32)
    assert not tally.counts("A668", READ).balances
    tally.add(Stored.INSERTED, "A668", 1)
    assert tally.counts("A668", READ).balances


def test_a_store_without_rows_has_only_what_the_merge_read():
    assert Tally().counts("A668", READ) == Counts(40, rejected=7)
    assert Tally().stores() == set()
