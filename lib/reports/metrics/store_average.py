"""One dashboard of the average store, from those of all stores. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lib.dates import Period
from lib.reports.facts.model import StoredDay
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Kpi, Value

#: The counts that each percentage is made of: `100 * first / second`
#: (docs/reference/domain.md#dashboard-metrics).
COUNTED = {
    "pickup_total_conv_pct": ("pickup_total_conv_count", "pickup_total_count"),
    "pickup_new_conv_pct": ("pickup_new_conv_count", "pickup_new_count"),
    "pickup_existing_conv_pct": ("pickup_existing_conv_count", "pickup_existing_count"),
    "delivery_tat_pct": ("delivery_within_tat_count", "delivery_total_orders"),
    "repeat_total_base_pct": ("repeat_orders", "repeat_customer_base_6m"),
}


def average_store(stores: Sequence[Sequence[StoredDay]], period: Period) -> list[StoredDay]:
    """Return for each stored day of the period its KPIs: rates from the summed counts, and mean counts.

    A rate whose counts no store shows is the mean of their rates: the portal once renamed a count
    (lesson 29).
    """
    by_day: dict[date, list[StoredDay]] = {}

    for day in (day for days in stores for day in days if day.on in period):
        by_day.setdefault(day.on, []).append(day)

    return [
        StoredDay(on, {kpi.metric: _pool(kpi, by_day[on]) for kpi in kpis.KPIS})
        for on in sorted(by_day)
    ]


def _pool(kpi: Kpi, days: Sequence[StoredDay]) -> Decimal | None:
    if counted := _counted(kpi, days):
        whole = sum(wholes for _, wholes in counted)
        return 100 * Decimal(sum(parts for parts, _ in counted)) / Decimal(whole) if whole else None

    values = [value for day in days if (value := day.metrics.get(kpi.metric)) is not None]
    return Decimal(sum(values)) / len(values) if values else None


def _counted(kpi: Kpi, days: Sequence[StoredDay]) -> list[tuple[Value, Value]]:
    """Return the two counts of the rate for each store that shows both; none for what is itself a count."""
    part, whole = COUNTED.get(kpi.metric, ("", ""))
    counts = ((day.metrics.get(part), day.metrics.get(whole)) for day in days)

    return [(parts, wholes) for parts, wholes in counts if parts is not None and wholes is not None]
