from decimal import Decimal

import pytest

from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import KPIS, Band, Health, HealthLabel

E, G, N, C, NO = Band.EXCELLENT, Band.GOOD, Band.NEEDS_ATTENTION, Band.CRITICAL, Band.NO_DATA

EDGES = {
    "pickup_conversion_total_pct": [
        ("82", E),
        ("81.95", G),
        ("81.99", G),
        ("70", G),
        ("69.99", N),
        ("55", N),
        ("54.99", C),
    ],
    "pickup_conversion_new_pct": [
        ("80", E),
        ("79.99", G),
        ("60", G),
        ("59.99", N),
        ("45", N),
        ("44.99", C),
    ],
    "pickup_conversion_existing_pct": [
        ("95", E),
        ("94.99", G),
        ("80", G),
        ("79.99", N),
        ("70", N),
        ("69.99", C),
    ],
    "delivery_tat_pct": [("95", E), ("94.99", G), ("85", G), ("84.99", N), ("70", N), ("69.99", C)],
    "undelivered_10_plus_count": [("0", E), ("1", N), ("2", N), ("3", C), ("300", C)],
    "undelivered_total_count": [("0", E), ("2", E), ("3", G), ("5", G), ("6", N), ("1000", N)],
    "repeat_customer_pct": [
        ("65", E),
        ("64.99", G),
        ("50", G),
        ("49.99", N),
        ("35", N),
        ("34.99", C),
        ("0", C),
    ],
}


@pytest.mark.parametrize(
    ("key", "value", "band"),
    [
        pytest.param(key, Decimal(value), band, id=f"{key}={value}")
        for key, edges in EDGES.items()
        for value, band in edges
    ],
)
def test_a_limit_belongs_to_its_band_and_values_are_not_rounded(key, value, band):
    kpi = next(kpi for kpi in KPIS if kpi.key == key)
    assert kpi.band(value) is band


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.key)
def test_null_is_no_data(kpi):
    assert kpi.band(None) is NO


@pytest.mark.parametrize(
    "kpi", [kpi for kpi in KPIS if kpi.otherwise is C], ids=lambda kpi: kpi.key
)
def test_zero_is_a_value_and_not_missing_data(kpi):
    assert kpi.band(0) is not NO


def test_the_kpis_are_read_in_the_order_of_the_page():
    assert [reading.kpi.key for reading in kpis.read({})] == list(EDGES)


def test_every_kpi_reads_its_own_metric():
    metrics = {kpi.metric: number for number, kpi in enumerate(KPIS)}
    assert [reading.value for reading in kpis.read(metrics)] == list(range(7))


SCORED = {E: 82, G: 70, N: 55, C: 0, NO: None}


def health_of(*bands):
    """Return the health of a store whose first KPIs have these bands (values of pickup conversion would do)."""
    kpi = KPIS[0]
    return kpis.overall_health(
        [kpis.Reading(kpi, SCORED[band], kpi.band(SCORED[band])) for band in bands]
    )


@pytest.mark.parametrize(
    ("bands", "health"),
    [
        pytest.param([E] * 7, Health(100, HealthLabel.EXCELLENT), id="all excellent"),
        pytest.param([E, G], Health(90, HealthLabel.EXCELLENT), id="90 is excellent"),
        pytest.param([E, E, E, E, G, G, N], Health(88, HealthLabel.STABLE), id="87.9 prints 88"),
        pytest.param([G, G, G, N, G], Health(75, HealthLabel.STABLE), id="75 is stable"),
        pytest.param([N, N, N, G], Health(61, HealthLabel.AT_RISK), id="61.25 prints 61"),
        pytest.param([E, N, N, C, N], Health(60, HealthLabel.AT_RISK), id="60 is at risk"),
        pytest.param(
            [G, N, N, N, N, N, N],
            Health(59, HealthLabel.CRITICAL),
            id="58.6 prints 59 and is critical",
        ),
        pytest.param([C] * 7, Health(35, HealthLabel.CRITICAL), id="all critical"),
        pytest.param([E, NO, NO], Health(100, HealthLabel.EXCELLENT), id="no data does not count"),
        pytest.param([NO] * 7, Health(0, HealthLabel.NO_DATA), id="no data at all"),
        pytest.param([], Health(0, HealthLabel.NO_DATA), id="no KPI"),
    ],
)
def test_health_is_the_rounded_mean_of_the_known_scores(bands, health):
    assert health_of(*bands) == health


def test_the_label_is_chosen_by_the_printed_number():
    """89.5 and more print as 90, which is Excellent; the unrounded mean would say Stable.

    Source: docs/reference/domain.md#overall-health.
    """
    assert health_of(*[E] * 11, *[G] * 12) == Health(90, HealthLabel.EXCELLENT)


def test_halves_are_rounded_up():
    assert health_of(G, C, G, N).score == 63
    assert health_of(N, G, C, C, G, N).score == 57


@pytest.mark.parametrize("label", HealthLabel)
def test_every_label_has_one_or_two_sentences(label):
    summary = Health(50, label).summary
    assert summary.endswith(".")
    assert 1 <= summary.count(".") <= 2
