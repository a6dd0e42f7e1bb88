"""One dashboard of the average store, from those of all stores.

Source: docs/reference/domain.md#dashboard-metrics.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lib.dates import Period
from lib.reports.facts.model import StoredDay, Value
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Kpi

#: The counts that each percentage is made of: `100 * first / second`.
COUNTED = {
    "pickup_total_conv_pct": ("pickup_total_conv_count", "pickup_total_count"),
    "pickup_new_conv_pct": ("pickup_new_conv_count", "pickup_new_count"),
    "pickup_existing_conv_pct": ("pickup_existing_conv_count", "pickup_existing_count"),
    "delivery_tat_pct": ("delivery_within_tat_count", "delivery_total_orders"),
    "repeat_total_base_pct": ("repeat_orders", "repeat_customer_base_6m"),
}


def average_store(
    stores: Sequence[Sequence[StoredDay]],
    period: Period,
) -> list[StoredDay]:
    """Return the KPIs of each stored day of the period: rates from the summed counts, mean counts.

    A rate whose counts no store shows is the mean of their rates: the portal once renamed a count
    (docs/reference/domain.md#dashboard-layouts).
    """
    by_day: dict[date, list[StoredDay]] = {}

    for days in stores:
        for day in days:
            if day.on in period:
                by_day.setdefault(day.on, []).append(day)

    average_days: list[StoredDay] = []

    for on in sorted(by_day):
        metrics: dict[str, Value | None] = {}

        for kpi in kpis.KPIS:
            metrics[kpi.metric] = _average(kpi, by_day[on])

        # By which a backlog is judged.
        metrics["delivery_total_orders"] = _mean("delivery_total_orders", by_day[on])
        average_days.append(StoredDay(on, metrics))

    return average_days


def _average(
    kpi: Kpi,
    days: Sequence[StoredDay],
) -> Decimal | None:
    """Return the KPI of one day of several stores together."""
    counted = _counted(kpi, days)

    if counted:
        part = sum(part for part, _ in counted)
        whole = sum(whole for _, whole in counted)

        return 100 * Decimal(part) / Decimal(whole) if whole else None

    return _mean(kpi.metric, days)


def _mean(
    metric: str,
    days: Sequence[StoredDay],
) -> Decimal | None:
    shown = [day.metrics.get(metric) for day in days]
    values = [value for value in shown if value is not None]

    return Decimal(sum(values)) / len(values) if values else None


def _counted(
    kpi: Kpi,
    days: Sequence[StoredDay],
) -> list[tuple[Value, Value]]:
    """Return the two counts of the rate, of each store that shows both; none for a count."""
    if kpi.metric not in COUNTED:
        return []

    part_name, whole_name = COUNTED[kpi.metric]
    counted: list[tuple[Value, Value]] = []

    for day in days:
        part = day.metrics.get(part_name)

        whole = day.metrics.get(whole_name)

        if part is not None and whole is not None:
            counted.append((part, whole))

    return counted
