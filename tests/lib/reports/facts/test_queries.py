from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lib.ingest.counts import Counts
from lib.ingest.load_accounting import keep_counts
from lib.model import Bucket
from lib.reports.facts import queries
from lib.reports.facts.model import OpenLead, OpenOrder
from tests.factories.reports import RUN, T
from tests.factories.runs import add_run
from tests.factories.tables import READ_AT, add_day, add_lead, add_order, add_store

YESTERDAY = date(2025, 11, 13)


@pytest.fixture
def engine(engine):
    """A database with the dashboard of A668 at T."""
    add_store(engine)
    add_day(engine, T, pickup_total_count=212, pickup_total_conv_pct=Decimal("81.95"))
    return engine


def facts_of(engine, on=T, code="A668"):
    with engine.connect() as connection:
        return queries.daily_facts(connection, code, on)


def test_a_stored_day_is_read_with_all_33_figures_and_null_stays_null(engine):
    facts = facts_of(engine)
    known = {name: value for name, value in facts.today.metrics.items() if value is not None}
    assert known == {"pickup_total_count": 212, "pickup_total_conv_pct": Decimal("81.95")}
    assert len(facts.today.metrics) == 33
    assert (facts.store_code, facts.store_name, facts.today.on, facts.read_at) == (
        "A668",
        "RIVERSIDE COLONY",
        T,
        READ_AT,
    )
    assert facts.history == (facts.today,)


@pytest.mark.parametrize(
    ("code", "on"), [("A668", date(2025, 11, 15)), ("A668", YESTERDAY), ("A999", T)]
)
def test_a_day_that_is_not_stored_has_no_facts(engine, code, on):
    assert facts_of(engine, on, code) is None


def test_the_history_begins_with_the_month_before_and_ends_with_the_day(engine):
    add_store(engine, "A817", "LAKE VIEW")
    add_day(engine, YESTERDAY, code="A817")
    for on in (date(2025, 9, 30), date(2025, 10, 1), date(2025, 11, 9), date(2025, 11, 16)):
        add_day(engine, on, pickup_total_count=on.day)
    assert [day.on for day in facts_of(engine).history] == [
        date(2025, 10, 1),
        date(2025, 11, 9),
        T,
    ]


def test_leads_are_counted_by_their_pickup_day_whatever_became_of_them(engine):
    add_lead(engine, "9000000001", pickup_date=T)
    add_lead(engine, "9000000002", pickup_date=T, is_order_placed=True)
    add_lead(engine, "9000000003", pickup_date=YESTERDAY, is_order_placed=None)
    add_lead(engine, "9000000003", pickup_date=T, store_code="A817")
    facts = facts_of(engine)
    assert (facts.leads_captured, facts.leads_captured_before) == (2, 1)


def test_a_day_without_leads_is_zero_once_older_leads_are_known(engine):
    assert facts_of(engine).leads_captured_before is None
    add_lead(engine, "9000000001", pickup_date=T)
    assert facts_of(engine).leads_captured_before is None
    add_lead(engine, "9000000002", pickup_date=date(2025, 11, 3))
    assert facts_of(engine).leads_captured_before == 0


def test_an_open_order_is_read_as_it_is(engine):
    add_order(engine, "T1", net_amount=1234.1)
    assert facts_of(engine).open_orders == (
        OpenOrder("T1", date(2025, 11, 10), date(2025, 11, 13), Decimal("1234.1")),
    )


@pytest.mark.parametrize(
    ("columns", "listed"),
    [
        pytest.param({}, True, id="due this month"),
        pytest.param({"actual_deliver_on": T}, False, id="delivered"),
        pytest.param({"store_code": "A817"}, False, id="of another store"),
        pytest.param({"store_code": "a668"}, True, id="code in lower case"),
        pytest.param({"expected_deliver_on": date(2025, 10, 31)}, False, id="due last month"),
        pytest.param(
            {"order_date": date(2025, 10, 30), "expected_deliver_on": date(2025, 11, 1)},
            True,
            id="due on the 1st",
        ),
        pytest.param(
            {"expected_deliver_on": date(2025, 11, 30)}, True, id="due at the month's end"
        ),
        pytest.param({"actual_deliver_on": date(2025, 11, 15)}, True, id="delivered after T"),
        pytest.param(
            {"order_date": date(2025, 10, 29), "expected_deliver_on": None},
            True,
            id="promised for the 1st",
        ),
        pytest.param(
            {"order_date": date(2025, 10, 28), "expected_deliver_on": None},
            False,
            id="promised for last month",
        ),
        pytest.param(
            {"order_date": None, "expected_deliver_on": None}, True, id="without any date"
        ),
        pytest.param({"order_date": date(2025, 11, 15)}, False, id="ordered after T"),
        pytest.param({"net_amount": None}, True, id="without an amount"),
    ],
)
def test_the_list_of_orders_keeps_to_what_is_open_in_the_month(engine, columns, listed):
    add_order(engine, "T1", **columns)
    assert bool(facts_of(engine).open_orders) is listed


def test_orders_of_two_stores_may_have_one_number(engine):
    add_order(engine, "T1")
    add_order(engine, "T1", store_code="A817")
    assert len(facts_of(engine).open_orders) == 1


def test_orders_of_the_day_are_counted_delivered_or_not(engine):
    add_order(engine, "T1", order_date=T)
    add_order(engine, "T2", order_date=T, actual_deliver_on=T)
    add_order(engine, "T3")
    assert facts_of(engine).orders_placed == 2


def test_an_open_lead_is_read_as_it_is(engine):
    add_lead(engine, "9000000001", customer_name="अनुराधा", source="WhatsApp")
    assert facts_of(engine).open_leads == (
        OpenLead(
            phone="9000000001",
            customer_name="अनुराधा",
            created_on=date(2025, 11, 12),
            created_time="10:05:00",
            pickup_on=YESTERDAY,
            pickup_slot="10:00 AM - 12:00 PM",
            source="WhatsApp",
            customer_type="New",
        ),
    )


@pytest.mark.parametrize(
    ("columns", "listed"),
    [
        pytest.param({}, True, id="not placed"),
        pytest.param({"is_order_placed": True}, False, id="placed"),
        pytest.param({"is_order_placed": None}, False, id="unknown is neither"),
        pytest.param({"store_code": "A817"}, False, id="of another store"),
        pytest.param({"pickup_created_date": date(2025, 11, 1)}, True, id="created on the 1st"),
        pytest.param({"pickup_created_date": date(2025, 10, 31)}, False, id="created last month"),
        pytest.param({"pickup_created_date": T}, True, id="created on T"),
        pytest.param({"pickup_created_date": date(2025, 11, 15)}, False, id="created after T"),
        pytest.param({"pickup_created_date": None}, True, id="without a date"),
    ],
)
def test_the_list_of_leads_keeps_to_what_is_open_in_the_month(engine, columns, listed):
    add_lead(engine, "9000000001", **columns)
    assert bool(facts_of(engine).open_leads) is listed


@pytest.mark.parametrize(
    ("seen", "older"),
    [
        pytest.param([], {}, id="never an export"),
        pytest.param([YESTERDAY, T], {}, id="that of the day"),
        pytest.param([YESTERDAY, date(2025, 11, 15)], {}, id="a later one"),
        pytest.param(
            [date(2025, 11, 12), YESTERDAY], {Bucket.MISSED_LEADS: YESTERDAY}, id="older ones only"
        ),
    ],
)
def test_a_list_is_older_than_its_report_where_no_export_of_the_day_was_read(engine, seen, older):
    for on in seen:
        run = replace(RUN, run_id=f"run-{on}", report_on=on)
        add_run(engine, run)
        with engine.begin() as connection:
            keep_counts(connection, run, Bucket.MISSED_LEADS, {"A668": Counts(), "A817": Counts()})
    assert facts_of(engine).older_lists == older


def test_a_list_of_which_nothing_is_kept_was_never_read(engine):
    assert facts_of(engine).unread_lists == {Bucket.MISSED_LEADS, Bucket.UNDELIVERED_ALL}
    assert (facts_of(engine).leads_captured, facts_of(engine).orders_placed) == (None, None)
    add_lead(engine, "9000000001", pickup_date=T)
    assert facts_of(engine).unread_lists == {Bucket.UNDELIVERED_ALL}
    assert facts_of(engine).leads_captured == 1
    add_run(engine, RUN)
    with engine.begin() as connection:
        keep_counts(connection, RUN, Bucket.UNDELIVERED_ALL, {"A668": Counts()})
    assert facts_of(engine).unread_lists == set()


@pytest.mark.parametrize(
    ("on", "delivered_on", "carried"),
    [
        pytest.param(date(2025, 12, 1), None, True, id="on the 1st"),
        pytest.param(date(2025, 12, 10), None, True, id="on the 10th"),
        pytest.param(date(2025, 12, 11), None, False, id="on the 11th"),
        pytest.param(date(2025, 12, 3), date(2025, 12, 2), False, id="delivered since"),
        pytest.param(date(2025, 12, 3), date(2025, 12, 4), True, id="delivered later"),
    ],
)
def test_a_new_month_carries_what_the_old_one_left_undelivered(engine, on, delivered_on, carried):
    add_day(engine, on)
    add_order(engine, "T1", expected_deliver_on=date(2025, 11, 20), actual_deliver_on=delivered_on)
    facts = facts_of(engine, on)
    assert facts.open_orders == ()
    assert [order.order_id for order in facts.earlier_orders] == (["T1"] if carried else [])
