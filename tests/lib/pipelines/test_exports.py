"""How a run's exports are parted into batches, and how they are told of.

What is loaded is tests/e2e's subject.
"""

import pytest

from lib.model import Bucket
from lib.pipelines.exports import MOST_BATCHES, SMALLEST_BATCH, in_batches

LEADS, REPEAT = Bucket.MISSED_LEADS, Bucket.REPEAT_CUSTOMERS


@pytest.mark.parametrize(
    ("stores", "sizes"),
    [
        pytest.param(0, [], id="nothing owed"),
        pytest.param(3, [3], id="few"),
        pytest.param(8, [8], id="a whole batch"),
        pytest.param(9, [8, 1], id="one more"),
        pytest.param(31, [8, 8, 8, 7], id="a chain"),
        pytest.param(200, [13] * 15 + [5], id="no more than so many batches"),
        pytest.param(2000, [125] * 16, id="a large chain"),
    ],
)
def test_batches_are_of_whole_stores_in_their_order(stores, sizes):
    units = [(f"S{number}", bucket) for number in range(stores) for bucket in Bucket]
    batches = in_batches(units)

    assert [unit for batch in batches for unit in batch] == units
    assert [len({code for code, _ in batch}) for batch in batches] == sizes
    assert len(sizes) <= MOST_BATCHES
    assert all(size >= SMALLEST_BATCH for size in sizes[:-1])


def test_a_store_that_owes_one_export_only_counts_as_a_store():
    units = [("A668", REPEAT), *((f"S{number}", LEADS) for number in range(8)), ("S7", REPEAT)]
    assert in_batches(units) == [units[:8], units[8:]]
