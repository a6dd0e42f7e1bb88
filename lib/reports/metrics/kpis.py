"""The seven KPIs of a store: bands, scores and overall health, as data.

Source: docs/reference/domain.md#kpi-bands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, StrEnum

from lib.model import MetricKind

Value = Decimal | int


class Band(StrEnum):
    """How good one KPI is, by the word that is printed."""

    EXCELLENT = "Excellent"
    GOOD = "Good"
    NEEDS_ATTENTION = "Needs Attention"
    CRITICAL = "Critical"
    #: The dashboard shows no value: neither good nor bad, and not in the score.
    NO_DATA = "No Data"


SCORES = {Band.EXCELLENT: 100, Band.GOOD: 80, Band.NEEDS_ATTENTION: 55, Band.CRITICAL: 35}


class Better(Enum):
    """Which way a KPI should go."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Kpi:
    """One rule: the first of `limits` that the value reaches (if lower is better: does not exceed) names the band."""

    key: str
    label: str
    #: Column of `store_dashboard_summary`.
    metric: str
    kind: MetricKind
    better: Better
    #: Best band first; the limit itself still belongs to the band.
    limits: tuple[tuple[Band, int], ...]
    otherwise: Band
    #: What the number counts, for the small print.
    basis: str

    def band(self, value: Value | None) -> Band:
        """Judge the unrounded value: 81.95 % is not yet 82."""
        if value is None:
            return Band.NO_DATA

        reached = (band for band, limit in self.limits if self._reaches(value, limit))
        return next(reached, self.otherwise)

    def _reaches(self, value: Value, limit: int) -> bool:
        return value >= limit if self.better is Better.HIGHER else value <= limit


def _percentage(
    key: str, label: str, metric: str, basis: str, *, excellent: int, good: int, attention: int
) -> Kpi:
    limits = ((Band.EXCELLENT, excellent), (Band.GOOD, good), (Band.NEEDS_ATTENTION, attention))
    return Kpi(key, label, metric, MetricKind.PERCENT, Better.HIGHER, limits, Band.CRITICAL, basis)


PICKUP_TOTAL = _percentage(
    "pickup_conversion_total_pct", "Pickup conversion, total", "pickup_total_conv_pct",
    "pickups that became orders, month to date", excellent=82, good=70, attention=55,
)  # fmt: skip
PICKUP_NEW = _percentage(
    "pickup_conversion_new_pct", "Pickup conversion, new customers", "pickup_new_conv_pct",
    "first pickups that became orders, month to date", excellent=80, good=60, attention=45,
)  # fmt: skip
PICKUP_EXISTING = _percentage(
    "pickup_conversion_existing_pct", "Pickup conversion, existing customers", "pickup_existing_conv_pct",
    "repeat pickups that became orders, month to date", excellent=95, good=80, attention=70,
)  # fmt: skip
TAT = _percentage(
    "delivery_tat_pct", "Delivery within TAT", "delivery_tat_pct",
    "delivered by the promised time, month to date", excellent=95, good=85, attention=70,
)  # fmt: skip
UNDELIVERED_OVER_10_DAYS = Kpi(
    "undelivered_10_plus_count", "Undelivered > 10 days", "delivery_undel_over_10_days",
    MetricKind.COUNT, Better.LOWER, ((Band.EXCELLENT, 0), (Band.NEEDS_ATTENTION, 2)), Band.CRITICAL,
    "counted from the order date",
)  # fmt: skip
UNDELIVERED = Kpi(
    "undelivered_total_count", "Total undelivered", "delivery_total_undelivered",
    MetricKind.COUNT, Better.LOWER, ((Band.EXCELLENT, 2), (Band.GOOD, 5)), Band.NEEDS_ATTENTION,
    "orders not yet delivered",
)  # fmt: skip
REPEAT = _percentage(
    "repeat_customer_pct", "Repeat contribution", "repeat_total_base_pct",
    "customers of 6 months ago who came back", excellent=65, good=50, attention=35,
)  # fmt: skip

#: In the order on the page (docs/reference/domain.md#kpi-bands).
KPIS: tuple[Kpi, ...] = (
    PICKUP_TOTAL, PICKUP_NEW, PICKUP_EXISTING, TAT, UNDELIVERED_OVER_10_DAYS, UNDELIVERED, REPEAT,
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One KPI on one day."""

    kpi: Kpi
    value: Value | None
    band: Band


def read(metrics: Mapping[str, Value | None]) -> tuple[Reading, ...]:
    """Judge every KPI, in the order of `KPIS`; a metric that is missing counts as null."""
    values = ((kpi, metrics.get(kpi.metric)) for kpi in KPIS)
    return tuple(Reading(kpi, value, kpi.band(value)) for kpi, value in values)


class HealthLabel(StrEnum):
    """How the store is doing as a whole, by the word that is printed."""

    EXCELLENT = "Excellent"
    STABLE = "Stable"
    AT_RISK = "At Risk"
    CRITICAL = "Critical"
    NO_DATA = "No Data"


HEALTH_LABELS = ((90, HealthLabel.EXCELLENT), (75, HealthLabel.STABLE), (60, HealthLabel.AT_RISK))

#: True of a day, a week or a month, and of one store or all.
SUMMARIES = {
    HealthLabel.EXCELLENT: "Everything runs at its best. Keep the routines that got it here.",
    HealthLabel.STABLE: "On a steady course. One or two areas can still be lifted.",
    HealthLabel.AT_RISK: "Several areas are slipping. Work through the actions below before customers notice.",
    HealthLabel.CRITICAL: "Attention is needed now. Start with the oldest orders and the open leads.",
    HealthLabel.NO_DATA: "The dashboard showed no values, so there is nothing to judge yet.",
}


@dataclass(frozen=True)
class Health:
    """Number and word for the whole store.

    The word is chosen by the printed number, so they cannot disagree.
    """

    #: 0 to 100; 0 when no KPI has data.
    score: int
    label: HealthLabel

    @property
    def summary(self) -> str:
        """One or two sentences for the owner."""
        return SUMMARIES[self.label]


def overall_health(readings: Sequence[Reading]) -> Health:
    """Return the mean score, rounded half up, of the KPIs that have data."""
    scores = [SCORES[reading.band] for reading in readings if reading.band is not Band.NO_DATA]
    if not scores:
        return Health(0, HealthLabel.NO_DATA)

    score = int((Decimal(sum(scores)) / len(scores)).quantize(Decimal(1), ROUND_HALF_UP))
    return Health(
        score,
        next((label for least, label in HEALTH_LABELS if score >= least), HealthLabel.CRITICAL),
    )
