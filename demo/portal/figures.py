"""What a store's dashboard says about one day.

33 figures, worked out from the same pickups and orders as the exports.

Counts are month to date (docs/reference/domain.md#month-to-date-counters); revenue is by order
date, delivery counts are over the orders due this month.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from demo.portal.series import Series
from demo.portal.world import (
    COHORT_SIZE,
    Order,
    Pickup,
    Store,
    World,
    first_of_month,
    months_before,
)

LONGEST_PROMISE = timedelta(days=5)
OLD_AFTER = timedelta(days=10)
Figures = dict[str, int | float | None]


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """Everything that the page and the exports of one store and day are made from.

    `month` is the first of it.
    """

    store: Store
    on: date
    month: date
    pickups: list[Pickup]
    placed: list[Order]
    due: list[Order]


def month_to_date(
    world: World,
    store: Store,
    on: date,
) -> MonthToDate:
    """The month up to a day.

    `placed` has its orders by order date, `due` by expected date: some were placed before it.
    """
    month = first_of_month(on)
    orders = world.orders(store, month - LONGEST_PROMISE, on)

    return MonthToDate(
        store=store,
        on=on,
        month=month,
        pickups=world.pickups(store, month, on),
        placed=[order for order in orders if order.ordered_on >= month],
        due=[order for order in orders if month <= order.expected_on <= on],
    )


@lru_cache(maxsize=8_192)
def figures(world: World, store: Store, on: date) -> Figures:
    """Metric column -> value; a percentage of nothing is None.

    The dictionary is shared: do not change it.
    """
    view = month_to_date(world, store, on)
    return {
        **_revenue(world, view),
        **_pickup(view),
        **_delivery(view),
        **_repeat(world, view),
        **_package(world, view),
    }


def percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole else None


@lru_cache(maxsize=16_384)
def revenue_by_day(
    world: World,
    store: Store,
    month: date,
) -> tuple[int, ...]:
    """Net paise by order date, one entry a day of the month."""
    last = month.replace(day=_length(month))
    totals = [0] * last.day

    for order in world.orders(store, month, last):
        totals[order.ordered_on.day - 1] += order.net_paise

    return tuple(totals)


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def _revenue(world: World, view: MonthToDate) -> Figures:
    this_month = revenue_by_day(world, view.store, view.month)
    previous = revenue_by_day(world, view.store, months_before(view.month, 1))
    month_to_date_paise = sum(this_month[: view.on.day])
    last_month_to_date_paise = sum(previous[: view.on.day])
    target = _target(world, view.store)
    whole_month_at_this_pace = month_to_date_paise * len(this_month) / view.on.day

    return {
        "prev_month_revenue": sum(previous) / 100,
        "target_revenue": target / 100,
        "lmt_d_revenue": last_month_to_date_paise / 100,
        "mtd_revenue": month_to_date_paise / 100,
        "ftd_revenue": this_month[view.on.day - 1] / 100,
        "tgt_vs_ach_pct": percent(month_to_date_paise, target),
        "growth_pct": percent(
            month_to_date_paise - last_month_to_date_paise,
            last_month_to_date_paise,
        ),
        "extrapolated_pct": percent(whole_month_at_this_pace, target),
    }


def _target(world: World, store: Store) -> int:
    """Paise, in whole lakh of rupees: a little more than such a store usually makes."""
    usual_paise = world.order_series(store).rate * 30 * 55_000
    return max(1, round(usual_paise / 10_000_000 + store.index % 3)) * 10_000_000


def _pickup(view: MonthToDate) -> Figures:
    values: Figures = {}

    groups = {
        "new": [pickup for pickup in view.pickups if pickup.is_new],
        "existing": [pickup for pickup in view.pickups if not pickup.is_new],
        "total": view.pickups,
    }
    for group, pickups in groups.items():
        converted = sum(is_converted(pickup, view.on) for pickup in pickups)
        values[f"pickup_{group}_count"] = len(pickups)
        values[f"pickup_{group}_conv_count"] = converted
        values[f"pickup_{group}_conv_pct"] = percent(converted, len(pickups))

    return values


def is_converted(pickup: Pickup, on: date) -> bool:
    return pickup.converted_on is not None and pickup.converted_on <= on


def _delivery(view: MonthToDate) -> Figures:
    delivered = []

    for order in view.due:
        if order.is_delivered(view.on):
            delivered.append(order)

    within_promise = sum(
        order.delivered_on is not None and order.delivered_on <= order.expected_on
        for order in delivered
    )

    undelivered = []

    for order in view.due:
        if not order.is_delivered(view.on):
            undelivered.append(order)

    return {
        "delivery_total_orders": len(view.due),
        "delivery_within_tat_count": within_promise,
        "delivery_tat_pct": percent(within_promise, len(view.due)),
        "delivery_total_delivered": len(delivered),
        "delivery_undel_over_10_days": sum(
            order.ordered_on < view.on - OLD_AFTER for order in undelivered
        ),
        "delivery_total_undelivered": len(undelivered),
    }


def _repeat(world: World, view: MonthToDate) -> Figures:
    base = len(world.cohort(view.store, view.on))
    came_back = Series(
        f"{world.seed}|{view.store.code}|repeat",
        COHORT_SIZE * view.store.size * 0.26 / 30,
    )
    orders = min(base, came_back.between(view.month, view.on))

    return {
        "repeat_customer_base_6m": base,
        "repeat_orders": orders,
        "repeat_total_base_pct": percent(orders, base),
    }


def _package(world: World, view: MonthToDate) -> Figures:
    sold = Series(f"{world.seed}|{view.store.code}|package", 0.3 * view.store.size)
    target = max(1, round(10 * view.store.size))
    new = sold.between(view.month, view.on)
    loose = non_package(view)

    return {
        "package_target": target,
        "package_new": new,
        "package_ftd": sold.between(view.on, view.on),
        "package_achievement_pct": percent(new, target),
        "package_overall": sold.between(date.min, view.on),
        "package_non_pkg_over_800": len(loose),
        "package_non_pkg_over_800_undelivered": sum(
            not order.is_delivered(view.on) for order in loose
        ),
    }


def non_package(view: MonthToDate) -> list[Order]:
    """Orders of the month outside a package and over 800 rupees."""
    found = []

    for order in view.placed:
        if not order.is_package:
            found.append(order)

    return found
