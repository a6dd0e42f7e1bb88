"""Weeks and months of invented stores, with the figures that a portal would show day by day."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal

from lib.dates import Period, month_of
from lib.model import METRICS, Pipeline, RunRef
from lib.reports.combined.context import store_standing, stored_since
from lib.reports.facts.model import PeriodFacts, StandingFacts, StoredDay
from lib.reports.metrics.standing import Standing
from lib.reports.period.wording import before_of
from tests.factories.reports import lead, order

DAY = Period(date(2025, 11, 14), date(2025, 11, 14))
WEEK = Period(date(2025, 11, 10), date(2025, 11, 16))
MONTH = Period(date(2025, 10, 1), date(2025, 10, 31))
STARTED_AT = datetime(2025, 11, 17, 1, 30, tzinfo=UTC)
NO_METRICS = dict.fromkeys(metric.name for metric in METRICS)
COUNTED = {
    "pickup_new": (2, 6),
    "pickup_existing": (4, 9),
    "delivery": (6, 14),
}


def run_of(pipeline: Pipeline, period: Period) -> RunRef:
    """Return the run that makes the reports of `period`."""
    number = list(Pipeline).index(pipeline)
    return RunRef(pipeline, f"20251117-070000-77aa0{number}", "dev", period.last, STARTED_AT)


def day(on: date, **metrics) -> StoredDay:
    """Return a stored day with these figures and no others."""
    return StoredDay(on, NO_METRICS | metrics)


def store(
    pipeline, period, code="A668", name="RIVERSIDE COLONY", *, seed=1, skip=(), orders=3, leads=3
) -> PeriodFacts:
    """Return a store's facts of `period`, the days in `skip` missing.

    The same seed gives the same figures.
    """
    since = month_of(before_of(period, pipeline).first).first
    days = tuple(one for one in _series(Period(since, period.last), seed) if one.on not in skip)
    return PeriodFacts(
        store_code=code,
        store_name=name,
        period=period,
        days=days,
        read_at=STARTED_AT,
        leads={one.on: 3 + one.on.day % 7 for one in days},
        open_orders=tuple(
            order(number % 14, order_id=f"T{1300 + number}") for number in range(orders)
        ),
        open_leads=tuple(lead(number) for number in range(leads)),
    )


def standing_facts(
    pipeline,
    period,
    name="RIVERSIDE COLONY",
    *,
    seed=1,
    skip=(),
    orders=3,
    target=600000,
    scale=1,
) -> StandingFacts:
    """Return what the combined report knows about a store; `scale` multiplies its sale."""
    since = stored_since(run_of(pipeline, period), period)
    days = []
    for one in _series(Period(since, period.last), seed):
        if one.on in skip:
            continue
        metrics = dict(one.metrics)
        for metric in ("ftd_revenue", "mtd_revenue"):
            metrics[metric] = round(metrics[metric] * Decimal(str(scale)))
        metrics["target_revenue"] = None if target is None else Decimal(target)
        metrics["lmt_d_revenue"] = Decimal(15000 * one.on.day)
        days.append(StoredDay(one.on, metrics))
    return StandingFacts(
        store_name=name,
        days=tuple(days),
        read_at=STARTED_AT,
        open_orders=tuple(
            order(number % 14, order_id=f"T{1300 + number}") for number in range(orders)
        ),
    )


def standing(pipeline, period, name="RIVERSIDE COLONY", **options) -> Standing:
    """Return how such a store stands at the period's end."""
    facts = standing_facts(pipeline, period, name, **options)
    return store_standing(facts, run_of(pipeline, period), period)


def _series(days: Period, seed: int):
    """Yield a day's dashboard after the other, counting anew from each 1st."""
    chance, counts = random.Random(seed), {}
    for on in days.days():
        if on.day == 1:
            counts = dict.fromkeys(
                (*COUNTED, *(f"{name}_good" for name in COUNTED), "repeat", "high", "revenue"), 0
            )
        for name, (least, most) in COUNTED.items():
            more = chance.randint(least, most)
            counts[name] += more
            counts[f"{name}_good"] += chance.randint(more - 2, more)
        counts["repeat"] += chance.randint(0, 3)
        counts["high"] += chance.randint(0, 4)
        revenue = Decimal(chance.randint(9000, 31000))
        counts["revenue"] += revenue
        yield _dashboard(on, counts, revenue, chance)


def _dashboard(on, counts, revenue, chance) -> StoredDay:
    new, existing = counts["pickup_new"], counts["pickup_existing"]
    new_good, existing_good = counts["pickup_new_good"], counts["pickup_existing_good"]
    return day(
        on,
        target_revenue=Decimal(600000),
        ftd_revenue=revenue,
        mtd_revenue=counts["revenue"],
        pickup_new_count=new,
        pickup_new_conv_count=new_good,
        pickup_new_conv_pct=_percent(new_good, new),
        pickup_existing_count=existing,
        pickup_existing_conv_count=existing_good,
        pickup_existing_conv_pct=_percent(existing_good, existing),
        pickup_total_count=new + existing,
        pickup_total_conv_count=new_good + existing_good,
        pickup_total_conv_pct=_percent(new_good + existing_good, new + existing),
        delivery_total_orders=counts["delivery"],
        delivery_within_tat_count=counts["delivery_good"],
        delivery_tat_pct=_percent(counts["delivery_good"], counts["delivery"]),
        delivery_total_delivered=counts["delivery_good"],
        delivery_undel_over_10_days=chance.randint(0, 4),
        delivery_total_undelivered=chance.randint(2, 14),
        repeat_customer_base_6m=180,
        repeat_orders=counts["repeat"],
        repeat_total_base_pct=_percent(counts["repeat"], 180),
        package_non_pkg_over_800=counts["high"],
    )


def _percent(part, whole):
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"))
