from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.reports.view.action_lists import (
    LeadRow,
    OrderRow,
    lead_rows,
    listed_leads,
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
    assert row == OrderRow(
        "T1304", "N/A", date(2025, 11, 7), date(2025, 11, 10), 4, Decimal("450.50")
    )
    (called,) = order_rows([order(4, phone="9000000001")], T)
    assert called.phone == "9000000001"


def test_late_orders_are_listed_dearest_first_then_what_is_due_first_and_without_age_last():
    unknown = order(9, order_id="T1", expected_on=None, ordered_on=None)
    orders = [
        unknown,
        order(12, net_amount=None),
        order(1, net_amount=Decimal(900)),
        order(-2, net_amount=Decimal(5000)),
        order(0),
        order(5, order_id="T2"),
        order(5),
        order(11),
    ]
    rows = order_rows(orders, T)
    assert [row.order_id for row in rows] == [
        *("T1301", "T1311", "T1305", "T2", "T1312"),
        *("T1300", "T1298", "T1"),
    ]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [([], "0"), ([None], "0"), (["0.00"], "0"), (["450.50", None, "0.10", "1000"], "1450.60")],
    ids=["no order", "unknown", "free of charge", "several"],
)
def test_the_total_is_the_sum_of_the_known_amounts(amounts, total):
    rows = order_rows([order(net_amount=amount and Decimal(amount)) for amount in amounts], T)
    assert total_net_amount(rows) == Decimal(total)


def test_pickup_requests_are_listed_newest_first_with_the_unknown_last():
    def phones(*leads):
        return [row.phone for row in lead_rows(leads)]

    assert phones(
        lead(phone="6", created_on=None),
        lead(phone="5", created_time=None),
        lead(phone="1", created_on=date(2025, 11, 11), created_time="09:00:00"),
        lead(phone="4", created_time="09:00:00"),
        lead(phone="3", created_time="11:00:00"),
        lead(phone="2", created_time="11:00:00"),
    ) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("on", "phones"),
    [
        pytest.param(T, ["1", "2", "3"], id="on a Saturday morning: seven days"),
        pytest.param(date(2025, 11, 16), ["1", "2", "4", "3"], id="on a Monday morning: all"),
    ],
)
def test_a_daily_lists_the_requests_of_seven_days_and_on_monday_all(on, phones):
    leads = [
        lead(phone="1", created_on=on),
        lead(phone="2", created_on=on - timedelta(days=7)),
        lead(phone="3", created_on=None),
        lead(phone="4", created_on=on - timedelta(days=8)),
    ]
    assert [row.phone for row in listed_leads(leads, on)] == phones


@pytest.mark.parametrize(
    ("slot", "printed"),
    [
        ("10:00 AM - 12:00 PM", "10 am–12 pm"),  # noqa: RUF001
        ("02:00 PM - 04:00 PM", "2–4 pm"),  # noqa: RUF001
        ("12:30 PM-2:00 PM", "12:30–2 pm"),  # noqa: RUF001
        ("evening", "evening"),
        ("", ""),
    ],
)
def test_a_slot_is_short_and_what_is_none_stays_as_it_is(slot, printed):
    row = lead_rows([lead(pickup_slot=slot)])[0]
    assert row.pickup_time == ", ".join(filter(None, ("11 Nov", printed)))


def test_a_lead_is_ready_to_print():
    assert lead_rows([lead(5)]) == (
        LeadRow(
            "9000000005",
            "Asha Kulkarni",
            "10 Nov, 10:05",
            "11 Nov, 10 am–12 pm",  # noqa: RUF001
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
    assert lead_rows([lead(pickup_slot=None)])[0].pickup_time == "11 Nov"
    assert lead_rows([lead(pickup_on=None)])[0].pickup_time == "10 am–12 pm"  # noqa: RUF001
