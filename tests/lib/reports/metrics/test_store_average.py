from decimal import Decimal

import pytest

from lib.reports.metrics import kpis, store_average
from tests.factories.periods import WEEK, day

NAMES = ("repeat_orders", "repeat_customer_base_6m", "repeat_total_base_pct")


def shown(*figures, on=WEEK.first):
    return day(on, **dict(zip(NAMES, figures, strict=True)))


@pytest.mark.parametrize(
    ("stores", "wanted"),
    [
        pytest.param(
            [(30, 100, 30), (1, 2, 50)], Decimal(3100) / 102, id="counts and not rates are added"
        ),
        pytest.param([(30, 100, 30), (0, 0, 0)], 30, id="a store without a base weighs nothing"),
        pytest.param([(30, 100, 30), (45, None, 45)], 30, id="one store shows no base"),
        pytest.param(
            [(30, None, 30), (45, None, 45)], Decimal("37.5"), id="no store shows its base"
        ),
        pytest.param([(0, 0, 0)], None, id="no base at all"),
        pytest.param([(None, None, None)], None, id="nothing known"),
    ],
)
def test_a_rate_is_that_of_the_counts_and_else_the_mean_of_the_stores(stores, wanted):
    (pooled,) = store_average.average_store([[shown(*figures)] for figures in stores], WEEK)
    assert pooled.metrics[kpis.REPEAT.metric] == wanted


def test_a_count_is_the_mean_of_the_stores_that_show_it():
    days = [[day(WEEK.first, delivery_total_undelivered=count)] for count in (2, 9, None)]
    (pooled,) = store_average.average_store(days, WEEK)
    assert pooled.metrics[kpis.UNDELIVERED.metric] == Decimal("5.5")


def test_each_stored_day_of_the_period_is_there_once_oldest_first():
    many = [
        [shown(1, 2, 50, on=on) for on in (WEEK.last, WEEK.first)],
        [shown(1, 2, 50, on=WEEK.first)],
    ]
    outside = [shown(1, 2, 50, on=WEEK.first.replace(day=1))]
    assert [each.on for each in store_average.average_store([*many, outside], WEEK)] == [
        WEEK.first,
        WEEK.last,
    ]
