from datetime import date
from decimal import Decimal

import pytest

from lib.reports.view.action_lists import (
    LeadRow,
    OrderRow,
    lead_rows,
    order_rows,
    total_net_amount,
)
from tests.factories.reports import T, lead, order


@pytest.mark.parametrize(
    ("changes", "committed_on", "age_days"),
    [
        pytest.param({"expected_on": date(2025, 11, 4)}, date(2025, 11, 4), 10, id="expected"),
        pytest.param({"expected_on": T}, T, 0, id="due on T"),
        pytest.param({"expected_on": date(2025, 11, 16)}, date(2025, 11, 16), -2, id="not due yet"),
        pytest.param(
            {"expected_on": None, "ordered_on": date(2025, 11, 1)},
            date(2025, 11, 4),
            10,
            id="ordered + 3",
        ),
        pytest.param(
            {"expected_on": None, "ordered_on": date(2025, 10, 30)},
            date(2025, 11, 2),
            12,
            id="month end",
        ),
        pytest.param({"expected_on": None, "ordered_on": None}, None, None, id="no date"),
    ],
)
def test_the_age_counts_from_the_committed_date(changes, committed_on, age_days):
    (row,) = order_rows([order(**changes)], T)
    assert (row.committed_date, row.age_days) == (committed_on, age_days)


def test_a_row_has_the_shape_that_the_page_prints():
    (row,) = order_rows([order(4)], T)
    assert row == OrderRow("T1304", date(2025, 11, 7), date(2025, 11, 10), 4, Decimal("450.50"))


def test_orders_are_listed_oldest_first_and_without_age_last():
    unknown = order(9, order_id="T1", expected_on=None, ordered_on=None)
    rows = order_rows(
        [unknown, order(1), order(12), order(-2), order(5, order_id="T2"), order(5)], T
    )
    assert [row.order_id for row in rows] == ["T1312", "T1305", "T2", "T1301", "T1298", "T1"]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [([], "0"), ([None], "0"), (["0.00"], "0"), (["450.50", None, "0.10", "1000"], "1450.60")],
    ids=["no order", "unknown", "free of charge", "several"],
)
def test_the_total_is_the_sum_of_the_known_amounts(amounts, total):
    rows = order_rows([order(net_amount=amount and Decimal(amount)) for amount in amounts], T)
    assert total_net_amount(rows) == Decimal(total)


def test_leads_are_listed_by_type_then_by_creation_with_the_unknown_last():
    def phones(*leads):
        return [row.phone for row in lead_rows(leads)]

    assert phones(
        lead(phone="6", customer_type=None),
        lead(phone="5", customer_type="New"),
        lead(phone="3", created_time=None, created_on=date(2025, 11, 4)),
        lead(phone="4", created_on=None),
        lead(phone="2", created_time="11:00:00"),
        lead(phone="1", created_time="09:00:00"),
    ) == ["1", "2", "3", "4", "5", "6"]


def test_a_lead_is_ready_to_print():
    assert lead_rows([lead(5)]) == (
        LeadRow(
            "9000000005",
            "Asha Kulkarni",
            "3 Nov 2025 10:05:00",
            "4 Nov 2025 10:00 AM - 12:00 PM",
            "Customer App",
            "Existing",
        ),
    )


def test_what_a_lead_does_not_say_is_not_available():
    blank = lead(
        customer_name=None,
        created_on=None,
        created_time=None,
        pickup_on=None,
        pickup_slot=None,
        source=None,
        customer_type=None,
    )
    assert lead_rows([blank]) == (LeadRow("9000000001", "N/A", "N/A", "N/A", "N/A", "N/A"),)
    assert lead_rows([lead(pickup_slot=None)])[0].pickup_time == "4 Nov 2025"
    assert lead_rows([lead(pickup_on=None)])[0].pickup_time == "10:00 AM - 12:00 PM"
