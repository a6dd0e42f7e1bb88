"""The pictures, the sentences and the lists of a week or month. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.dates import month_of
from lib.model import MetricKind, Pipeline
from lib.reports.explain import marks, money, period_money, period_tables, sums, terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.period_sources import LEADS, ORDERS, PeriodSources
from lib.reports.explain.terms import KINDS
from lib.reports.metrics import period_figures
from lib.reports.metrics.counters import Counter
from lib.reports.period.wording import WORDINGS
from lib.reports.view import chart_data

PICTURES, HEALTH, NOTES = "Pictures", "Health", "Notes"


def pictures(of: PeriodSources) -> Iterator[Figure]:
    """Yield the three pictures, by the words that state their figures."""
    month, first, second = of.context.charts
    is_weekly = of.context.calendar is WORDINGS[Pipeline.WEEKLY]

    yield money.month_picture(
        PICTURES,
        month,
        of.days,
        of.facts.days[-1].on,
    )

    by_day = list(_sales(of))

    # A week draws its days and their counts, a month its weeks and its days.
    if is_weekly:
        candidates = (by_day, list(_counts(of)))
    else:
        candidates = (list(_blocks(of)), [*by_day, *_target(of)])

    for chart, given in zip(
        (first, second),
        candidates,
        strict=True,
    ):
        yield terms.picture(PICTURES, chart, given)


def _sales(of: PeriodSources) -> Iterator[Term]:
    gaps = 0

    for day in of.now.days:
        text = formatting.figure(day.revenue, KINDS["ftd_revenue"])
        yield terms.dashboard(
            text,
            of.days,
            day.on,
            "ftd_revenue",
        )

        gaps += day.revenue is None

    yield period_money.missing_term(of, gaps)


def _counts(of: PeriodSources) -> Iterator[Term]:
    for counter in (Counter.PICKUPS, Counter.DELIVERIES):
        for day in of.now.days:
            step = day.pickups if counter is Counter.PICKUPS else day.deliveries
            # A step over several days is drawn as a gap: no day of it is known by itself.
            is_own = day.stored and step is not None and step.days.first == step.days.last

            if step is not None and is_own:
                yield terms.difference(
                    formatting.count(step.value),
                    of.days,
                    counter,
                    day.on,
                )
            else:
                reason = f"What {formatting.short_day(day.on)} added by itself is not known."
                yield Term(
                    formatting.NOTHING,
                    Rule.UNKNOWN,
                    (reason,),
                )


def _blocks(of: PeriodSources) -> Iterator[Term]:
    for number, period in enumerate(period_figures.blocks(of.period), 1):
        week = period_figures.of_store(of.facts, period)
        text = formatting.figure(week.revenue.value, MetricKind.MONEY)

        yield terms.limit(f"Week {number}", "Blocks of seven days from the 1st; the last is short.")
        yield sums.sold(text, of.days, period)


def _target(of: PeriodSources) -> Iterator[Term]:
    """Yield the share of a day in the month's target, at the period's end."""
    share = chart_data.daily_targets(of.facts.days, of.period)[of.period.last]
    if share is None:
        return

    month = month_of(of.period.last)
    shown = [
        day
        for day in of.facts.days
        if day.on in month and day.metrics.get("target_revenue") is not None
    ]

    stored = of.days.stored(shown[-1].on, "target_revenue")
    because = f"The month’s target, divided by its {month.length} days."  # noqa: RUF001

    yield Term(
        formatting.rupees(round(share)),
        Rule.TARGET,
        (because,),
        (stored,),
    )


def health(of: PeriodSources) -> Iterator[Figure]:
    """Yield the score and the sentences beside it."""
    score = of.context.health
    bands = [(row.label, row.band) for row in of.context.kpis]
    number = f"{score.score} of 100" if score.known else ""
    missing = len(of.now.missing)
    listed = ", ".join(map(formatting.short_day, of.now.missing))

    candidates = (
        *marks.health_terms(score, bands),
        Term(
            formatting.counted(missing, "day"),
            Rule.CALENDAR,
            (f"No dashboard is stored for {listed}.",),
        ),
    )

    printed = (
        number,
        str(score.label),
        *of.context.narrative,
    )

    label = f"{of.context.calendar.adjective} overall health"
    yield terms.figure(HEALTH, label, printed, candidates)


def sentences(of: PeriodSources) -> Iterator[Figure]:
    """Yield what went well and where value was lost."""
    headings = of.context.calendar.insight_headings
    found = (of.context.insights.highlights, of.context.insights.risks)

    # The third heading is that of what to do, which is explained with the actions.
    columns = zip(headings, found, strict=False)

    for heading, texts in columns:
        for number, text in enumerate(texts, 1):
            candidates = list(_sentence_terms(text, of))
            yield terms.figure(
                heading,
                f"{heading}, {number}",
                (text,),
                candidates,
            )


def _sentence_terms(text: str, of: PeriodSources) -> Iterator[Term]:
    for row in of.now.kpis:
        if text.startswith(f"{row.kpi.label}:"):
            yield from period_tables.kpi_terms(of, row)
            return

    revenue = formatting.short_rupees(of.now.revenue.value)

    # By their first words: the sentences are made as texts, and a text keeps no source.
    if text.startswith("Best day"):
        yield from period_tables.peak_terms(of)
    elif text.startswith("Revenue"):
        yield sums.sold(
            revenue,
            of.days,
            of.period,
        )
        yield from period_money.revenue_change(of)
    else:
        yield from period_money.count_terms(of, Counter.NEW_PICKUPS)
        yield from _open_terms(of)


def _open_terms(of: PeriodSources) -> Iterator[Term]:
    yield from period_money.undelivered_terms(of)
    leads = formatting.counted(len(of.context.missed_leads_rows), "lead")
    yield terms.rows(leads, LEADS, "Rows of the list that are no order.")


def notes(of: PeriodSources) -> Iterator[Figure]:
    """Yield what the page says about its own figures."""
    for number, text in enumerate(of.context.notes, 1):
        candidates = (period_tables.revenue_check(of),)
        yield terms.figure(
            NOTES,
            f"Note {number}",
            (text,),
            candidates,
        )


def lists(of: PeriodSources) -> Iterator[Figure]:
    """Yield how many rows the lists have, and what they are worth."""
    context = of.context
    orders = formatting.counted(len(context.undelivered_orders_rows), "order")
    total = formatting.rupees_and_paise(context.undelivered_net_amount)
    leads = formatting.counted(len(context.missed_leads_rows), "lead")
    last = formatting.day(of.period.last)

    yield terms.figure(
        "Undelivered Orders",
        "Undelivered Orders",
        (orders, total if context.undelivered_orders_rows else ""),
        (
            terms.rows(orders, ORDERS, f"Rows that were not delivered by {last}."),
            terms.rows(total, ORDERS, "The net amounts of these rows, as far as known, added."),
        ),
    )

    because = f"Rows that were no order by {last}."
    yield terms.figure(
        "Missed Leads",
        "Missed Leads",
        (leads,),
        (terms.rows(leads, LEADS, because),),
    )
