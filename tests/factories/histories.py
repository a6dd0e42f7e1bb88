"""Random histories of a store, as a portal could show them: gaps, corrections, refunds, figures that are missing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from lib.dates import Period, month_of
from lib.model import METRICS, Bucket, Pipeline
from lib.reports.combined.context import stored_since
from lib.reports.facts.model import (
    DailyFacts,
    OpenOrder,
    PeriodFacts,
    StandingFacts,
    StoredDay,
)
from lib.reports.period.wording import before_of
from tests.factories.periods import STARTED_AT, run_of
from tests.factories.reports import lead, order

PAIRS = (
    ("pickup_new", "pickup_new_conv", 6),
    ("pickup_existing", "pickup_existing_conv", 9),
    ("delivery", "delivery_good", 14),
)


def days(chance: random.Random, first: date, last: date) -> tuple[StoredDay, ...]:
    """Return the stored days of a store whose quality, size and reliability are drawn once."""
    good, size = chance.random(), chance.choice((0, 1, 1, 1, 8))
    lost, hidden = chance.choice((0, 0, 0.1, 0.5)), chance.choice((0, 0, 0.1))
    stored, counts, undelivered = [], {}, chance.randint(0, 10)
    for on in Period(month_of(first).first, last).days():
        if on.day == 1:
            counts = dict.fromkeys([name for pair in PAIRS for name in pair[:2]], 0)
            counts |= {"repeat": 0, "high": 0, "revenue": Decimal(0)}
        for whole, part, most in PAIRS:
            more = size * chance.randint(0, most)
            counts[whole] += more
            counts[part] += round(more * min(1, max(0, chance.gauss(good, 0.2))))
        counts["repeat"] += size * chance.randint(0, 6)
        counts["high"] += chance.randint(0, 4)
        if chance.random() < 0.03:
            counts["delivery"] = max(0, counts["delivery"] - 3)
        revenue = Decimal(chance.randint(-2000 if chance.random() < 0.05 else 0, 30000)) * size
        counts["revenue"] += revenue
        undelivered = max(0, undelivered + chance.randint(-4, 4))
        if on >= first and chance.random() >= lost:
            shown = _dashboard(counts, revenue, undelivered, chance)
            stored.append(
                StoredDay(
                    on,
                    {
                        name: None if chance.random() < hidden else value
                        for name, value in shown.items()
                    },
                )
            )
    return tuple(stored)


def daily(seed: int) -> DailyFacts | None:
    """Return the facts of a random day; None where its dashboard is lost."""
    chance = random.Random(seed)
    on = date(2025, 9, 1) + timedelta(days=chance.randrange(120))
    before = month_of(on).first - timedelta(days=1)
    stored = days(chance, month_of(before).first, on)
    if not stored or stored[-1].on != on:
        return None
    older = {}
    if chance.random() < 0.2:
        older[Bucket.MISSED_LEADS] = on - timedelta(days=chance.randint(1, 9))
    if chance.random() < 0.1:
        older[Bucket.UNDELIVERED_ALL] = on - timedelta(days=chance.randint(1, 9))
    unread = frozenset(Bucket) if not older and chance.random() < 0.05 else frozenset()
    orders, leads = chance.choice((0, 0, 1, 7)), chance.choice((0, 0, 1, 7))
    earlier = chance.choice((0, 1, 3)) if on.day <= 10 and not unread else 0
    if unread:
        orders = leads = 0
    return DailyFacts(
        store_code="A668",
        store_name="X",
        today=stored[-1],
        read_at=STARTED_AT,
        leads_captured=None if unread or Bucket.MISSED_LEADS in older else chance.randint(0, 9),
        leads_captured_before=chance.choice((None, 0, 5)),
        orders_placed=chance.randint(0, 3),
        open_orders=tuple(_order(on, number, chance) for number in range(orders)),
        open_leads=tuple(
            lead(number, created_on=chance.choice((on, on - timedelta(days=9), None)))
            for number in range(leads)
        ),
        older_lists=older,
        history=stored,
        earlier_orders=tuple(_order(before, 90 + n, chance) for n in range(earlier)),
        unread_lists=unread,
    )


def _order(on: date, number: int, chance: random.Random) -> OpenOrder:
    """Return an order that is up to 20 days late at `on`, or not due yet, or without date or amount."""
    late = chance.randint(-2, 20)
    return order(
        order_id=f"T{number}",
        expected_on=chance.choice((on - timedelta(days=late), None)),
        ordered_on=chance.choice((on - timedelta(days=late + 3), None)),
        net_amount=chance.choice((None, Decimal(chance.randint(0, 500_000)) / 100)),
    )


def period(seed: int, pipeline: Pipeline, of: Period, code: str = "A668") -> PeriodFacts | None:
    """Return the facts of a random week or month; None where no day of it is stored."""
    chance = random.Random(f"{seed} {code}")
    stored = days(chance, month_of(before_of(of, pipeline).first).first, of.last)
    if not stored or stored[-1].on < of.first:
        return None
    older = {Bucket.MISSED_LEADS: of.first} if chance.random() < 0.2 else {}
    orders, leads = chance.choice((0, 0, 1, 7)), chance.choice((0, 0, 1, 7))
    return PeriodFacts(
        store_code=code,
        store_name=f"STORE {code}",
        period=of,
        days=stored,
        read_at=STARTED_AT,
        leads={day.on: chance.randint(0, 5) for day in stored},
        open_orders=tuple(order(number, order_id=f"T{number}") for number in range(orders)),
        open_leads=tuple(lead(number) for number in range(leads)),
        older_lists=older,
    )


def standing(seed: int, pipeline: Pipeline, of: Period, name: str) -> StandingFacts | None:
    """Return what the combined report knows about a random store; None where no day is stored."""
    chance = random.Random(f"{seed} {name}")
    stored = days(chance, stored_since(run_of(pipeline, of), of), of.last)
    if not stored or stored[-1].on < of.first:
        return None
    target = chance.choice((None, Decimal(0), Decimal(250000), Decimal(600000)))
    last_month = chance.choice((None, Decimal(0), Decimal(180000)))
    has_list = chance.random() > 0.1
    changed = {"target_revenue": target, "lmt_d_revenue": last_month}
    return StandingFacts(
        store_name=name,
        days=tuple(StoredDay(day.on, {**day.metrics, **changed}) for day in stored),
        read_at=STARTED_AT,
        open_orders=tuple(
            order(
                number, order_id=f"T{number}", net_amount=chance.choice((None, Decimal("450.50")))
            )
            for number in range(chance.choice((0, 1, 7)) if has_list else 0)
        ),
        has_orders_list=has_list,
        orders_as_of=of.first - timedelta(days=2) if chance.random() < 0.1 else None,
    )


def _dashboard(counts, revenue, undelivered, chance):
    new, existing = counts["pickup_new"], counts["pickup_existing"]
    new_good, existing_good = counts["pickup_new_conv"], counts["pickup_existing_conv"]
    shown = dict.fromkeys(metric.name for metric in METRICS)
    return shown | {
        "target_revenue": Decimal(600000),
        "ftd_revenue": revenue,
        "mtd_revenue": counts["revenue"],
        "pickup_new_count": new,
        "pickup_new_conv_count": new_good,
        "pickup_new_conv_pct": _percent(new_good, new),
        "pickup_existing_count": existing,
        "pickup_existing_conv_count": existing_good,
        "pickup_existing_conv_pct": _percent(existing_good, existing),
        "pickup_total_count": new + existing,
        "pickup_total_conv_count": new_good + existing_good,
        "pickup_total_conv_pct": _percent(new_good + existing_good, new + existing),
        "delivery_total_orders": counts["delivery"],
        "delivery_within_tat_count": min(counts["delivery_good"], counts["delivery"]),
        "delivery_tat_pct": _percent(
            min(counts["delivery_good"], counts["delivery"]), counts["delivery"]
        ),
        "delivery_total_delivered": counts["delivery_good"],
        "delivery_undel_over_10_days": min(undelivered, chance.randint(0, 4)),
        "delivery_total_undelivered": undelivered,
        "repeat_customer_base_6m": 180,
        "repeat_orders": counts["repeat"],
        "repeat_total_base_pct": _percent(counts["repeat"], 180),
        "package_non_pkg_over_800": counts["high"],
    }


def _percent(part, whole):
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01")) if whole else None
