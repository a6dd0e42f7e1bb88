from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.domain import headline as domain
from lib.domain.headline import Age, Count, Missing
from lib.model import Bucket
from lib.reports.facts.model import StoredDay
from lib.reports.view.headline import age_of, headline
from tests.factories.reports import METRICS_OF_T, T, facts, history, lead, order

FRIDAYS = {T - timedelta(days=7 * weeks): Decimal(1000 * weeks) for weeks in (1, 2, 3, 4)}


def with_sales(sales, **of_t):
    """Return facts whose days sold that much; T has these other figures, too."""
    days = [
        replace(day, metrics=day.metrics | {"ftd_revenue": sales.get(day.on)}) for day in history()
    ]
    today = StoredDay(T, METRICS_OF_T | of_t)
    return facts(today=today, history=(*days[:-1], today))


def test_the_day_stands_beside_the_mean_of_the_last_four_of_its_weekday():
    sale = headline(with_sales(FRIDAYS, ftd_revenue=Decimal(1500))).sale
    assert [day.on for day in sale.days] == [*sorted(FRIDAYS), T]
    assert (sale.rupees, sale.usual, sale.change_pct) == (1500, 2500, -40)


def test_a_friday_that_is_not_known_is_left_out_of_the_mean_and_without_any_nothing_is_usual():
    known = {on: sold for on, sold in FRIDAYS.items() if on.day != 7}
    sale = headline(with_sales(known, ftd_revenue=Decimal(1500))).sale
    assert (sale.usual, sale.days[3].rupees) == (3000, None)
    lone = headline(with_sales({}, ftd_revenue=Decimal(1500)))
    assert (lone.sale.usual, lone.sale.change_pct) == (None, None)
    assert lone.missing[Missing.USUAL_SALE] == "No sale of an earlier Friday is stored yet."


def test_tomorrow_is_measured_by_its_own_weekday():
    saturdays = {T + timedelta(days=1 - 7 * weeks): Decimal(4000) for weeks in (1, 2, 3)}
    assert headline(with_sales(saturdays)).sale.usual_next_day == 4000


def test_the_month_says_what_each_day_left_must_sell():
    month = headline(
        with_sales({}, mtd_revenue=140_000, target_revenue=300_000, lmt_d_revenue=200_000)
    ).month
    assert (month.days_left, month.needed_a_day, month.change_pct) == (16, 10_000, -30)
    assert round(month.share_pct, 1) == Decimal("46.7")
    assert round(month.pace_pct) == 100


@pytest.mark.parametrize(
    ("to_date", "target", "needed", "share"),
    [
        (400, 300, 0, Decimal(400) / 3),
        (None, 300, None, None),
        (100, None, None, None),
        (100, 0, None, None),
    ],
)
def test_without_a_target_or_a_sale_nothing_is_needed_and_a_reached_one_needs_nothing(
    to_date, target, needed, share
):
    month = headline(with_sales({}, mtd_revenue=to_date, target_revenue=target)).month
    assert month.needed_a_day == needed
    assert month.share_pct == (share and pytest.approx(share))


def test_on_the_last_day_of_a_month_no_day_is_left_to_share_the_rest():
    month = domain.Month(date(2025, 11, 30), 100, 300, None)
    assert (month.days_left, month.missing_rupees, month.needed_a_day) == (0, 200, None)


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (None, Age.UNKNOWN),
        (-1, Age.NOT_DUE),
        (0, Age.DUE_TODAY),
        (1, Age.UP_TO_3_DAYS),
        (3, Age.UP_TO_3_DAYS),
        (4, Age.UP_TO_10_DAYS),
        (10, Age.UP_TO_10_DAYS),
        (11, Age.OVER_10_DAYS),
    ],
)
def test_late_counts_from_the_promised_date(days, age):
    assert age_of(days) is age


def test_undelivered_orders_are_counted_by_age_with_their_rupees_and_the_dearest_late_are_named():
    orders = (
        order(25, order_id="T1", net_amount=Decimal("100.50")),
        order(11, order_id="T2", net_amount=Decimal(900)),
        order(2, order_id="T3", net_amount=None),
        order(1, order_id="T4", net_amount=Decimal(50)),
        order(0, order_id="T5", net_amount=Decimal(7000)),
        order(3, order_id="T6", net_amount=Decimal(900)),
    )
    found = headline(facts(open_orders=orders)).undelivered
    assert (found.orders, found.rupees, found.late, found.without_amount) == (
        6,
        Decimal("8950.50"),
        5,
        1,
    )
    over = found.of(Age.OVER_10_DAYS)
    assert (over.orders, over.rupees) == (2, Decimal("1000.50"))
    assert (found.oldest.order_id, found.oldest.days_late) == ("T1", 25)
    assert [late.order_id for late in found.dearest_late] == ["T2", "T6", "T1", "T4"]


def test_a_list_that_was_not_read_is_unknown_or_older_and_says_why():
    stale = {Bucket.MISSED_LEADS: date(2025, 11, 13), Bucket.UNDELIVERED_ALL: date(2025, 11, 12)}
    older = headline(facts(leads=2, orders=1, older_lists=stale))
    assert older.requests_without_order is None
    assert (older.undelivered.as_of, older.undelivered.orders) == (date(2025, 11, 12), 1)
    assert older.missing[Missing.UNDELIVERED] == (
        "The list of undelivered orders is of 12 Nov 2025; no newer one was read."
    )
    never = headline(facts(unread_lists=frozenset(Bucket)))
    assert (never.undelivered, never.requests_without_order) == (None, None)
    assert never.missing[Missing.PICKUP_REQUESTS] == "No list of pickup requests was ever read."


def test_requests_of_the_day_without_an_order_are_those_created_that_day():
    leads = (lead(1, created_on=T), lead(2, created_on=T), lead(3), lead(4, created_on=None))
    assert headline(facts(open_leads=leads)).requests_without_order == 2
    assert headline(facts()).requests_without_order == 0


def test_counts_are_what_the_day_added_beside_its_weekday_and_the_month():
    found = headline(facts())
    deliveries = found.count(Count.DELIVERIES)
    assert (deliveries.day, deliveries.month, deliveries.usual) == (188 - 171, 188, 15)
    assert found.count(Count.NEW_CUSTOMERS).day == 1
    assert found.count(Count.PACKAGES).day is None
    assert found.count(Count.PICKUPS_FOR_THE_DAY).day == 12


def test_a_count_after_a_gap_says_since_when_and_a_correction_is_named():
    days = history()
    after_a_gap = headline(facts(history=(*days[:-3], days[-1])))
    assert after_a_gap.count(Count.DELIVERIES).since == T - timedelta(days=2)
    lowered = replace(days[-2], metrics=days[-2].metrics | {"delivery_total_delivered": 500})
    corrected = headline(facts(history=(*days[:-2], lowered, days[-1]))).count(Count.DELIVERIES)
    assert (corrected.day, corrected.corrected) == (0, True)


def test_orders_of_the_month_before_stand_apart():
    earlier = (order(15, net_amount=Decimal(100)), order(16, net_amount=None))
    found = headline(facts(orders=1, earlier_orders=earlier)).undelivered
    assert (found.orders, found.earlier.orders, found.earlier.rupees) == (1, 2, 100)
    assert found.earlier.listed_until == date(2025, 10, 31)


def test_a_counter_that_begins_anew_is_not_compared_over_the_months_end():
    first = date(2025, 11, 1)
    today = StoredDay(first, METRICS_OF_T | {"delivery_total_delivered": 7})
    days = tuple(day for day in history() if day.on < first)
    deliveries = headline(facts(today=today, history=(*days, today))).count(Count.DELIVERIES)
    assert (deliveries.day, deliveries.month, deliveries.corrected) == (7, 7, False)
