# ruff: noqa: RUF001 - as they are printed

from datetime import date
from decimal import Decimal

import pytest

from lib.domain.headline import Month
from lib.model import Bucket
from lib.reports.daily.key_figures import key_figures
from lib.reports.facts.model import StoredDay
from lib.reports.view.headline import headline
from lib.reports.view.key_figures import Gauge, change_text, gauge_of
from tests.factories.reports import METRICS_OF_T, T, facts, order

MONTH = {"mtd_revenue": Decimal(440_000), "target_revenue": Decimal(600_000)}


def figures_of(*, is_of_yesterday=True, today=None, **changes):
    if today is not None:
        changes["today"] = StoredDay(T, METRICS_OF_T | today)
    return key_figures(headline(facts(**changes)), is_of_yesterday=is_of_yesterday)


def test_the_three_amounts_are_the_sale_the_month_and_the_backlog():
    shown = [(figure.label, figure.value) for figure in figures_of(orders=2, today=MONTH)]
    assert shown == [
        ("Yesterday’s sale", "₹18,240"),
        ("November so far", "₹4,40,000"),
        ("Not delivered", "₹901"),
    ]
    assert figures_of(is_of_yesterday=False)[0].label == "Sale of Friday"


def test_the_sale_stands_beside_its_weekday():
    assert figures_of()[0].lines == ("usual Friday ₹24,550", "25.7% less")
    assert figures_of(history=())[0].lines == ("No sale of an earlier Friday is stored yet.",)


def test_refunds_are_named_and_no_percentage_is_made_of_them():
    lines = figures_of(today={"ftd_revenue": Decimal(-300)})[0].lines
    assert lines == ("More was paid back than sold.", "usual Friday ₹24,550")


def test_the_month_says_what_is_left():
    assert figures_of(today=MONTH)[1].lines == (
        "73.3% of the target of ₹6,00,000",
        "16 days left: ₹10,000 a day needed",
        "by 14 Oct ₹2,30,010: now 91.3% more",
    )


def test_a_target_that_is_reached_or_missed_says_by_how_much():
    reached = figures_of(today=MONTH | {"mtd_revenue": Decimal(650_000)})[1]
    assert "target reached, ₹50,000 above it" in reached.lines
    last = StoredDay(date(2025, 11, 30), METRICS_OF_T | MONTH)
    ended = key_figures(headline(facts(today=last)), is_of_yesterday=True)[1]
    assert "the month ended ₹1,60,000 below its target" in ended.lines


def test_the_same_day_of_a_shorter_month_is_its_last():
    today = StoredDay(date(2026, 3, 31), METRICS_OF_T | MONTH)
    month = key_figures(headline(facts(today=today)), is_of_yesterday=True)[1]
    assert month.lines[-1].startswith("by 28 Feb ")


def test_the_backlog_says_how_late_it_is_and_what_the_old_month_left():
    orders = tuple(order(days, order_id=f"T{days}") for days in (0, 2, 12))
    earlier = (order(20), order(21))
    assert figures_of(open_orders=orders, earlier_orders=earlier)[2].lines == (
        "in 3 orders",
        "1 over 10 days late, ₹451",
        "oldest T12, 12 days",
        "and ₹901 in 2 orders listed until 31 Oct",
    )


def test_what_is_not_known_says_why_and_is_no_zero():
    nothing = dict.fromkeys(METRICS_OF_T)
    sale, month, backlog = figures_of(today=nothing, unread_lists=frozenset(Bucket))
    assert [sale.value, month.value, backlog.value] == ["N/A", "N/A", "N/A"]
    assert sale.lines[0] == "The portal showed no sale of the day."
    assert month.lines == (
        "The portal showed no sale of the month.",
        "The portal showed no target of the month.",
    )
    assert backlog.lines == ("No list of undelivered orders was ever read.",)
    stale = figures_of(older_lists={Bucket.UNDELIVERED_ALL: date(2025, 11, 12)})[2]
    assert stale.lines == ("in 0 orders, as of 12 Nov",)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (69, 100, "31.0% less"),
        (112, 100, "12.0% more"),
        (100, 100, "the same"),
        (5000, 100, "> 999% more"),
        (5, 0, ""),
        (-5, 100, ""),
        (None, 100, ""),
    ],
)
def test_a_change_is_said_in_words(now, before, text):
    assert change_text(now, before) == text


@pytest.mark.parametrize(
    ("to_date", "gauge"),
    [(45, Gauge(45, 100)), (200, Gauge(100, 50)), (0, Gauge(0, 100)), (-5, None), (None, None)],
)
def test_the_bar_has_room_for_the_sale_and_for_the_target(to_date, gauge):
    assert gauge_of(Month(T, to_date, 100, None)) == gauge
