"""The figures of a week or a month of a store: sums of days, never of counters.

Source: docs/reference/domain.md#period-figures, #weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lib.dates import DAY, Period
from lib.domain.values import Value, known, mean, sum_of_known
from lib.model import Bucket
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import counters, kpis, period_kpis
from lib.reports.metrics.counters import Counter, Increment, Total
from lib.reports.metrics.kpis import Health
from lib.reports.metrics.period_kpis import DayValue, KpiFigures, rate


@dataclass(frozen=True)
class DayFigures:
    """One day of a period; what is None is a gap."""

    on: date
    #: Whether a dashboard of this day is stored.
    stored: bool
    #: None where the export of that day was not read.
    leads: int | None
    revenue: Value | None
    pickups: Increment | None
    deliveries: Increment | None


@dataclass(frozen=True)
class PeriodFigures:
    """All numbers of a report."""

    period: Period
    #: One for each day of the period.
    days: tuple[DayFigures, ...]
    #: None where the export of any day was not read.
    leads: int | None
    #: Sum of the days' own revenues.
    revenue: Total
    totals: Mapping[Counter, Total]
    kpis: tuple[KpiFigures, ...]

    @property
    def health(self) -> Health:
        """Return the KPIs of the period as a whole, scored as those of a day."""
        return kpis.overall_health([row.band for row in self.kpis])

    @property
    def missing(self) -> tuple[date, ...]:
        """Return the days without a dashboard."""
        found = []

        for day in self.days:
            if not day.stored:
                found.append(day.on)

        return tuple(found)

    @property
    def revenue_a_day(self) -> Decimal | None:
        """Return the mean revenue of the days that have one."""
        return mean(known(day.revenue for day in self.days))

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
        return rate(self.totals, Counter.CONVERTED, Counter.PICKUPS)

    @property
    def tat(self) -> Decimal | None:
        """Return the period's own rate in per cent: deliveries on time of orders due."""
        return rate(self.totals, Counter.WITHIN_TAT, Counter.ORDERS_DUE)


def of_store(facts: PeriodFacts, period: Period) -> PeriodFigures:
    """Return the store's figures of `period`.

    `facts` must have the store's days from the 1st of the month of the period's first day.
    """
    steps = _steps(facts)
    totals = {}

    for counter in Counter:
        totals[counter] = counters.total(steps[counter], period)

    stored = {}

    for day in facts.days:
        if day.on in period:
            stored[day.on] = day

    days: list[DayFigures] = []

    for on in period.days():
        dashboard = stored.get(on)
        days.append(
            DayFigures(
                on=on,
                stored=dashboard is not None,
                leads=_leads(facts, on),
                revenue=dashboard.metrics.get("ftd_revenue") if dashboard else None,
                pickups=counters.on_day(steps[Counter.PICKUPS], on),
                deliveries=counters.on_day(steps[Counter.DELIVERIES], on),
            )
        )

    return PeriodFigures(
        period=period,
        days=tuple(days),
        leads=_sum_of_all([day.leads for day in days]),
        revenue=_revenue(days),
        totals=totals,
        kpis=period_kpis.of_days(
            list(stored.values()),
            totals,
            steps,
        ),
    )


def _steps(facts: PeriodFacts) -> dict[Counter, list[Increment]]:
    """Return what each stored day added to each counter."""
    found = {}

    for counter in Counter:
        found[counter] = counters.increments(facts.days, counter)

    return found


def _leads(
    facts: PeriodFacts,
    on: date,
) -> int | None:
    """Return the leads of that day; None where no export that could have had them was read."""
    last_export_on = facts.older_lists.get(Bucket.MISSED_LEADS)

    if last_export_on is not None and on > last_export_on:
        return None

    if Bucket.MISSED_LEADS in facts.unread_lists:
        return None

    return facts.leads.get(on, 0)


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
    missing = tuple(day.on for day in days if day.revenue is None)

    return Total(
        sum_of_known(day.revenue for day in days),
        missing,
        (),
    )


def _sum_of_all(values: Sequence[int | None]) -> int | None:
    """Return the sum; None where one of them is not known."""
    found = known(values)

    return sum(found) if len(found) == len(values) else None
