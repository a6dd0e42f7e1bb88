"""A date that a program writes where there is none is no delivery, and none stays for long."""

from datetime import date

import pytest

from lib import ingest
from lib.db import backlog
from lib.ingest import Counts
from lib.model import Bucket, Status
from tests.factories.runs import add_run
from tests.lib.ingest.conftest import RUN, run_of

ORDERS = Bucket.UNDELIVERED_ALL


@pytest.fixture
def open_orders(engine):
    """Return the numbers of the orders that are open at the end of RUN's day."""

    def numbers():
        with engine.connect() as connection:
            rows = connection.execute(backlog.open_orders("A668", RUN.report_on))
            return sorted(row.order_id for row in rows)

    return numbers


@pytest.mark.parametrize(
    "delivered",
    [
        "1970-01-01",
        "1970-01-01 05:30:00",
        "1900-01-01",
        "9999-12-31",
        "30/12/1899",
        "2025-10-31",
        "2025-10-31 23:59:59",
    ],
)
def test_a_delivery_that_can_be_none_leaves_the_order_open_and_is_counted(
    load, open_orders, delivered
):
    rows = [{"order_no": "T1", "actual_deliver_on": delivered}, {"order_no": "T2"}]

    assert load(ORDERS, *rows) == Counts(read=2, inserted=2)
    assert open_orders() == ["T1", "T2"]
    (finding,) = load.findings
    assert finding.severity is Status.WARNING
    assert finding.text == "1 values of actual_deliver_on are unreadable and were left out"


@pytest.mark.parametrize("delivered", ["", "N/A", "0000-00-00", "0000-00-00 00:00:00"])
def test_an_ordinary_none_leaves_the_order_open_and_is_no_warning(load, open_orders, delivered):
    load(ORDERS, {"order_no": "T1", "actual_deliver_on": delivered})

    assert open_orders() == ["T1"]
    assert load.findings == []


@pytest.mark.parametrize("delivered", ["2025-11-01", "2025-11-01 08:00:00", "2025-11-14"])
def test_a_delivery_on_the_day_of_the_order_or_later_is_one(load, open_orders, delivered):
    load(ORDERS, {"order_no": "T1", "actual_deliver_on": delivered})

    assert open_orders() == []
    assert load.findings == []


def test_a_delivery_of_an_order_without_a_date_is_one(load, open_orders):
    load(ORDERS, {"order_no": "T1", "order_date": "", "actual_deliver_on": "2025-11-02"})
    assert open_orders() == []


@pytest.mark.parametrize("stored_day", ["1970-01-01", "9999-12-31", "2025-10-31"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", (None, None)),
        ("1970-01-01", (None, None)),
        ("2025-11-13", (date(2025, 11, 13), RUN.report_on)),
    ],
)
def test_a_stored_delivery_that_can_be_none_is_taken_back_by_the_next_export(
    engine, load, stored, stored_day, said, expected
):
    load(ORDERS, {"order_no": "T1"})
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE undelivered_orders SET actual_deliver_on = %s, closed_seen_on = '2025-11-10'",
            (stored_day,),
        )

    assert load(ORDERS, {"order_no": "T1", "actual_deliver_on": said}).updated == 1
    assert stored("undelivered_orders", "actual_deliver_on", "closed_seen_on") == [expected]


def test_any_other_delivery_stays_whatever_a_later_export_says(engine, export, merge, stored, load):
    load(ORDERS, {"order_no": "T1", "actual_deliver_on": "2025-11-13"})
    later = run_of(date(2025, 11, 15))
    add_run(engine, later)
    ingest.load(engine, merge(export(ORDERS, {"order_no": "T1"})), later)

    assert stored("undelivered_orders", "actual_deliver_on", "closed_seen_on") == [
        (date(2025, 11, 13), RUN.report_on)
    ]
