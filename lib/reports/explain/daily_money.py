"""The three amounts of a daily page, and its pictures. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.domain.headline import (
    Age,
    AgeGroup,
    Headline,
    Missing,
    Undelivered,
    next_day,
    weekdays_before,
)
from lib.model import Bucket, MetricKind
from lib.reports.daily.context import DailyContext
from lib.reports.explain import money, terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.terms import Days
from lib.reports.view.chart_data import AGES, Chart
from lib.reports.view.headline import LIMITS
from lib.reports.view.key_figures import KeyFigure, change_text

SECTION = "Key figures"
PICTURES = "Pictures"
ORDERS = Bucket.UNDELIVERED_ALL


def key_figures(context: DailyContext, days: Days) -> Iterator[Figure]:
    """Yield the three amounts, and the picture below the first."""
    headline = context.headline
    sale, month, undelivered = context.key_figures

    yield _tile(sale, sale_terms(headline, days))

    if sale.chart is not None:
        yield _weekday_picture(sale.chart, headline, days)

    yield _tile(month, money.month_terms(headline.month, days))
    yield _tile(undelivered, undelivered_terms(headline))


def pictures(context: DailyContext, days: Days) -> Iterator[Figure]:
    """Yield the pictures below the tables."""
    yield money.month_picture(
        PICTURES,
        context.month_chart,
        days,
        context.report_on,
    )

    if context.age_chart is not None:
        yield _age_picture(context.age_chart, context.headline)


def _tile(tile: KeyFigure, candidates: Iterator[Term]) -> Figure:
    return terms.figure(
        SECTION,
        tile.label,
        (tile.value, *tile.lines),
        candidates,
    )


def sale_terms(headline: Headline, days: Days) -> Iterator[Term]:
    """Yield what texts about the day's sale may print."""
    sale, on = headline.sale, headline.on
    known, asked = len(sale.before), len(sale.days) - 1

    yield terms.dashboard(
        formatting.short_rupees(sale.rupees),
        days,
        on,
        "ftd_revenue",
    )

    # Without a usual weekday the page compares with nothing.
    if sale.usual is None:
        return

    weekdays = weekdays_before(on)
    yield terms.usual(
        formatting.short_rupees(sale.usual),
        days,
        "ftd_revenue",
        weekdays,
    )

    yield terms.usual(f"{known} of {asked} known", days, "ftd_revenue", weekdays)
    yield terms.change(
        change_text(sale.rupees, sale.usual),
        money.amount(sale.rupees),
        money.amount(sale.usual),
    )


def next_sale_terms(headline: Headline, days: Days) -> Iterator[Term]:
    """Yield what the weekday after T usually sells."""
    usual = headline.sale.usual_next_day

    if usual is not None:
        weekdays = weekdays_before(next_day(headline.on))
        yield terms.usual(
            formatting.short_rupees(usual),
            days,
            "ftd_revenue",
            weekdays,
        )


def undelivered_terms(headline: Headline) -> Iterator[Term]:
    """Yield what texts about the undelivered orders may print."""
    found = headline.undelivered

    if found is None:
        reason = headline.missing[Missing.UNDELIVERED]
        yield Term(
            formatting.NOTHING,
            Rule.UNKNOWN,
            (reason,),
            lists=(ORDERS,),
        )

        return

    orders = formatting.counted(found.orders, "order")
    undelivered = formatting.counted(found.orders, "undelivered order")
    summed = f"The net amounts of {orders}, as far as they are known, added."
    listed = f"Rows of the list that were not delivered by {formatting.day(found.as_of)}."

    yield terms.rows(
        formatting.short_rupees(found.rupees),
        ORDERS,
        summed,
    )

    yield terms.rows(orders, ORDERS, listed)
    yield terms.rows(undelivered, ORDERS, listed)
    yield terms.rows(
        f"{formatting.count(found.without_amount)} of them without an amount",
        ORDERS,
        "Rows whose net amount the export leaves empty; they are in no sum.",
    )

    yield from _late_terms(found)
    yield from _earlier_terms(found)


def _late_terms(found: Undelivered) -> Iterator[Term]:
    over = found.of(Age.OVER_10_DAYS)
    late = "Rows after their promised date; without one, three days after the order."

    yield terms.rows(f"{formatting.count(found.late)} late", ORDERS, late)
    yield terms.rows(f"{formatting.count(over.orders)} over 10 days late", ORDERS, late)
    yield terms.rows(
        formatting.short_rupees(over.rupees),
        ORDERS,
        "Their net amounts, added.",
    )

    yield terms.limit("over 10 days", "From the eleventh day after the promised date on.")

    if found.oldest is not None:
        days = formatting.counted(found.oldest.days_late, "day")
        because = f"Of the rows, {found.oldest.order_id} was promised for the earliest day."
        yield terms.rows(f"{found.oldest.order_id}, {days}", ORDERS, because)


def _earlier_terms(found: Undelivered) -> Iterator[Term]:
    earlier = found.earlier
    if earlier is None:
        return

    until = formatting.day(earlier.listed_until)
    because = f"Rows that were open on {until} and have not been seen delivered since."

    yield terms.rows(
        formatting.counted(earlier.orders, "order"),
        ORDERS,
        because,
    )

    yield terms.rows(
        formatting.count(earlier.orders),
        ORDERS,
        because,
    )

    yield terms.rows(
        formatting.short_rupees(earlier.rupees),
        ORDERS,
        f"{because} Amounts added.",
    )


def _weekday_picture(chart: Chart, headline: Headline, days: Days) -> Figure:
    candidates = []

    for sale in headline.sale.days:
        text = formatting.figure(sale.rupees, MetricKind.MONEY)
        candidates.append(terms.dashboard(text, days, sale.on, "ftd_revenue"))

    return terms.picture(SECTION, chart, candidates)


def _age_picture(chart: Chart, headline: Headline) -> Figure:
    groups = headline.undelivered.groups if headline.undelivered else ()
    candidates = []

    for group in groups:
        candidates.append(_age_term(group))
        candidates.append(terms.limit(AGES[group.age], _age_limit(group.age)))

    return terms.picture(PICTURES, chart, candidates)


def _age_term(group: AgeGroup) -> Term:
    amounts = formatting.short_rupees(group.rupees)
    text = f"{formatting.count(group.orders)} · {amounts}"

    return terms.rows(text, ORDERS, f"Rows of the age “{AGES[group.age]}”, and their amounts.")


def _age_limit(age: Age) -> str:
    for limit, named in LIMITS:
        if age is named:
            return f"Up to {limit} days after the promised date."

    return "Counted from the promised date."
