"""The figures of a week or a month, of one store or of all: sums of days, never of counters.

Source: docs/reference/domain.md#period-figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lib.dates import Period
from lib.reports.facts.model import PeriodFacts, StoredDay
from lib.reports.metrics import counters, kpis, store_average
from lib.reports.metrics.counters import Added, Counter, Total
from lib.reports.metrics.kpis import Band, Better, Health, Kpi, Reading, Value


@dataclass(frozen=True)
class DayValue:
    """One value and the day it belongs to."""

    on: date
    value: Value


@dataclass(frozen=True)
class DayFigures:
    """One day of a period; what is None is a gap."""

    on: date
    #: Was a dashboard of this day stored (for several stores: of each of them).
    stored: bool
    leads: int
    revenue: Value | None
    pickups: Added | None
    deliveries: Added | None


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
        """Judge the averages as a day's values are judged."""
        return kpis.overall_health(
            [Reading(each.kpi, each.average, each.band) for each in self.kpis]
        )

    @property
    def missing(self) -> tuple[date, ...]:
        """Days without a stored dashboard, of several stores those that any of them lacks."""
        return tuple(day.on for day in self.days if not day.stored)

    @property
    def revenue_a_day(self) -> Decimal | None:
        """Mean revenue of the days that have one."""
        known = [day.revenue for day in self.days if day.revenue is not None]
        return Decimal(sum(known)) / len(known) if known else None

    @property
    def peak(self) -> DayValue | None:
        """The first of the days with the highest revenue."""
        known = [DayValue(day.on, day.revenue) for day in self.days if day.revenue is not None]
        return max(known, key=lambda day: day.value, default=None)

    @property
    def conversion(self) -> Decimal | None:
        """The period's own rate in per cent: orders of pickups, both counted in it."""
        return self._rate(Counter.CONVERTED, Counter.PICKUPS)

    @property
    def tat(self) -> Decimal | None:
        """The period's own rate in per cent: deliveries on time of orders due."""
        return self._rate(Counter.WITHIN_TAT, Counter.ORDERS_DUE)

    def _rate(self, part: Counter, whole: Counter) -> Decimal | None:
        parts, wholes = self.totals[part], self.totals[whole]
        if parts.value is None or not wholes.value or parts.missing != wholes.missing:
            return None

        return Decimal(100 * parts.value) / Decimal(wholes.value)


def of_store(facts: PeriodFacts, period: Period) -> PeriodFigures:
    """Return the store's figures of `period`, which `facts` must cover from the 1st of the month of its first day."""
    steps = {counter: counters.added(facts.days, counter) for counter in Counter}
    stored = {day.on: day for day in facts.days if day.on in period}
    days = tuple(_day(on, stored.get(on), facts.leads.get(on, 0), steps) for on in period.days())

    return PeriodFigures(
        period=period,
        days=days,
        leads=sum(day.leads for day in days),
        revenue=_revenue(days),
        totals={counter: counters.total(steps[counter], period) for counter in Counter},
        kpis=_kpis(stored.values()),
    )


def of_all(facts: Sequence[PeriodFacts], period: Period) -> PeriodFigures:
    """Return the figures of at least one store together: sums of the stores' days, rates from the summed counts."""
    each = [of_store(store, period) for store in facts]
    days = tuple(_together([figures.days[n] for figures in each]) for n in range(len(each[0].days)))

    return PeriodFigures(
        period=period,
        days=days,
        leads=sum(figures.leads for figures in each),
        revenue=_totals([figures.revenue for figures in each]),
        totals={
            counter: _totals([figures.totals[counter] for figures in each]) for counter in Counter
        },
        kpis=_kpis(store_average.average_store([store.days for store in facts], period)),
        stores=len(facts),
    )


def blocks(month: Period) -> list[Period]:
    """Return blocks of 7 days from the 1st; the last one is short.

    Source: docs/reference/domain.md#monthly-report.
    """
    starts = [day for day in month.days() if (day - month.first).days % 7 == 0]
    return [Period(first, min(first + timedelta(days=6), month.last)) for first in starts]


def _day(
    on: date, stored: StoredDay | None, leads: int, steps: Mapping[Counter, list[Added]]
) -> DayFigures:
    return DayFigures(
        on=on,
        stored=stored is not None,
        leads=leads,
        revenue=stored.metrics.get("ftd_revenue") if stored else None,
        pickups=counters.on_day(steps[Counter.PICKUPS], on),
        deliveries=counters.on_day(steps[Counter.DELIVERIES], on),
    )


def _revenue(days: Sequence[DayFigures]) -> Total:
    known = [day.revenue for day in days if day.revenue is not None]
    missing = tuple(day.on for day in days if day.revenue is None)

    return Total(sum(known) if known else None, missing, ())


def _kpis(days: Iterable[StoredDay]) -> tuple[KpiFigures, ...]:
    stored = list(days)
    return tuple(_kpi(kpi, stored) for kpi in kpis.KPIS)


def _kpi(kpi: Kpi, days: Sequence[StoredDay]) -> KpiFigures:
    values = [
        DayValue(day.on, value)
        for day in days
        if (value := day.metrics.get(kpi.metric)) is not None
    ]
    if not values:
        return KpiFigures(kpi, None, None, None, Band.NO_DATA)

    average = Decimal(sum(day.value for day in values)) / len(values)
    low, high = min(values, key=lambda day: day.value), max(values, key=lambda day: day.value)
    best, worst = (high, low) if kpi.better is Better.HIGHER else (low, high)

    return KpiFigures(kpi, average, best, worst, kpi.band(average))


def _together(days: Sequence[DayFigures]) -> DayFigures:
    return DayFigures(
        on=days[0].on,
        stored=all(day.stored for day in days),
        leads=sum(day.leads for day in days),
        revenue=_sum([day.revenue for day in days]),
        pickups=_joined([day.pickups for day in days]),
        deliveries=_joined([day.deliveries for day in days]),
    )


def _joined(steps: Sequence[Added | None]) -> Added | None:
    known = [step for step in steps if step]
    if not known:
        return None

    days = Period(min(step.days.first for step in known), known[0].days.last)
    return Added(days, sum(step.value for step in known), any(step.corrected for step in known))


def _totals(totals: Sequence[Total]) -> Total:
    return Total(
        value=_sum([total.value for total in totals]),
        missing=tuple(sorted({day for total in totals for day in total.missing})),
        corrected=tuple(sorted({day for total in totals for day in total.corrected})),
    )


def _sum(values: Sequence[Value | None]) -> Value | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
