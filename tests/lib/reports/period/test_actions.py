from datetime import date
from decimal import Decimal

from lib.domain.headline import Month
from lib.reports.metrics import kpis
from lib.reports.period.actions import NO_ACTION, actions
from lib.reports.period.insights import REVIEWS
from lib.reports.view.action_lists import order_rows
from tests.factories.reports import T, order

OVER = Month(date(2025, 11, 30), Decimal(1), Decimal(2), None)
HALF = Month(date(2025, 11, 16), Decimal(300000), Decimal(600000), None)


def texts(found):
    return [one.text for one in found]


def test_the_dearest_late_orders_are_named_with_amount_and_age():
    orders = [order(n, order_id=f"T{n}", net_amount=Decimal(100 * n)) for n in (-1, 1, 2, 3, 4, 5)]
    first, *_ = actions(OVER, order_rows(orders, T), 0, ())
    assert first.text == "Call the customers of the 4 dearest late orders and agree new dates:"
    assert first.rows[0] == "T5 ₹500, 5 days late"
    assert len(first.rows) == 4


def test_a_target_that_can_be_reached_says_what_each_day_must_sell():
    assert texts(actions(HALF, (), 0, ())) == [
        "To reach the target of November: sell ₹21,429 a day for 14 days."
    ]


def test_what_the_lists_say_already_is_not_said_again():
    focus = [REVIEWS[kpis.UNDELIVERED_OVER_10_DAYS], REVIEWS[kpis.PICKUP_TOTAL], REVIEWS[kpis.TAT]]
    found = texts(actions(OVER, order_rows([order(3)], T), 2, focus))
    assert found == [
        "Call the customers of the late order and agree new dates:",
        "Call back the 2 open pickup requests.",
        REVIEWS[kpis.TAT],
    ]
    assert texts(actions(OVER, (), 0, focus)) == focus


def test_figures_that_ask_for_nothing_say_so():
    assert texts(actions(OVER, (), 0, ())) == [NO_ACTION]
