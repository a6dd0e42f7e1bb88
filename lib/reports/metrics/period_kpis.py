"""The seven KPIs over a week or a month of a store.

Rates are judged by the counts of exactly these days: the portal's percentages run from the 1st of
the month. What is no rate of a period (a backlog, and a share that grows with the month) is judged
by the last stored day.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib.domain.values import Value
from lib.reports.facts.model import StoredDay
from lib.reports.metrics import counters, kpis
from lib.reports.metrics.counters import Counter, Increment, Total
from lib.reports.metrics.kpis import Band, Better, Kpi

#: The counts of the rates that a period has of its own: `100 * first / second`.
RATES = {
    kpis.PICKUP_TOTAL: (Counter.CONVERTED, Counter.PICKUPS),
    kpis.PICKUP_NEW: (Counter.NEW_CONVERTED, Counter.NEW_PICKUPS),
    kpis.PICKUP_EXISTING: (Counter.EXISTING_CONVERTED, Counter.EXISTING_PICKUPS),
    kpis.TAT: (Counter.WITHIN_TAT, Counter.ORDERS_DUE),
}
#: A day with fewer is neither the best nor the worst: one order more would turn it.
LEAST_OF_A_DAY = 5

#: What each stored day of a store added, by counter.
Steps = Mapping[Counter, list[Increment]]


@dataclass(frozen=True)
class DayValue:
    """One value and the day it belongs to."""

    on: date
    value: Value


@dataclass(frozen=True)
class KpiFigures:
    """One KPI over a period."""

    kpi: Kpi
    #: What is judged: a rate of exactly these days, else the value of the last stored day.
    value: Value | None
    band: Band
    #: True if `value` is a rate of exactly these days.
    is_own_rate: bool
    #: Mean of the stored values, which run from the 1st of the month.
    average: Decimal | None = None
    #: Of the days' own rates where there are such, else of the stored values.
    best: DayValue | None = None
    worst: DayValue | None = None
    #: Of the first and the last stored day with a value.
    first: DayValue | None = None
    last: DayValue | None = None
    #: Orders of the month that a backlog was judged as a share of; None where it was not.
    share_of: Value | None = None


def of_days(
    days: Sequence[StoredDay],
    totals: Mapping[Counter, Total],
    steps: Steps,
) -> tuple[KpiFigures, ...]:
    """Return the KPIs in their order.

    `days` are the stored days of the period, oldest first, `totals` the counts of the period, and
    `steps` what each stored day added.
    """
    found = []

    for kpi in kpis.KPIS:
        found.append(_kpi(kpi, days, totals, steps))

    return tuple(found)


def rate(
    totals: Mapping[Counter, Total],
    part: Counter,
    whole: Counter,
) -> Decimal | None:
    """Return a rate in per cent of two counts of the same days; None where they are not known."""
    parts, wholes = totals[part], totals[whole]

    # Counts of different days make no rate.
    if parts.value is None or not wholes.value or parts.missing != wholes.missing:
        return None

    return Decimal(100 * parts.value) / Decimal(wholes.value)


def _kpi(
    kpi: Kpi,
    days: Sequence[StoredDay],
    totals: Mapping[Counter, Total],
    steps: Steps,
) -> KpiFigures:
    values: list[DayValue] = []
    last_day: StoredDay | None = None

    for day in days:
        value = day.metrics.get(kpi.metric)
        if value is not None:
            values.append(DayValue(day.on, value))
            last_day = day

    own_rate = rate(totals, *RATES[kpi]) if kpi in RATES else None
    compared = values
    judged: Value
    share_of: Value | None = None

    if own_rate is not None:
        compared = _rates_of_days(
            kpi,
            [day.on for day in days],
            steps,
        )

        judged, band = own_rate, kpi.band(own_rate)
    elif last_day is not None:
        reading = kpis.judge(
            kpi,
            values[-1].value,
            last_day.metrics,
            last_day.on,
        )

        judged, band = values[-1].value, reading.band
        share_of = reading.share_of
    else:
        return KpiFigures(kpi, value=None, band=Band.NO_DATA, is_own_rate=False)

    lowest = min(compared, key=_value, default=None)
    highest = max(compared, key=_value, default=None)
    best, worst = (highest, lowest) if kpi.better is Better.HIGHER else (lowest, highest)

    return KpiFigures(
        kpi=kpi,
        value=judged,
        band=band,
        is_own_rate=own_rate is not None,
        average=Decimal(sum(day.value for day in values)) / len(values) if values else None,
        best=best,
        worst=worst,
        first=values[0] if values else None,
        last=values[-1] if values else None,
        share_of=share_of,
    )


def _rates_of_days(
    kpi: Kpi,
    days: Sequence[date],
    steps: Steps,
) -> list[DayValue]:
    """Return the own rate of each day that counted enough."""
    part, whole = RATES[kpi]
    rates: list[DayValue] = []

    for on in days:
        parts = _added(steps, part, on)

        wholes = _added(steps, whole, on)

        if parts is not None and wholes is not None and wholes >= LEAST_OF_A_DAY:
            rates.append(DayValue(on, 100 * Decimal(parts) / Decimal(wholes)))

    return rates


def _added(
    steps: Steps,
    counter: Counter,
    on: date,
) -> Value | None:
    """Return what that day added; None where that is not known by itself."""
    step = counters.on_day(steps[counter], on)
    if step is None or step.corrected or step.days.first != step.days.last:
        return None

    return step.value


def _value(day: DayValue) -> Value:
    return day.value
