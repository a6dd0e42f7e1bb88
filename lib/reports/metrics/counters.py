"""From counters that run from the 1st of a month to what each day added.

Source: docs/reference/domain.md#month-to-date-counters, #period-figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lib.dates import DAY, Period
from lib.domain.headline import Count
from lib.domain.values import Value
from lib.reports.facts.model import StoredDay


class Counter(StrEnum):
    """Metrics that count from the 1st of the month, by column of `store_dashboard_summary`."""

    PICKUPS = "pickup_total_count"
    CONVERTED = "pickup_total_conv_count"
    DELIVERIES = "delivery_total_delivered"
    ORDERS_DUE = "delivery_total_orders"
    WITHIN_TAT = "delivery_within_tat_count"
    NEW_PICKUPS = "pickup_new_count"
    NEW_CONVERTED = "pickup_new_conv_count"
    EXISTING_PICKUPS = "pickup_existing_count"
    EXISTING_CONVERTED = "pickup_existing_conv_count"
    REPEAT_ORDERS = "repeat_orders"
    HIGH_VALUE = "package_non_pkg_over_800"
    #: Only to check the sum of the days' own revenues.
    REVENUE = "mtd_revenue"


#: What weekly, monthly and combined pages count, and a daily among others.
COUNTERS: Mapping[Count, Counter] = {
    Count.PICKUPS: Counter.PICKUPS,
    Count.DELIVERIES: Counter.DELIVERIES,
    Count.NEW_CUSTOMERS: Counter.NEW_PICKUPS,
    Count.REPEAT_ORDERS: Counter.REPEAT_ORDERS,
}


@dataclass(frozen=True)
class Increment:
    """What one stored day added to a counter."""

    #: What the value covers: more than its last day when days before that one are missing.
    days: Period
    #: Never negative.
    value: Value
    #: The portal took something back: the fall counts as 0.
    corrected: bool = False


@dataclass(frozen=True)
class Total:
    """What the days of a period added to a counter."""

    #: None when no day of the period has a value of its own.
    value: Value | None
    #: Days of the period that the value does not cover.
    missing: tuple[date, ...]
    #: Days on which the portal took something back.
    corrected: tuple[date, ...]


def increments(
    days: Iterable[StoredDay],
    counter: Counter,
) -> list[Increment]:
    """Return what each stored day added, oldest first; `days` are those of one store, oldest first.

    A day without a value is a gap: the next value covers both days and is not split. The first
    value of a month counts from its 1st, so no difference reaches over a month's end.
    """
    steps: list[Increment] = []
    before_on: date | None = None
    before: Value = 0

    for day in days:
        value = day.metrics.get(counter)
        if value is None:
            continue

        first = day.on.replace(day=1)
        if before_on is None or before_on < first:
            before_on, before = first - DAY, 0

        difference = value - before
        covered = Period(before_on + DAY, day.on)
        steps.append(
            Increment(
                covered,
                max(difference, 0),
                corrected=difference < 0,
            )
        )

        before_on, before = day.on, value

    return steps


def total(
    steps: Sequence[Increment],
    period: Period,
) -> Total:
    """Return the sum of the differences that lie inside the period.

    One that also covers days before the period cannot be split and is left out.
    """
    inside = [step for step in steps if step.days.first in period and step.days.last in period]

    covered: set[date] = set()

    for step in inside:
        covered.update(step.days.days())

    return Total(
        value=sum(step.value for step in inside) if inside else None,
        missing=tuple(day for day in period.days() if day not in covered),
        corrected=tuple(step.days.last for step in inside if step.corrected),
    )


def on_day(
    steps: Sequence[Increment],
    on: date,
) -> Increment | None:
    """Return what was read on that day, whatever days it covers."""
    return next((step for step in steps if step.days.last == on), None)


def alone_on(
    steps: Sequence[Increment],
    days: Iterable[date],
) -> list[Value]:
    """Return what each of `days` added on its own; a day without such a value is left out."""
    values: list[Value] = []

    for on in days:
        step = on_day(steps, on)
        if step and step.days.first == step.days.last and not step.corrected:
            values.append(step.value)

    return values
