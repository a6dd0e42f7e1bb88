"""What the loads of many days leave to be asked what was open as of a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import ingest
from lib.db import backlog
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Status
from tests.factories.runs import add_run
from tests.lib.ingest.conftest import RUN_ON, csv_of, run_of

ORDERS, LEADS = Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS


def nov(day):
    """The day of November; 31 and more go on into December."""
    return date(2025, 11, 1) + timedelta(days=day - 1)


def order(number, due=5, delivered=None, **cells):
    days = {"order_date": nov(due - 4), "expected_deliver_on": nov(due)}
    done = {"actual_deliver_on": nov(delivered).isoformat()} if delivered else {}
    return {
        "order_no": number,
        **{name: day.isoformat() for name, day in days.items()},
        **done,
        **cells,
    }


def lead(number, created=3, placed=False, mobile=None, **cells):
    return {
        "id": str(number),
        "mobile_number": mobile or f"900000{number:04}",
        "pickup_created_date": nov(created).isoformat(),
        "is_order_placed": "1" if placed else "0",
        **cells,
    }


@pytest.fixture
def day(engine, export, tmp_path):
    """Load what the exports of stores say on a day: `day(14, ORDERS, A668=[...])`."""

    def load(on, bucket, **stores):
        run = run_of(nov(on))
        with engine.begin() as connection:
            known = (
                connection.exec_driver_sql("SELECT run_id FROM pipeline_run_summaries")
                .scalars()
                .all()
            )
        if run.run_id not in known:
            add_run(engine, run)
        files = [
            export(
                bucket,
                csv_of(bucket, *(row | {"store_code": code} for row in rows)) if rows else EMPTY,
                code=code,
            )
            for code, rows in stores.items()
        ]
        return ingest.load(engine, ingest.merge(bucket, files, tmp_path, RUN_ON), run)

    return load


EMPTY = "No data available to export."


@pytest.fixture
def orders(engine):
    """The order ids that were open as of each of some days."""

    def of(*days, code="A668"):
        with engine.connect() as connection:
            return [
                sorted(
                    row.order_id for row in connection.execute(backlog.open_orders(code, nov(on)))
                )
                for on in days
            ]

    return of


@pytest.fixture
def leads(engine):
    """The mobile numbers, by their last digit, that were open as of each of some days."""

    def of(*days, code="A668"):
        with engine.connect() as connection:
            found = [connection.execute(backlog.open_leads(code, nov(on))).all() for on in days]
        return [sorted(row.mobile_number[-1] for row in rows) for rows in found]

    return of


def test_a_delivered_order_was_open_until_its_delivery_whenever_that_was_learned(day, orders):
    day(10, ORDERS, A668=[order("T1"), order("T2")])
    day(14, ORDERS, A668=[order("T1", delivered=12), order("T2")])

    assert orders(5, 10, 11, 12, 14, 15) == [["T1", "T2"]] * 3 + [["T2"]] * 3


def test_an_order_is_not_open_before_it_was_placed_or_seen(day, orders):
    day(10, ORDERS, A668=[order("T1", due=10)])
    day(14, ORDERS, A668=[order("T1", due=10), order("T2", due=13), order("T3", due=12)])

    assert orders(5, 9, 10, 12, 13, 14) == [
        [],
        [],
        ["T1"],
        ["T1", "T3"],
        ["T1", "T2", "T3"],
        ["T1", "T2", "T3"],
    ]


def test_an_order_that_an_earlier_export_lacked_was_not_open_then_although_it_was_due(day, orders):
    day(10, ORDERS, A668=[order("T1")])
    day(11, ORDERS, A668=[order("T1"), order("T2")])

    assert orders(9, 10, 11) == [["T1"], ["T1"], ["T1", "T2"]]


def test_rows_that_leave_with_the_month_stay_open_until_its_end_and_are_open_no_longer(day, orders):
    day(29, ORDERS, A668=[order("T1", due=28)])

    assert orders(29, 30, 31, 60) == [["T1"], ["T1"], [], []]
    day(31, ORDERS, A668=[order("T2", due=31)])
    assert orders(29, 30, 31, 60) == [["T1"], ["T1"], ["T2"], ["T2"]]


def test_a_row_that_leaves_inside_the_month_is_open_until_the_first_export_without_it(
    day, orders, stored
):
    day(10, ORDERS, A668=[order("T1"), order("T2")])
    day(14, ORDERS, A668=[order("T2")])

    assert orders(10, 13, 14) == [["T1", "T2"], ["T1", "T2"], ["T2"]]
    assert stored(
        "undelivered_orders",
        "order_id",
        "first_seen_on",
        "last_seen_on",
        "left_on",
        "closed_seen_on",
    ) == [
        ("T1", nov(10), nov(10), nov(14), None),
        ("T2", nov(10), None, None, None),
    ]


def test_a_row_that_comes_back_was_open_before_and_after_but_not_while_it_was_away(
    day, orders, stored
):
    day(10, ORDERS, A668=[order("T1"), order("T2")])
    day(12, ORDERS, A668=[order("T2")])

    assert day(14, ORDERS, A668=[order("T1"), order("T2")]).counts["A668"].updated == 1
    day(16, ORDERS, A668=[order("T1", delivered=15), order("T2")])
    assert orders(10, 11, 12, 14, 15) == [["T1", "T2"], ["T1", "T2"], ["T2"], ["T1", "T2"], ["T2"]]
    assert stored("undelivered_orders_history", "order_id", *PRESENCE_DAYS) == [
        ("T1", nov(10), nov(10), nov(12), nov(14))
    ]


PRESENCE_DAYS = ("first_seen_on", "last_seen_on", "left_on", "ended_on")


@pytest.mark.parametrize(
    "later",
    [
        pytest.param({"A668": []}, id="an empty export"),
        pytest.param({"A817": [order("T9")]}, id="no export of the store"),
        pytest.param({"A668": [order("") for _ in range(9)]}, id="an export of rejected rows"),
        pytest.param(
            {"A668": [order(""), *(order("") for _ in range(9)), order("T2")]},
            id="a mostly rejected one",
        ),
    ],
)
def test_an_export_that_proves_nothing_closes_nothing(day, orders, later):
    day(10, ORDERS, A668=[order("T1")])
    day(14, ORDERS, **later)

    assert [sorted({*found} - {"T2"}) for found in orders(10, 14, 30)] == [["T1"]] * 3


def test_an_export_that_seems_cut_short_closes_nothing_and_is_told(day, orders):
    whole = [order(f"T{n}") for n in range(1, 10)]
    day(10, ORDERS, A668=whole)
    [finding] = day(14, ORDERS, A668=whole[:3]).findings

    assert orders(10, 14) == [[row["order_no"] for row in whole]] * 2
    assert (finding.severity, finding.store_code, finding.text) == (
        Status.WARNING,
        "A668",
        "6 rows of the last export are not in this one: was it cut short? They count as in it",
    )


@pytest.mark.parametrize(
    ("earlier", "left"),
    [
        pytest.param([(30, 9)], ["T1", "T2", "T3"], id="a new month begins anew"),
        pytest.param([(32, 8)], ["T1", "T2", "T3"], id="five may go"),
        pytest.param(
            [(32, 9), (33, 0)], [f"T{n}" for n in range(1, 10)], id="an empty one in between"
        ),
    ],
)
def test_only_an_export_that_has_much_less_than_the_last_of_its_month_seems_cut_short(
    day, orders, earlier, left
):
    for on, rows in [*earlier, (34, 3)]:
        day(on, ORDERS, A668=[order(f"T{n}", due=32) for n in range(1, rows + 1)])
    assert orders(34) == [left]


def test_the_first_of_a_month_with_empty_exports_leaves_the_old_month_as_it_was(day, orders):
    day(30, ORDERS, A668=[order("T1", due=30)])
    day(31, ORDERS, A668=[])
    day(33, ORDERS, A668=[order("T2", due=33)])

    assert orders(30, 31, 32, 33) == [["T1"], [], [], ["T2"]]


def test_stores_leave_apart(day, orders):
    day(10, ORDERS, A668=[order("T1")], A817=[order("T1"), order("T2")])
    day(14, ORDERS, A668=[order("T1")], A817=[order("T2")])

    assert orders(14) == [["T1"]]
    assert orders(10, 14, code="A817") == [["T1", "T2"], ["T2"]]


def test_the_same_export_again_changes_no_history(day, stored):
    columns = ("order_id", *PRESENCE_DAYS[:3], "closed_seen_on")
    for on in (10, 14, 14):
        day(on, ORDERS, A668=[order("T1", delivered=9), *([order("T2")] if on == 10 else [])])
    before = stored("undelivered_orders", *columns)
    day(14, ORDERS, A668=[order("T1", delivered=9)])

    assert (
        stored("undelivered_orders", *columns)
        == before
        == [
            ("T1", nov(10), None, None, nov(10)),
            ("T2", nov(10), nov(10), nov(14), None),
        ]
    )


def test_a_row_from_before_the_memory_counts_until_the_end_of_its_month_and_leaves_like_any_other(
    engine, day, orders
):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO undelivered_orders (order_id, store_code, order_date, expected_deliver_on)"
            " VALUES ('T1', 'A668', '2025-10-20', '2025-10-24'), ('T2', 'A668', '2025-11-01', '2025-11-05')"
        )

    assert orders(0, 2, 14) == [["T1", "T2"][:1], ["T2"], ["T2"]]
    day(14, ORDERS, A668=[order("T3")])
    assert orders(0, 13, 14) == [["T1"], ["T2", "T3"], ["T3"]]


def test_an_old_export_that_is_loaded_late_neither_closes_nor_opens_anything_now(day, orders):
    day(10, ORDERS, A668=[order("T1")])
    day(14, ORDERS, A668=[order("T1"), order("T2")])
    day(12, ORDERS, A668=[order("T1"), order("T3")])

    assert orders(12, 14, 15) == [["T1", "T3"], ["T1", "T2"], ["T1", "T2"]]


def test_a_lead_is_open_until_the_export_that_first_says_it_is_an_order(day, leads):
    day(10, LEADS, A668=[lead(1), lead(2)])
    day(12, LEADS, A668=[lead(1, placed=True), lead(2)])
    day(14, LEADS, A668=[lead(1, placed=True), lead(2)])

    assert leads(10, 11, 12, 14) == [["1", "2"], ["1", "2"], ["2"], ["2"]]


def test_a_lead_that_was_an_order_when_it_was_first_seen_was_never_missed(day, leads):
    day(10, LEADS, A668=[lead(1, placed=True)])
    assert leads(5, 10) == [[], []]


def test_a_customers_next_pickup_leaves_the_one_before_open_in_its_own_month(day, leads, stored):
    day(
        30,
        LEADS,
        A668=[lead(1, mobile="9000000001", created=20), lead(2, mobile="9000000002", created=20)],
    )
    day(
        33,
        LEADS,
        A668=[
            lead(3, mobile="9000000001", created=32, placed=True),
            lead(4, mobile="9000000004", created=33),
        ],
    )

    assert leads(20, 30, 32, 33) == [["1", "2"], ["1", "2"], [], ["4"]]
    assert stored("missed_leads_history", "pickup_row_id", "customer_name", *PRESENCE_DAYS) == [
        (1, "Example Customer", nov(30), nov(30), None, nov(33))
    ]


def test_a_lead_that_comes_back_begins_another_stay(day, leads):
    day(10, LEADS, A668=[lead(1), lead(2)])
    day(12, LEADS, A668=[lead(2)])
    day(14, LEADS, A668=[lead(1), lead(2)])
    day(16, LEADS, A668=[lead(1, placed=True), lead(2)])

    assert leads(10, 12, 14, 16) == [["1", "2"], ["2"], ["1", "2"], ["2"]]


def test_a_row_of_the_export_that_could_not_be_loaded_keeps_its_stored_one_in_it(day, stored):
    day(3, LEADS, A668=[lead(n) for n in (1, 2, 3)])
    again = lead(1, mobile=lead(2)["mobile_number"])
    day(4, LEADS, A668=[lead(1), again, lead(3)])

    assert stored("missed_leads", "pickup_row_id", "left_on") == [(1, None), (2, None), (3, None)]


def test_a_customer_with_two_pickups_is_listed_once_also_for_a_day_whose_export_was_not_read(
    day, leads
):
    day(3, LEADS, A668=[lead(1, created=3, mobile="9000000001")])
    day(6, LEADS, A668=[lead(2, created=5, mobile="9000000001")])

    assert leads(3, 4, 5, 6) == [["1"]] * 4


def test_a_customer_whose_next_pickup_was_an_order_at_once_is_not_listed_for_a_day_that_was_not_read(
    day, leads
):
    day(3, LEADS, A668=[lead(1, created=3, mobile="9000000001")])
    day(6, LEADS, A668=[lead(2, created=5, mobile="9000000001", placed=True)])

    assert leads(3, 4, 5, 6) == [["1"], ["1"], [], []]


def test_a_lead_of_which_nothing_is_known_is_neither_open_nor_closed(day, leads):
    day(10, LEADS, A668=[lead(1, is_order_placed="")])
    assert leads(10) == [[]]


SEQUENCES = st.lists(
    st.tuples(
        st.integers(1, 40), st.dictionaries(st.sampled_from("ABC"), st.booleans(), max_size=3)
    ),
    max_size=5,
    unique_by=lambda pair: pair[0],
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(exports=SEQUENCES)
def test_whatever_the_exports_were_a_read_day_is_answered_by_its_own_export(
    engine, day, orders, exports
):
    with engine.begin() as connection:
        tables = ", ".join(
            [
                *(export.table for export in EXPORTS.values()),
                "undelivered_orders_history",
                "ingest_counts",
            ]
        )
        connection.exec_driver_sql(f"TRUNCATE {tables}")
    delivered = {}
    for on, rows in sorted(exports, key=lambda pair: pair[0]):
        delivered |= {number: delivered.get(number, on) for number, done in rows.items() if done}
        day(
            on,
            ORDERS,
            A668=[order(number, due=1, delivered=delivered.get(number)) for number in rows],
        )
    for on, rows in exports:
        if rows:
            assert orders(on) == [
                sorted(number for number in rows if delivered.get(number, 99) > on)
            ]
