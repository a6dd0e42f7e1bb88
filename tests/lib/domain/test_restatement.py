"""Which figures of a mailed report are said to have been others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.db import jsonb
from lib.domain.headline import Count, Month
from lib.domain.period_headline import (
    CombinedHeadline,
    OpenOrders,
    PeriodCount,
    PeriodHeadline,
    PeriodSale,
)
from lib.domain.restatement import Restated, from_json, restated, to_json
from lib.model import MetricKind
from lib.reports.view import restated as view

WEEK = timedelta(days=7)
MONDAY, SUNDAY = date(2025, 11, 10), date(2025, 11, 16)


def week(sale=100_000, pickups=50, weeks_ago=0, sale_before=90_000, pickups_before=40, **changes):
    first, last = MONDAY - weeks_ago * WEEK, SUNDAY - weeks_ago * WEEK
    ordinary = PeriodHeadline(
        store_code="A668",
        store_name="Riverside Colony",
        first=first,
        last=last,
        before_first=first - WEEK,
        before_last=last - WEEK,
        sale=PeriodSale(sale, 7, 7, sale_before),
        month=Month(last, 200_000, 300_000, 180_000),
        undelivered=OpenOrders(24, 14_000, 3),
        counts=(PeriodCount(Count.PICKUPS, pickups, pickups_before),),
    )
    return replace(ordinary, **changes)


def of_all(sale=1_000_000, stores=16):
    return CombinedHeadline(
        first=MONDAY,
        last=SUNDAY,
        stores=stores,
        without_data=(),
        sale=sale,
        before_name="",
        compared=None,
        month=None,
        at_month_end=None,
        undelivered=None,
        look_first=(),
    )


def brief(found):
    return [(one.first, one.name, one.said, one.right, one.is_shown) for one in found]


@pytest.mark.parametrize(
    ("kind", "said", "right", "is_shown"),
    [
        pytest.param(MetricKind.MONEY, 10_000, 10_100, False, id="one per cent"),
        pytest.param(MetricKind.MONEY, 10_000, Decimal("10100.01"), True, id="a paisa more"),
        pytest.param(MetricKind.MONEY, 10_000, 9_899, True, id="less"),
        pytest.param(
            MetricKind.MONEY, 10_000, 10_050, False, id="rupees have no unit of their own"
        ),
        pytest.param(MetricKind.MONEY, -10_000, -10_101, True, id="refunds"),
        pytest.param(MetricKind.MONEY, 0, 1, True, id="from nothing"),
        pytest.param(MetricKind.COUNT, 1_000, 1_001, False, id="one of many"),
        pytest.param(MetricKind.COUNT, 1_000, 1_002, True, id="two of many"),
        pytest.param(MetricKind.COUNT, 5, 6, True, id="one of few"),
        pytest.param(MetricKind.COUNT, 0, 1, True, id="the first one"),
        pytest.param(MetricKind.COUNT, None, 1_000, True, id="was not known"),
    ],
)
def test_a_figure_is_shown_where_it_moved_by_more_than_one_per_cent_or_one_unit(
    kind, said, right, is_shown
):
    assert Restated(MONDAY, SUNDAY, "x", kind, said, right).is_shown is is_shown


def test_the_same_period_is_compared_figure_by_figure():
    now = week(101_001, 51, undelivered=OpenOrders(25, 14_100, 3))

    assert brief(restated(now, week())) == [
        (MONDAY, "Sale", 100_000, 101_001, True),
        (MONDAY, "Undelivered orders", 24, 25, True),
        (MONDAY, "Undelivered amount", 14_000, 14_100, False),
        (MONDAY, "Pickups", 50, 51, True),
    ]


def test_the_period_before_is_compared_with_what_its_own_report_said():
    said_before = week(89_000, 40, weeks_ago=1)

    assert brief(restated(week(), None, said_before)) == [
        (MONDAY - WEEK, "Sale", 89_000, 90_000, True)
    ]


def test_another_period_than_the_one_before_restates_nothing():
    assert restated(week(), None, week(1, 1, weeks_ago=2)) == ()


def test_what_is_not_known_now_restates_nothing():
    assert restated(week(None, None, undelivered=None), week()) == ()
    assert restated(week(sale_before=None, pickups_before=None), None, week(weeks_ago=1)) == ()


def test_what_was_not_known_is_restated():
    assert brief(restated(week(), week(None))) == [(MONDAY, "Sale", None, 100_000, True)]


def test_all_stores_are_compared_with_all_stores_only():
    assert brief(restated(of_all(1_020_000, 16), of_all(stores=15))) == [
        (MONDAY, "Sale", 1_000_000, 1_020_000, True),
        (MONDAY, "Stores with data", 15, 16, True),
    ]
    assert restated(of_all(), week()) == ()
    assert restated(week(), of_all()) == ()


def test_the_same_figures_in_another_form_are_the_same():
    now = week(Decimal("100000.00"), undelivered=OpenOrders(24, Decimal("14000.0"), 3))

    assert restated(now, week()) == ()
    assert to_json(()) is None


values = st.none() | st.integers(-5, 2_000) | st.decimals(0, 2_000_000, places=2)
headlines = st.builds(week, values, st.none() | st.integers(0, 2_000))


@given(headlines, st.none() | headlines, values, values)
def test_the_box_has_a_line_for_each_figure_of_the_row_that_moved_by_enough(
    now, said, before_said, before_now
):
    """Whatever is stored: what the row keeps decides what the page shows."""
    said_before = week(before_said, None, weeks_ago=1)
    now = replace(now, sale=replace(now.sale, before=before_now))
    found = restated(now, said, said_before)

    kept = to_json(found)
    read = from_json(json.loads(jsonb.dumps(kept)) if kept else None)
    assert read == found

    moved = {
        (figure.first, figure.name, figure.said, figure.right)
        for figure in read
        if figure.said is None
        or abs(figure.right - figure.said) * 100 > abs(figure.said)
        or (figure.kind is MetricKind.COUNT and abs(figure.right - figure.said) > 1)
    }
    assert len(view.lines(read)) == len(moved)
    assert bool(view.lines(read)) == bool(moved)


def test_a_line_says_what_is_right_and_what_was_said():
    found = restated(week(Decimal("112345.60"), 51), week(None))

    assert view.lines(found) == (
        "Sale 10\N{EN DASH}16 Nov: ₹1,12,346 is right, not known was said",
        "Pickups 10\N{EN DASH}16 Nov: 51 is right, 50 was said",
    )
