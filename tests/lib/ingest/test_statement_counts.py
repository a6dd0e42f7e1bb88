"""Whose rows the counts of a load are."""

from __future__ import annotations

import pytest

from lib.ingest import Counts, FileCounts
from lib.ingest.staged_rows import RowStatus
from lib.ingest.statement_counts import RowOutcome, StatementCounts

READ = FileCounts(read=40, written=33, rejected=7)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (RowOutcome.INSERTED, Counts(40, inserted=5, rejected=7)),
        (RowOutcome.UPDATED, Counts(40, updated=5, rejected=7)),
        (RowOutcome.UNCHANGED, Counts(40, unchanged=5, rejected=7)),
        (RowStatus.MOVED, Counts(40, updated=5, rejected=7)),
        (RowStatus.SKIPPED, Counts(40, skipped=5, rejected=7)),
        (RowStatus.DUPLICATE, Counts(40, skipped=5, duplicates=5, rejected=7)),
        (RowStatus.REJECTED, Counts(40, rejected=12)),
        (RowStatus.CLASH, Counts(40, rejected=12)),
    ],
)
def test_every_outcome_has_its_place_in_the_books(outcome, counts):
    counted = StatementCounts()
    counted.add(outcome, "A668", 2)
    counted.add(outcome, "A817", 9)
    counted.add(outcome, "A668", 3)

    assert counted.counts("A668", READ) == counts
    assert counted.stores() == {"A668", "A817"}


def test_a_row_that_no_statement_tells_of_is_missing_in_the_books():
    counted = StatementCounts()
    counted.add(RowOutcome.INSERTED, "A668", 32)

    assert not counted.counts("A668", READ).balances
    counted.add(RowOutcome.INSERTED, "A668", 1)
    assert counted.counts("A668", READ).balances


def test_a_store_without_rows_has_only_what_the_merge_read():
    assert StatementCounts().counts("A668", READ) == Counts(40, rejected=7)
    assert StatementCounts().stores() == set()
