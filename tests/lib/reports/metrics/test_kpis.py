from datetime import date
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


T = date(2025, 11, 14)


def reading(kpi, on=T, **metrics):
    return next(each for each in kpis.read(metrics, on) if each.kpi is kpi)


def test_the_kpis_are_read_in_the_order_of_the_page():
    assert [each.kpi.key for each in kpis.read({}, T)] == list(EDGES)


def test_every_kpi_reads_its_own_metric():
    metrics = {kpi.metric: number for number, kpi in enumerate(KPIS)}
    assert [each.value for each in kpis.read(metrics, T)] == list(range(7))


@pytest.mark.parametrize(
    ("on", "value", "goal", "band"),
    [
        pytest.param(date(2025, 11, 30), 65, 65, E, id="the whole month, the whole limit"),
        pytest.param(date(2025, 11, 15), "32.5", "32.5", E, id="half of the month, half of it"),
        pytest.param(date(2025, 11, 15), "32.49", "32.5", G, id="below"),
        pytest.param(date(2025, 11, 3), 4, "6.5", N, id="its beginning"),
        pytest.param(date(2025, 11, 3), "3.4", "6.5", C, id="critical at its beginning, too"),
    ],
)
def test_the_repeat_contribution_is_judged_by_the_share_of_the_month_that_is_over(
    on, value, goal, band
):
    found = reading(kpis.REPEAT, on, repeat_total_base_pct=Decimal(value))
    assert (found.goal, found.band) == (Decimal(goal), band)


@pytest.mark.parametrize(
    ("undelivered", "orders", "band", "share_of"),
    [
        pytest.param(6, 100, N, None, id="few orders: by the number"),
        pytest.param(6, None, N, None, id="orders not known: by the number"),
        pytest.param(6, 300, E, 300, id="2 % of many"),
        pytest.param(7, 300, G, 300, id="more than 2 %"),
        pytest.param(16, 300, N, 300, id="more than 5 %"),
    ],
)
def test_a_backlog_is_judged_as_a_share_of_many_orders(undelivered, orders, band, share_of):
    found = reading(
        kpis.UNDELIVERED, delivery_total_undelivered=undelivered, delivery_total_orders=orders
    )
    assert (found.band, found.share_of) == (band, share_of)


def health_of(*bands):
    return kpis.overall_health(bands)


def health(score, label, good, known):
    return Health(score, label, good, known)


@pytest.mark.parametrize(
    ("bands", "wanted"),
    [
        pytest.param([E] * 7, health(100, HealthLabel.EXCELLENT, 7, 7), id="all excellent"),
        pytest.param([E, G], health(90, HealthLabel.EXCELLENT, 2, 2), id="90 is excellent"),
        pytest.param(
            [E, E, E, E, G, G, N], health(88, HealthLabel.STABLE, 6, 7), id="87.9 prints 88"
        ),
        pytest.param([G, G, G, N, G], health(75, HealthLabel.STABLE, 4, 5), id="75 is stable"),
        pytest.param([N, N, N, G], health(61, HealthLabel.AT_RISK, 1, 4), id="61.25 prints 61"),
        pytest.param([E, N, N, C, N], health(60, HealthLabel.AT_RISK, 1, 5), id="60 is at risk"),
        pytest.param(
            [G, N, N, N, N, N, N],
            health(59, HealthLabel.CRITICAL, 1, 7),
            id="58.6 prints 59 and is critical",
        ),
        pytest.param([C] * 7, health(35, HealthLabel.CRITICAL, 0, 7), id="all critical"),
        pytest.param(
            [E, NO, NO], health(100, HealthLabel.EXCELLENT, 1, 1), id="no data does not count"
        ),
        pytest.param([NO] * 7, health(0, HealthLabel.NO_DATA, 0, 0), id="no data at all"),
        pytest.param([], health(0, HealthLabel.NO_DATA, 0, 0), id="no KPI"),
    ],
)
def test_health_is_the_rounded_mean_of_the_known_scores(bands, wanted):
    assert health_of(*bands) == wanted


def test_the_label_is_chosen_by_the_printed_number():
    """89.5 and more print as 90, which is Excellent; the unrounded mean would say Stable.

    Source: docs/reference/domain.md#overall-health.
    """
    assert health_of(*[E] * 11, *[G] * 12) == Health(90, HealthLabel.EXCELLENT, 23, 23)


def test_halves_are_rounded_up():
    assert health_of(G, C, G, N).score == 63
    assert health_of(N, G, C, C, G, N).score == 57


@pytest.mark.parametrize("bands", [[E, C], [NO]], ids=["data", "no data"])
def test_health_has_one_or_two_sentences(bands):
    summary = health_of(*bands).summary

    assert summary.endswith(".")
    assert 1 <= summary.count(".") <= 2
