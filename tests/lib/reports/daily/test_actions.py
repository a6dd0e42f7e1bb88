from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.reports.daily.actions import WORK_THROUGH, actions
from lib.reports.facts.model import StoredDay
from lib.reports.metrics import kpis
from lib.reports.view.actions import NO_ACTION, Action
from lib.reports.view.headline import headline
from tests.factories.reports import METRICS_OF_T, T, facts, lead, order

REACHED = StoredDay(T, METRICS_OF_T | {"mtd_revenue": Decimal(700_000)})


def actions_of(weak=(), *, is_of_yesterday=True, **changes):
    found = facts(**{"today": REACHED, **changes})
    return actions(
        headline(found),
        set(weak),
        orders=len(found.open_orders),
        leads=len(found.open_leads),
        is_of_yesterday=is_of_yesterday,
    )


def texts(*weak, **changes):
    return [action.text for action in actions_of(weak, **changes)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "Call the 1 person who asked for a pickup yesterday and has no order."),
        (7, "Call the 7 people who asked for a pickup yesterday and have no order."),
    ],
)
def test_who_asked_yesterday_is_called_first(number, text):
    leads = tuple(lead(n, created_on=T) for n in range(number))
    assert texts(kpis.PICKUP_TOTAL, open_leads=leads) == [text]


def test_a_report_that_is_made_late_names_the_day():
    found = texts(open_leads=(lead(1, created_on=T),), is_of_yesterday=False)
    assert found == ["Call the 1 person who asked for a pickup on Friday and has no order."]


def test_a_weak_conversion_speaks_of_the_open_requests_or_of_the_team():
    assert texts(kpis.PICKUP_TOTAL, leads=3) == ["Call back the 3 open pickup requests."]
    assert texts(kpis.PICKUP_TOTAL) == [
        "Coach the team on call-backs; no open pickup requests are listed."
    ]


def test_the_dearest_late_orders_are_named_with_amount_and_days():
    orders = tuple(order(n, order_id=f"T{n}", net_amount=Decimal(100 * n)) for n in range(7))
    assert actions_of(open_orders=orders) == (
        Action(
            "Call the customers of the 4 dearest late orders and agree new dates by 11:00:",
            (
                "T6 ₹600, 6 days late",
                "T5 ₹500, 5 days late",
                "T4 ₹400, 4 days late",
                "T3 ₹300, 3 days late",
            ),
        ),
    )


def test_one_late_order_is_one():
    assert actions_of(open_orders=(order(1), order(0, order_id="T0")))[0] == Action(
        "Call the customer of the late order and agree a new date by 11:00:",
        ("T1301 ₹451, 1 day late",),
    )


def test_a_backlog_that_the_portal_counts_and_does_not_list_is_looked_up():
    assert texts(kpis.UNDELIVERED, kpis.UNDELIVERED_OVER_10_DAYS) == [
        "Look up the undelivered orders in the portal; none is listed here."
    ]
    assert texts(kpis.UNDELIVERED, open_orders=(order(0),)) == [
        "Meet the team for 10 minutes about the 1 undelivered order."
    ]


def test_the_target_says_what_each_day_must_sell_beside_its_usual_weekday():
    today = StoredDay(T, METRICS_OF_T | {"mtd_revenue": Decimal(440_000)})
    saturdays = tuple(
        StoredDay(T - timedelta(days=7 * weeks - 1), {"ftd_revenue": Decimal(20_000)})
        for weeks in (4, 3, 2, 1)
    )
    assert texts(today=today, history=saturdays) == [
        "To reach the target: sell ₹10,000 on each of 16 days; a usual Saturday here sells ₹20,000."
    ]
    assert texts(today=today, history=()) == [
        "To reach the target: sell ₹10,000 on each of 16 days."
    ]


def test_on_the_last_day_but_one_it_is_today():
    on = date(2025, 11, 29)
    today = StoredDay(on, METRICS_OF_T | {"mtd_revenue": Decimal(590_000)})
    assert texts(today=today, history=()) == ["To reach the target: sell ₹10,000 today."]
    assert texts(today=replace(today, on=date(2025, 11, 30)), history=()) == [NO_ACTION]


def test_what_the_month_before_left_is_looked_for():
    earlier = tuple(order(20 + n, net_amount=Decimal(500)) for n in range(3))
    assert texts(earlier_orders=earlier) == [
        "Find out which of the 3 orders listed until 31 Oct are still here: ₹1,500."
    ]
    assert texts(earlier_orders=earlier[:1]) == [
        "Find out whether the 1 order listed until 31 Oct is still here: ₹500."
    ]


def test_a_good_day_is_worked_through_and_an_empty_one_says_so():
    assert texts(leads=1) == [WORK_THROUGH]
    assert texts() == [NO_ACTION]


def test_a_weak_repeat_share_asks_for_a_message():
    assert texts(kpis.REPEAT) == ["Send a targeted message to the last 30 repeat buyers."]
