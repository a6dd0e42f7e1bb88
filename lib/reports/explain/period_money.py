"""The three amounts of a week or month, what to do, and what was counted. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.domain.headline import LONG_LATE_DAYS
from lib.domain.values import Value
from lib.reports.explain import money, sums, terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.period_sources import LEADS, ORDERS, PeriodSources
from lib.reports.metrics import kpis
from lib.reports.metrics.counters import COUNTERS, Counter
from lib.reports.period import insights
from lib.reports.view.action_lists import long_late, total_net_amount
from lib.reports.view.actions import late_order_text
from lib.reports.view.key_figures import change_text

SECTION, COUNTS = "Key figures", "Counts"


def key_figures(of: PeriodSources) -> Iterator[Figure]:
    """Yield the three amounts."""
    sale, month, undelivered = of.context.key_figures
    given = (
        (sale, sale_terms(of)),
        (month, money.month_terms(of.context.headline.month, of.days)),
        (undelivered, undelivered_terms(of)),
    )

    for tile, candidates in given:
        yield terms.figure(
            SECTION,
            tile.label,
            (tile.value, *tile.lines),
            candidates,
        )


def sale_terms(of: PeriodSources) -> Iterator[Term]:
    """Yield what texts about the sale of the period may print."""
    sale = of.context.headline.sale
    short = formatting.short_rupees
    missing = sale.of_days - sale.days

    yield sums.sold(
        short(sale.value),
        of.days,
        of.period,
    )

    yield missing_term(of, missing)

    if sale.before is not None:
        yield sums.sold(
            short(sale.before),
            of.days,
            of.then.period,
        )

        yield sums.moved(
            change_text(sale.value, sale.before),
            sale.value,
            sale.before,
        )

    # Any day may be the one that a text calls the best.
    for day in of.now.days:
        if day.revenue is not None:
            yield sums.best(
                short(day.revenue),
                of.days,
                "ftd_revenue",
                day.on,
                of.period,
            )


def missing_term(of: PeriodSources, days: int) -> Term:
    """Return how many days a sum lacks."""
    listed = ", ".join(formatting.short_day(day.on) for day in of.now.days if day.revenue is None)
    because = f"Without a sale: {listed}." if listed else "Days that the sum lacks."

    return Term(
        formatting.counted(days, "day"),
        Rule.CALENDAR,
        (because,),
    )


def undelivered_terms(of: PeriodSources) -> Iterator[Term]:
    """Yield what texts about the undelivered orders may print."""
    rows = of.context.undelivered_orders_rows
    last = formatting.day(of.period.last)
    orders = formatting.counted(len(rows), "order")
    listed = f"Rows of the list that were not delivered by {last}."
    amounts = "The net amounts of these rows, as far as they are known, added."

    if of.context.headline.undelivered is None:
        reason = "No export of the list was ever read."
        yield Term(
            formatting.NOTHING,
            Rule.UNKNOWN,
            (reason,),
            lists=(ORDERS,),
        )

    yield terms.rows(
        formatting.short_rupees(of.context.undelivered_net_amount),
        ORDERS,
        amounts,
    )

    yield terms.rows(orders, ORDERS, listed)

    late = long_late(rows)
    text = f"{formatting.count(len(late))} over {LONG_LATE_DAYS} days late"
    yield terms.rows(text, ORDERS, "Rows after their promised date by that much.")
    yield terms.rows(
        formatting.short_rupees(total_net_amount(late)),
        ORDERS,
        amounts,
    )

    # The portal's own count, of the first and the last day, stands beside the list's.
    row = next(row for row in of.now.kpis if row.kpi is kpis.UNDELIVERED)

    for day in filter(None, (row.first, row.last)):
        yield terms.dashboard(
            formatting.count(day.value),
            of.days,
            day.on,
            row.kpi.metric,
        )


def actions(of: PeriodSources) -> Iterator[Figure]:
    """Yield what to do, each sentence with the figures that it states."""
    section = of.context.calendar.insight_headings[2]

    for number, action in enumerate(of.context.actions, 1):
        printed = (action.text, *action.rows)
        yield terms.figure(section, f"{section}, {number}", printed, _action_terms(of))


def _action_terms(of: PeriodSources) -> Iterator[Term]:
    # How many are named is decided where the sentence is made; each number is explained.
    late = [row for row in of.context.undelivered_orders_rows if row.is_late]

    for number, row in enumerate(late, 1):
        named = f"{number} dearest late orders"
        text = late_order_text(
            row.order_id,
            row.net_amount,
            row.age_days or 0,
        )

        yield terms.rows(named, ORDERS, "At most four are named.")
        yield terms.rows(text, ORDERS, "Amount and promised date of that row.")

    requests = formatting.counted(len(of.context.missed_leads_rows), "open pickup request")
    yield terms.rows(requests, LEADS, "Rows of the list that are no order.")
    yield from money.month_terms(of.context.headline.month, of.days)
    yield terms.limit("10 minutes", "What a meeting should take.")
    yield terms.limit("last 30 repeat buyers", "How many buyers a message should reach.")


def counts(of: PeriodSources) -> Iterator[Figure]:
    """Yield the four counts of the strip."""
    for tile, counter in zip(
        of.context.strip,
        COUNTERS.values(),
        strict=True,
    ):
        candidates = (*count_terms(of, counter), *missing_count_terms(of, counter))
        yield terms.figure(
            COUNTS,
            tile.label,
            (tile.value, tile.note),
            candidates,
        )


def count_terms(of: PeriodSources, counter: Counter) -> Iterator[Term]:
    """Yield what texts about a count of the period may print."""
    now, before = of.now.totals[counter], of.then.totals[counter]

    yield sums.added(
        formatting.count(now.value),
        of.days,
        counter,
        of.period,
    )

    yield from _changes(
        insights.change(now, before),
        now.value,
        before.value,
    )


def missing_count_terms(of: PeriodSources, counter: Counter) -> Iterator[Term]:
    """Yield how many days a count lacks."""
    missing = of.now.totals[counter].missing
    listed = ", ".join(map(formatting.short_day, missing))

    yield Term(
        formatting.counted(len(missing), "day"),
        Rule.CALENDAR,
        (f"In no sum: {listed}.",),
    )


def _changes(moved: Value | None, now: Value | None, before: Value | None) -> Iterator[Term]:
    if moved is not None:
        yield sums.moved(f"{abs(round(moved))}%", now, before)


def revenue_change(of: PeriodSources) -> Iterator[Term]:
    """Yield by how many per cent the sale of the period moved."""
    now, before = of.now.revenue, of.then.revenue

    yield from _changes(
        insights.change(now, before),
        now.value,
        before.value,
    )
