"""Orders outside a package: a row is a customer's newest order."""

import pytest

from lib import ingest
from lib.ingest import Counts
from lib.model import Bucket
from tests.lib.ingest.conftest import RUN

ORDERS = Bucket.NONPACKAGE_ALL


@pytest.fixture
def order(stored):
    """Return the dates of the one stored order: ordered, expected, delivered."""

    def row():
        columns = ("order_date", "expected_delivery_date", "actual_delivery_date")
        (found,) = stored("nonpackage_orders", *columns)
        return tuple(day and day.day for day in found)

    return row


def test_every_value_reaches_its_column(load, stored):
    assert load(ORDERS, {}) == Counts(read=1, inserted=1)

    assert stored(
        "nonpackage_orders", "mobile_no", "store_code", "store_name", "taxable_amount"
    ) == [("9000000001", "A668", "RIVERSIDE COLONY", 1110.0)]
    assert load.findings == []


def test_a_delivery_is_added_and_never_erased(load, order):
    load(ORDERS, {})

    assert order() == (8, 12, None)
    assert load(ORDERS, {"Actual Delivery Date": "2025-11-09"}) == Counts(read=1, updated=1)
    assert order() == (8, 12, 9)
    assert load(ORDERS, {}) == Counts(read=1, unchanged=1)
    assert order() == (8, 12, 9)


def test_a_later_order_of_the_customer_replaces_the_row_as_a_whole(load, order):
    load(ORDERS, {"Actual Delivery Date": "2025-11-09"})
    later = {"Order Date": "2025-11-10 10:00:00", "Expected Delivery Date": "N/A"}

    assert load(ORDERS, later) == Counts(read=1, updated=1)
    assert order() == (10, None, None)


def test_an_earlier_order_of_the_customer_changes_nothing(load, order):
    load(ORDERS, {"Order Date": "2025-11-10"})
    earlier = {"Actual Delivery Date": "2025-11-09"}

    assert load(ORDERS, earlier) == Counts(read=1, unchanged=1)
    assert order() == (10, 12, None)


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"Mobile No": ""}, Counts(read=1, skipped=1)),
        ({"Mobile No": "9.19877E+11"}, Counts(read=1, skipped=1)),
        ({"Order Date": "N/A"}, Counts(read=1, rejected=1)),
        ({"Order Date": "1970-01-01"}, Counts(read=1, rejected=1)),
        ({"Mobile No": "12345"}, Counts(read=1, inserted=1)),
    ],
    ids=str,
)
def test_a_row_needs_a_number_and_an_order_date(load, changes, counts):
    assert load(ORDERS, changes) == counts


def test_the_same_customer_in_two_stores_is_two_rows(engine, export, merge, stored):
    merged = merge(export(ORDERS, {}), export(ORDERS, {"Store Code": "A817"}, code="A817"))
    ingest.load(engine, merged, RUN)

    assert [row[0] for row in stored("nonpackage_orders", "store_code", "mobile_no")] == [
        "A668",
        "A817",
    ]
