"""The figures of a week or a month, of one store or of all: sums of days, never of counters.

Source: docs/reference/domain.md#period-figures, #weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lib.dates import DAY, Period
from lib.reports.facts.model import PeriodFacts, StoredDay, Value
from lib.reports.metrics import counters, kpis, store_average
from lib.reports.metrics.counters import Counter, Increment, Total
from lib.reports.metrics.kpis import Band, Better, Health, Kpi, Reading


@dataclass(frozen=True)
class DayValue:
    """One value and the day it belongs to."""

    on: date
    value: Value


@dataclass(frozen=True)
class DayFigures:
    """One day of a period; what is None is a gap."""

    on: date
    #: Whether a dashboard of this day is stored (for several stores: of each of them).
    stored: bool
    leads: int
    revenue: Value | None
    pickups: Increment | None
    deliveries: Increment | None


@dataclass(frozen=True)
class KpiFigures:
    """One KPI over a period."""

    kpi: Kpi
    #: Mean of the stored values; they run from the 1st of the month, so this is not the period's
    #: own rate.
    average: Decimal | None
    best: DayValue | None
    worst: DayValue | None
    #: Of the unrounded average.
    band: Band


@dataclass(frozen=True)
class PeriodFigures:
    """All numbers of a report."""

    period: Period
    #: One for each day of the period.
    days: tuple[DayFigures, ...]
    leads: int
    #: Sum of the days' own revenues.
    revenue: Total
    totals: Mapping[Counter, Total]
    kpis: tuple[KpiFigures, ...]
    #: How many stores these are the figures of.
    stores: int = 1

    @property
    def health(self) -> Health:
        """Return the averages judged as a day's values are judged."""
        readings = [Reading(row.kpi, row.average, row.band) for row in self.kpis]

        return kpis.overall_health(readings)

    @property
    def missing(self) -> tuple[date, ...]:
        """Return the days without a stored dashboard, of several stores those that any of them lacks."""
        return tuple(day.on for day in self.days if not day.stored)

    @property
    def revenue_a_day(self) -> Decimal | None:
        """Return the mean revenue of the days that have one."""
        known = [day.revenue for day in self.days if day.revenue is not None]

        return Decimal(sum(known)) / len(known) if known else None

    @property
    def peak(self) -> DayValue | None:
        """Return the first of the days with the highest revenue."""
        highest: DayValue | None = None

        for day in self.days:
            if day.revenue is None:
                continue

            if highest is None or day.revenue > highest.value:
                highest = DayValue(day.on, day.revenue)

        return highest

    @property
    def conversion(self) -> Decimal | None:
        """Return the period's own rate in per cent: orders of pickups, both counted in it."""
        return self._rate(Counter.CONVERTED, Counter.PICKUPS)

    @property
    def tat(self) -> Decimal | None:
        """Return the period's own rate in per cent: deliveries on time of orders due."""
        return self._rate(Counter.WITHIN_TAT, Counter.ORDERS_DUE)

    def _rate(self, part: Counter, whole: Counter) -> Decimal | None:
        parts, wholes = self.totals[part], self.totals[whole]

        # Counts of different days make no rate.
        if parts.value is None or not wholes.value or parts.missing != wholes.missing:
            return None

        return Decimal(100 * parts.value) / Decimal(wholes.value)


def of_store(facts: PeriodFacts, period: Period) -> PeriodFigures:
    """Return the store's figures of `period`.

    `facts` must have the store's days from the 1st of the month of the period's first day.
    """
    steps = {counter: counters.increments(facts.days, counter) for counter in Counter}
    totals = {counter: counters.total(steps[counter], period) for counter in Counter}

    stored = {day.on: day for day in facts.days if day.on in period}
    days: list[DayFigures] = []

    for on in period.days():
        dashboard = stored.get(on)
        days.append(
            DayFigures(
                on=on,
                stored=dashboard is not None,
                leads=facts.leads.get(on, 0),
                revenue=dashboard.metrics.get("ftd_revenue") if dashboard else None,
                pickups=counters.on_day(steps[Counter.PICKUPS], on),
                deliveries=counters.on_day(steps[Counter.DELIVERIES], on),
            )
        )

    return PeriodFigures(
        period=period,
        days=tuple(days),
        leads=sum(day.leads for day in days),
        revenue=_revenue(days),
        totals=totals,
        kpis=_kpis(stored.values()),
    )


def of_all(facts: Sequence[PeriodFacts], period: Period) -> PeriodFigures:
    """Return the figures of at least one store together.

    Counts are sums over the stores, rates come from the summed counts.
    """
    each = [of_store(store, period) for store in facts]

    # One tuple a day, with that day of every store.
    by_day = zip(*(figures.days for figures in each), strict=True)
    totals: dict[Counter, Total] = {}

    for counter in Counter:
        totals[counter] = _sum_of_totals([figures.totals[counter] for figures in each])

    average_days = store_average.average_store([store.days for store in facts], period)

    return PeriodFigures(
        period=period,
        days=tuple(_sum_of_days(same_day) for same_day in by_day),
        leads=sum(figures.leads for figures in each),
        revenue=_sum_of_totals([figures.revenue for figures in each]),
        totals=totals,
        kpis=_kpis(average_days),
        stores=len(facts),
    )


def blocks(month: Period) -> list[Period]:
    """Return blocks of 7 days from the 1st; the last one is short."""
    found: list[Period] = []
    first = month.first

    while first <= month.last:
        last = min(first + timedelta(days=6), month.last)
        found.append(Period(first, last))
        first = last + DAY

    return found


def _revenue(days: Sequence[DayFigures]) -> Total:
    known = [day.revenue for day in days if day.revenue is not None]
    missing = tuple(day.on for day in days if day.revenue is None)

    return Total(sum(known) if known else None, missing, ())


def _kpis(days: Iterable[StoredDay]) -> tuple[KpiFigures, ...]:
    stored = list(days)
    return tuple(_kpi(kpi, stored) for kpi in kpis.KPIS)


def _kpi(kpi: Kpi, days: Sequence[StoredDay]) -> KpiFigures:
    values: list[DayValue] = []

    for day in days:
        value = day.metrics.get(kpi.metric)
        if value is not None:
            values.append(DayValue(day.on, value))

    if not values:
        return KpiFigures(kpi, None, None, None, Band.NO_DATA)

    average = Decimal(sum(day.value for day in values)) / len(values)
    lowest = min(values, key=_value)
    highest = max(values, key=_value)
    best, worst = (highest, lowest) if kpi.better is Better.HIGHER else (lowest, highest)

    return KpiFigures(kpi, average, best, worst, kpi.band(average))


def _value(day: DayValue) -> Value:
    return day.value


def _sum_of_days(same_day: Sequence[DayFigures]) -> DayFigures:
    """Return one day of several stores together."""
    return DayFigures(
        on=same_day[0].on,
        stored=all(day.stored for day in same_day),
        leads=sum(day.leads for day in same_day),
        revenue=_sum([day.revenue for day in same_day]),
        pickups=_sum_of_increments([day.pickups for day in same_day]),
        deliveries=_sum_of_increments([day.deliveries for day in same_day]),
    )


def _sum_of_increments(steps: Sequence[Increment | None]) -> Increment | None:
    """Return what several stores added on one day; it covers what any of them covers."""
    known = [step for step in steps if step]
    if not known:
        return None

    first = min(step.days.first for step in known)
    value = sum(step.value for step in known)
    corrected = any(step.corrected for step in known)

    return Increment(Period(first, known[0].days.last), value, corrected)


def _sum_of_totals(totals: Sequence[Total]) -> Total:
    """Return the total of several stores; a day that one of them lacks is missing."""
    missing: set[date] = set()
    corrected: set[date] = set()

    for total in totals:
        missing.update(total.missing)
        corrected.update(total.corrected)

    return Total(
        value=_sum([total.value for total in totals]),
        missing=tuple(sorted(missing)),
        corrected=tuple(sorted(corrected)),
    )


def _sum(values: Sequence[Value | None]) -> Value | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
