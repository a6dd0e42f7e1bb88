"""The seven KPIs of a store: bands, scores and overall health, as data.

Source: docs/reference/domain.md#kpi-bands, #overall-health.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, StrEnum

from lib.dates import month_of
from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.facts.model import Metrics


class Band(StrEnum):
    """How good one KPI is, by the word that is printed."""

    EXCELLENT = "Excellent"
    GOOD = "Good"
    NEEDS_ATTENTION = "Needs Attention"
    CRITICAL = "Critical"
    #: The dashboard shows no value: neither good nor bad, and not in the score.
    NO_DATA = "No Data"


STRONG = frozenset({Band.EXCELLENT, Band.GOOD})
WEAK = frozenset({Band.NEEDS_ATTENTION, Band.CRITICAL})
#: Points of a band in the overall health.
SCORES = {Band.EXCELLENT: 100, Band.GOOD: 80, Band.NEEDS_ATTENTION: 55, Band.CRITICAL: 35}


class Better(Enum):
    """Which way a KPI should go."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Kpi:
    """One rule: the first of `limits` that the value reaches names the band.

    Where lower is better, a limit is reached by a value that does not exceed it.
    """

    key: str
    label: str
    #: Column of `store_dashboard_summary`.
    metric: str
    kind: MetricKind
    better: Better
    #: Best band first; the limit itself still belongs to the band.
    limits: tuple[tuple[Band, int], ...]
    otherwise: Band

    def band(self, value: Value | None) -> Band:
        """Return the band of the unrounded value: 81.95 % is not yet 82."""
        if value is None:
            return Band.NO_DATA

        for band, limit in self.limits:
            reached = value >= limit if self.better is Better.HIGHER else value <= limit
            if reached:
                return band

        return self.otherwise


def _percentage(
    *,
    key: str,
    label: str,
    metric: str,
    excellent: int,
    good: int,
    attention: int,
) -> Kpi:
    return Kpi(
        key=key,
        label=label,
        metric=metric,
        kind=MetricKind.PERCENT,
        better=Better.HIGHER,
        limits=(
            (Band.EXCELLENT, excellent),
            (Band.GOOD, good),
            (Band.NEEDS_ATTENTION, attention),
        ),
        otherwise=Band.CRITICAL,
    )


PICKUP_TOTAL = _percentage(
    key="pickup_conversion_total_pct",
    label="Pickup conversion, total",
    metric="pickup_total_conv_pct",
    excellent=82,
    good=70,
    attention=55,
)
PICKUP_NEW = _percentage(
    key="pickup_conversion_new_pct",
    label="Pickup conversion, new customers",
    metric="pickup_new_conv_pct",
    excellent=80,
    good=60,
    attention=45,
)
PICKUP_EXISTING = _percentage(
    key="pickup_conversion_existing_pct",
    label="Pickup conversion, existing customers",
    metric="pickup_existing_conv_pct",
    excellent=95,
    good=80,
    attention=70,
)
TAT = _percentage(
    key="delivery_tat_pct",
    label="Delivery within TAT",
    metric="delivery_tat_pct",
    excellent=95,
    good=85,
    attention=70,
)
UNDELIVERED_OVER_10_DAYS = Kpi(
    key="undelivered_10_plus_count",
    label="Undelivered > 10 days",
    metric="delivery_undel_over_10_days",
    kind=MetricKind.COUNT,
    better=Better.LOWER,
    limits=((Band.EXCELLENT, 0), (Band.NEEDS_ATTENTION, 2)),
    otherwise=Band.CRITICAL,
)
UNDELIVERED = Kpi(
    key="undelivered_total_count",
    label="Total undelivered",
    metric="delivery_total_undelivered",
    kind=MetricKind.COUNT,
    better=Better.LOWER,
    limits=((Band.EXCELLENT, 2), (Band.GOOD, 5)),
    otherwise=Band.NEEDS_ATTENTION,
)
REPEAT = _percentage(
    key="repeat_customer_pct",
    label="Repeat contribution",
    metric="repeat_total_base_pct",
    excellent=65,
    good=50,
    attention=35,
)

#: In the order of the page.
KPIS: tuple[Kpi, ...] = (
    PICKUP_TOTAL,
    PICKUP_NEW,
    PICKUP_EXISTING,
    TAT,
    UNDELIVERED_OVER_10_DAYS,
    UNDELIVERED,
    REPEAT,
)


#: From how many orders of the month on the backlog is judged as a share of them: its limits are
#: then per cent.
MANY_ORDERS = 100


@dataclass(frozen=True)
class Reading:
    """One KPI on one day, and by what it was judged."""

    kpi: Kpi
    value: Value | None
    band: Band
    #: What the value must reach for Excellent on that day.
    goal: Value
    #: Orders of the month that the value was judged as a share of; None where it was not.
    share_of: Value | None = None
    #: Share of the month that is over, by which the limits were scaled; 1 where they were not.
    scale: Decimal = Decimal(1)


def read(
    metrics: Metrics,
    on: date,
) -> tuple[Reading, ...]:
    """Return every KPI judged at `on`, in the order of `KPIS`; a metric that is missing is null."""
    found = []

    for kpi in KPIS:
        found.append(judge(kpi, metrics.get(kpi.metric), metrics, on))

    return tuple(found)


def judge(
    kpi: Kpi,
    value: Value | None,
    metrics: Metrics,
    on: date,
) -> Reading:
    """Return the value of one KPI judged at `on`, with the other figures of that day.

    The repeat contribution begins each month near 0, so its limits grow with the month. A backlog
    is judged as a share of the month's orders once there are many.
    """
    if kpi is REPEAT:
        scale = Decimal(on.day) / month_of(on).last.day
        goal = kpi.limits[0][1] * scale
        band = kpi.band(None if value is None else value / scale)

        return Reading(kpi, value, band, goal, scale=scale)

    limit = kpi.limits[0][1]

    orders = metrics.get("delivery_total_orders")

    if kpi is UNDELIVERED and value is not None and orders is not None and orders > MANY_ORDERS:
        share = 100 * Decimal(value) / orders
        return Reading(
            kpi,
            value,
            kpi.band(share),
            limit,
            share_of=orders,
        )

    return Reading(
        kpi,
        value,
        kpi.band(value),
        limit,
    )


class HealthLabel(StrEnum):
    """How the KPIs of a store are as a whole, by the word that is printed."""

    EXCELLENT = "Excellent"
    STABLE = "Stable"
    AT_RISK = "At Risk"
    CRITICAL = "Critical"
    NO_DATA = "No Data"


#: From which score on each word is printed, best first; below the last one it is Critical.
HEALTH_LABELS = (
    (90, HealthLabel.EXCELLENT),
    (75, HealthLabel.STABLE),
    (60, HealthLabel.AT_RISK),
)


@dataclass(frozen=True)
class Health:
    """Number and word for the KPIs of a store.

    The word is chosen by the printed number, so they cannot disagree.
    """

    #: 0 to 100; 0, and not to be printed, when no KPI has data.
    score: int
    label: HealthLabel
    #: KPIs that are Good or Excellent, and KPIs that have data.
    good: int = 0
    known: int = 0

    @property
    def summary(self) -> str:
        """Return one or two sentences for the owner, true whatever the sales are."""
        if not self.known:
            return "The dashboard showed no values, so there is nothing to judge yet."

        return f"{self.good} of {self.known} KPIs are Good or better. Sales are not part of it."


def overall_health(bands: Sequence[Band]) -> Health:
    """Return the mean score, rounded half up, of the KPIs that have data."""
    scores = []

    for band in bands:
        if band is not Band.NO_DATA:
            scores.append(SCORES[band])

    if not scores:
        return Health(0, HealthLabel.NO_DATA)

    mean = Decimal(sum(scores)) / len(scores)
    score = int(mean.quantize(Decimal(1), ROUND_HALF_UP))
    good = sum(1 for band in bands if band in STRONG)

    for least, label in HEALTH_LABELS:
        if score >= least:
            return Health(score, label, good, len(scores))

    return Health(
        score,
        HealthLabel.CRITICAL,
        good,
        len(scores),
    )
