from datetime import date
from decimal import Decimal

import pytest

from lib.reports.facts.model import StoredDay
from lib.reports.metrics import kpis
from lib.reports.view import advice
from lib.reports.view.advice import Advice, advise

T = date(2025, 11, 14)
DEFAULTS = Advice((advice.NO_HIGHLIGHT,), (advice.NO_FOCUS_AREA,))


def advice_for(*, earlier=None, **metrics):
    return advise(kpis.read(metrics, T), earlier=earlier)


def test_an_empty_column_says_one_thing_that_is_true():
    assert advice_for() == DEFAULTS


def test_a_store_that_does_everything_well_gets_three_highlights_in_order():
    given = advice_for(
        pickup_total_conv_pct=70,
        delivery_tat_pct=95,
        repeat_total_base_pct=50,
        delivery_total_undelivered=0,
    )
    assert given == Advice(
        (
            "Pickup conversion, total: 70.0%.",
            "Delivery within TAT: 95.0%.",
            "Repeat contribution: 50.0%.",
        ),
        DEFAULTS.focus_areas,
    )


def test_a_store_that_does_everything_badly_gets_four_areas_in_order():
    given = advice_for(
        pickup_total_conv_pct=0,
        delivery_tat_pct=0,
        repeat_total_base_pct=0,
        delivery_total_undelivered=6,
        delivery_undel_over_10_days=1,
    )
    assert given == Advice(
        DEFAULTS.highlights,
        (
            "Pickup conversion, total: 0.0%, goal 82% or more.",
            "Total undelivered: 6, goal 2 or fewer.",
            "Undelivered > 10 days: 1, goal none.",
            "Repeat contribution: 0.0%, goal 30.3% or more.",
        ),
    )


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param(64, ", down from 64.0% on 7 Nov.", id="it fell"),
        pytest.param(48, ", up from 48.0% on 7 Nov.", id="it rose"),
        pytest.param(50, ".", id="it is the same"),
        pytest.param(None, ".", id="it is not known"),
    ],
)
def test_a_change_is_said_where_there_is_one(before, said):
    earlier = StoredDay(date(2025, 11, 7), {"pickup_total_conv_pct": before})
    given = advice_for(pickup_total_conv_pct=Decimal(50), earlier=earlier)
    assert given.focus_areas == (f"Pickup conversion, total: 50.0%, goal 82% or more{said}",)


def test_a_week_before_is_of_the_same_month():
    days = [StoredDay(date(2025, 10, 30), {}), StoredDay(date(2025, 11, 7), {})]
    assert advice.a_week_before(days, T) == days[1]
    assert advice.a_week_before(days, date(2025, 11, 6)) is None
    assert advice.a_week_before(days, date(2025, 11, 20)) is None


@pytest.mark.parametrize("metric", ["pickup_new_conv_pct", "pickup_existing_conv_pct"])
def test_the_two_parts_of_pickup_conversion_give_no_advice(metric):
    assert advice_for(**{metric: 0}) == DEFAULTS


def test_slow_deliveries_alone_give_no_advice():
    assert advice_for(delivery_tat_pct=0) == DEFAULTS
