"""The tables of a week or month: KPIs, totals, day by day, week by week. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lib import formatting
from lib.dates import Period
from lib.domain.values import known, mean
from lib.model import Pipeline
from lib.reports.explain import marks, period_money, sums, terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.period_sources import LEADS, PeriodSources
from lib.reports.metrics import kpis, period_figures
from lib.reports.metrics.counters import Counter, Increment
from lib.reports.metrics.period_figures import DayFigures, PeriodFigures
from lib.reports.metrics.period_kpis import RATES, KpiFigures
from lib.reports.period.wording import WORDINGS, span

KPIS, TOTALS = "KPIs", "Totals"
BY_DAY, BY_WEEK, BY_WEEKDAY = "Day by day", "Week by week", "Average by day of the week"
#: Counters of the rows of the totals, by their place.
COUNTED = (
    Counter.PICKUPS,
    Counter.DELIVERIES,
    Counter.NEW_PICKUPS,
    Counter.REPEAT_ORDERS,
    Counter.HIGH_VALUE,
)


def key_performance(of: PeriodSources) -> Iterator[Figure]:
    """Yield a figure for each KPI."""
    for row, printed in zip(of.now.kpis, of.context.kpis, strict=True):
        texts = (
            printed.basis,
            printed.value,
            printed.best,
            printed.worst,
            str(printed.band),
        )

        yield terms.figure(
            KPIS,
            printed.label,
            texts,
            kpi_terms(of, row),
        )


def kpi_terms(of: PeriodSources, row: KpiFigures) -> Iterator[Term]:
    """Yield what texts about one KPI of the period may print."""
    kpi = row.kpi
    text = formatting.average(row.value, kpi.kind)

    # Three ways in which a KPI of a period comes about: not at all, from its own counts, or as the
    # dashboard of the last day showed it.
    if row.value is None or row.last is None:
        days = [day.on for day in of.now.days]
        yield sums.mean_of(
            text,
            of.days,
            kpi.metric,
            days,
        )
    elif row.is_own_rate:
        yield sums.rate(
            text,
            of.days,
            *RATES[kpi],
            of.period,
        )
    else:
        yield terms.dashboard(
            text,
            of.days,
            row.last.on,
            kpi.metric,
        )

    yield _band(row)
    yield from _day_terms(of, row)
    yield from _basis_terms(of, row)
    yield terms.OVER_10_DAYS


def _band(row: KpiFigures) -> Term:
    scale = Decimal(1)

    # The reading of the last day says by what it was judged.
    if row.last is not None and not row.is_own_rate:
        judged = kpis.judge(row.kpi, row.value, {}, row.last.on)
        scale = judged.scale

    return marks.band_term(
        row.kpi,
        row.band,
        row.value,
        row.share_of,
        scale,
    )


def _day_terms(of: PeriodSources, row: KpiFigures) -> Iterator[Term]:
    """Yield the best and the worst day."""
    if row.best is None or row.worst is None:
        because = "No day of the period counted enough, or none is known by itself."
        yield Term(formatting.NOTHING, Rule.UNKNOWN, (because,))

    for day in filter(None, (row.best, row.worst)):
        text = formatting.average(day.value, row.kpi.kind)

        if row.is_own_rate:
            yield sums.rate(
                text,
                of.days,
                *RATES[row.kpi],
                Period(day.on, day.on),
            )
        else:
            yield sums.best(
                text,
                of.days,
                row.kpi.metric,
                day.on,
                of.period,
            )


def _basis_terms(of: PeriodSources, row: KpiFigures) -> Iterator[Term]:
    kind, metric = row.kpi.kind, row.kpi.metric
    # The mean is small print: it is of running percentages, which the rate is not.
    stored = [day.on for day in of.days.days if day.on in of.period]
    average = formatting.average(row.average, kind)

    yield sums.mean_of(f"average {average}", of.days, metric, stored)

    if row.first is not None:
        first = formatting.average(row.first.value, kind)
        yield terms.dashboard(first, of.days, row.first.on, metric)

    if row.share_of is not None and row.value is not None and row.last is not None:
        share = (100 * Decimal(row.value) / Decimal(row.share_of)).quantize(Decimal("0.1"))
        orders = formatting.count(round(row.share_of))

        yield terms.share(
            f"{share}%",
            formatting.count(row.value),
            orders,
        )

        yield terms.dashboard(
            orders,
            of.days,
            row.last.on,
            "delivery_total_orders",
        )


def totals(of: PeriodSources) -> Iterator[Figure]:
    """Yield the totals of the period."""
    # The rows have no names of their own; their order is that of the page.
    leads, *counted, average, peak = of.context.totals

    yield terms.figure(
        TOTALS,
        leads[0],
        (leads[1],),
        (leads_term(leads[1], of.now.leads),),
    )

    for (label, text), counter in zip(counted, COUNTED, strict=True):
        yield terms.figure(
            TOTALS,
            label,
            (text,),
            period_money.count_terms(of, counter),
        )

    on_days = list(of.period.days())
    mean_sale = sums.mean_of(
        average[1],
        of.days,
        "ftd_revenue",
        on_days,
    )

    yield terms.figure(
        TOTALS,
        average[0],
        (average[1],),
        (mean_sale,),
    )

    yield terms.figure(
        TOTALS,
        peak[0],
        (peak[1],),
        peak_terms(of),
    )


def peak_terms(of: PeriodSources) -> Iterator[Term]:
    """Yield the day with the highest sale."""
    peak = of.now.peak

    if peak is None:
        yield sums.sold(
            formatting.NOTHING,
            of.days,
            of.period,
        )
    else:
        text = formatting.short_rupees(peak.value)
        yield sums.best(
            text,
            of.days,
            "ftd_revenue",
            peak.on,
            of.period,
        )


def leads_term(text: str, value: int | None) -> Term:
    """Return a number of leads, by the day that the pickup was agreed for."""
    if value is None:
        reason = "No export that could have them was read."
        return Term(
            text,
            Rule.UNKNOWN,
            (reason,),
            lists=(LEADS,),
        )

    return terms.rows(text, LEADS, "Rows of the list by the day of the pickup, open or not.")


def blocks(of: PeriodSources) -> Iterator[Figure]:
    """Yield the days of a week, or the weeks of a month."""
    if of.context.calendar is WORDINGS[Pipeline.WEEKLY]:
        for day, row in zip(of.now.days, of.context.blocks, strict=True):
            yield terms.figure(
                BY_DAY,
                row.label,
                row.cells,
                _of_day(of, day),
            )

        return

    for period, row in zip(
        period_figures.blocks(of.period),
        of.context.blocks,
        strict=True,
    ):
        week = period_figures.of_store(of.facts, period)
        yield terms.figure(
            BY_WEEK,
            row.label,
            row.cells,
            _of_block(of, week),
        )


def _of_day(of: PeriodSources, day: DayFigures) -> Iterator[Term]:
    yield leads_term(formatting.count(day.leads), day.leads)

    for counter, step in ((Counter.PICKUPS, day.pickups), (Counter.DELIVERIES, day.deliveries)):
        if step is not None:
            yield terms.difference(
                _printed(step),
                of.days,
                counter,
                day.on,
            )

    yield terms.dashboard(
        formatting.short_rupees(day.revenue),
        of.days,
        day.on,
        "ftd_revenue",
    )


def _printed(step: Increment) -> str:
    text = formatting.count(step.value)

    # A step over days that were not stored names them.
    return text if step.days.first == step.days.last else f"{text} ({span(step.days)})"


def _of_block(of: PeriodSources, week: PeriodFigures) -> Iterator[Term]:
    period = week.period

    yield sums.sold(
        formatting.short_rupees(week.revenue.value),
        of.days,
        period,
    )

    for counter in (Counter.PICKUPS, Counter.DELIVERIES):
        text = formatting.count(week.totals[counter].value)
        yield sums.added(text, of.days, counter, period)

    rates = (
        (week.conversion, Counter.CONVERTED, Counter.PICKUPS),
        (week.tat, Counter.WITHIN_TAT, Counter.ORDERS_DUE),
    )

    for value, part, whole in rates:
        yield rate_term(
            of,
            formatting.percent(value),
            part,
            whole,
            period,
        )


def rate_term(
    of: PeriodSources,
    text: str,
    part: Counter,
    whole: Counter,
    period: Period,
) -> Term:
    """Return a rate, or why there is none."""
    if text == formatting.NOTHING:
        reason = "Counts of different days, or of nothing, make no rate."
        return Term(text, Rule.UNKNOWN, (reason,))

    return sums.rate(
        text,
        of.days,
        part,
        whole,
        period,
    )


def weekdays(of: PeriodSources) -> Iterator[Figure]:
    """Yield the means by day of the week."""
    for weekday, row in enumerate(of.context.weekdays):
        same = [day for day in of.now.days if day.on.weekday() == weekday]
        revenue, leads = row.cells
        mean_leads = mean(known(day.leads for day in same))
        # Only whether it is known matters: the text is printed already.
        value = None if mean_leads is None else 1

        candidates = (
            sums.mean_of(
                revenue,
                of.days,
                "ftd_revenue",
                [day.on for day in same],
            ),
            leads_term(leads, value),
        )

        yield terms.figure(
            BY_WEEKDAY,
            row.label,
            row.cells,
            candidates,
        )


def revenue_check(of: PeriodSources) -> Term:
    """Return the sale by the counter of the month, which a note states where it differs."""
    total = of.now.totals[Counter.REVENUE].value

    return sums.added(
        formatting.rupees(total),
        of.days,
        Counter.REVENUE,
        of.period,
    )
