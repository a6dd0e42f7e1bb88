import pytest

from lib.reports.metrics import kpis
from lib.reports.view import advice
from lib.reports.view.advice import Advice, advise

DEFAULTS = Advice(
    ("No standout result to report for this day.",),
    ("Nothing beyond what the statuses above say.",),
    ("Keep up the daily routine and work through the lists below.",),
)


def advice_for(**metrics):
    return advise(kpis.read(metrics))


def test_each_empty_column_has_one_neutral_sentence():
    assert advice_for() == DEFAULTS


def test_a_store_that_does_everything_well_gets_three_highlights_in_order():
    given = advice_for(
        pickup_total_conv_pct=70,
        delivery_tat_pct=95,
        repeat_total_base_pct=50,
        delivery_total_undelivered=0,
    )
    assert given == Advice(
        tuple(text for _, text in advice.HIGHLIGHTS), DEFAULTS.focus_areas, DEFAULTS.actions_today
    )


def test_a_store_that_does_everything_badly_gets_four_areas_and_four_actions_in_order():
    given = advice_for(
        pickup_total_conv_pct=0,
        delivery_tat_pct=0,
        repeat_total_base_pct=0,
        delivery_total_undelivered=6,
        delivery_undel_over_10_days=1,
    )
    assert given == Advice(
        DEFAULTS.highlights,
        tuple(text for _, text in advice.FOCUS_AREAS),
        tuple(text for _, text in advice.ACTIONS_TODAY),
    )


@pytest.mark.parametrize("metric", ["pickup_new_conv_pct", "pickup_existing_conv_pct"])
def test_the_two_parts_of_pickup_conversion_give_no_advice(metric):
    assert advice_for(**{metric: 0}) == DEFAULTS


def test_slow_deliveries_alone_give_no_advice():
    assert advice_for(delivery_tat_pct=0) == DEFAULTS
