"""A band and a word are explained by the limits that chose them, and by what was judged."""

from __future__ import annotations

import pytest

from lib.reports.explain import marks
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Band
from tests.factories.reports import T


def reading(value, orders):
    return kpis.judge(kpis.UNDELIVERED, value, {"delivery_total_orders": orders}, T)


@pytest.mark.parametrize(
    ("value", "orders", "band", "judged"),
    [
        pytest.param(
            27,
            508,
            Band.NEEDS_ATTENTION,
            "27 of 508, 5.315%, is judged by: Excellent up to 2%, Good up to 5%,"
            " else Needs Attention.",
            id="many orders",
        ),
        pytest.param(
            4,
            100,
            Band.GOOD,
            "4 is judged by: Excellent up to 2, Good up to 5, else Needs Attention.",
            id="few orders",
        ),
    ],
)
def test_a_backlog_is_said_as_it_is_judged(value, orders, band, judged):
    found = reading(value, orders)
    term = marks.band_term(found.kpi, found.band, found.value, found.share_of, found.scale)

    assert (term.text, term.because[0]) == (band, judged)


def test_the_word_of_the_health_has_the_limits_that_chose_it():
    bands = [("Pickups", Band.NEEDS_ATTENTION), ("Deliveries", Band.NO_DATA)]
    health = kpis.overall_health([band for _, band in bands])
    score, word, _ = marks.health_terms(health, bands)

    assert score.because == ("Pickups Needs Attention: 55; Deliveries No Data: not counted.",)
    assert word.because[1] == (
        "55 is judged by: Excellent from 90, Stable from 75, At Risk from 60, else Critical."
    )
