"""The sentences and the lists of a daily page. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.model import Bucket
from lib.reports.daily.context import DailyContext
from lib.reports.explain import daily_money, marks, money, terms
from lib.reports.explain.model import Figure, Term
from lib.reports.explain.terms import Days
from lib.reports.facts.model import DailyFacts
from lib.reports.metrics import kpis
from lib.reports.view import advice
from lib.reports.view.action_lists import RECENT
from lib.reports.view.actions import late_order_text

ORDERS, LEADS = Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS
DO_TODAY = "Do today"
HOW = "How figures are counted"
COMMENT = "about 60 letters"
#: What the page says about every store alike.
FIXED = ("the portal’s “> 10 days”", f"more than {kpis.MANY_ORDERS}")  # noqa: RUF001


def actions(context: DailyContext, facts: DailyFacts, days: Days) -> Iterator[Figure]:
    """Yield what to do, each sentence with the figures that it states."""
    for number, action in enumerate(context.actions, 1):
        label = f"{DO_TODAY}, {number}"
        printed = (action.text, *action.rows)
        yield terms.figure(
            DO_TODAY,
            label,
            printed,
            _action_terms(context, facts, days),
        )


def _action_terms(context: DailyContext, facts: DailyFacts, days: Days) -> Iterator[Term]:
    headline = context.headline
    new = headline.requests_without_order

    if new is not None:
        number = formatting.count(new)
        because = f"Rows of the list that were asked for on {formatting.day(headline.on)}."
        yield terms.rows(f"{number} person", LEADS, because)
        yield terms.rows(f"{number} people", LEADS, because)

    requests = formatting.counted(len(facts.open_leads), "open pickup request")
    yield terms.rows(requests, LEADS, "Rows of the list that are no order.")

    named = headline.undelivered.dearest_late if headline.undelivered else ()
    yield terms.rows(f"{len(named)} dearest late orders", ORDERS, "At most four are named.")

    for order in named:
        text = late_order_text(
            order.order_id,
            order.rupees,
            order.days_late,
        )
        yield terms.rows(text, ORDERS, "Amount and promised date of that row.")

    yield from daily_money.undelivered_terms(headline)
    yield from money.month_terms(headline.month, days)
    yield from daily_money.next_sale_terms(headline, days)
    yield terms.limit("10 minutes", "What a meeting should take.")
    yield terms.limit("last 30 repeat buyers", "How many buyers a message should reach.")


def sentences(context: DailyContext, facts: DailyFacts, days: Days) -> Iterator[Figure]:
    """Yield what goes well and what to watch."""
    columns = (
        ("Going well", context.advice.highlights),
        ("To watch", context.advice.focus_areas),
    )

    for heading, texts in columns:
        for number, text in enumerate(texts, 1):
            label = f"{heading}, {number}"
            yield terms.figure(
                heading,
                label,
                (text,),
                _advice_terms(text, facts, days),
            )


def _advice_terms(text: str, facts: DailyFacts, days: Days) -> Iterator[Term]:
    on = facts.today.on
    earlier = advice.a_week_before(facts.history, on)

    for reading in kpis.read(facts.today.metrics, on):
        kpi = reading.kpi
        if not text.startswith(f"{kpi.label}:"):
            continue

        yield from marks.reading_terms(reading, days, on)

        if earlier is None:
            continue

        before = formatting.figure(earlier.metrics.get(kpi.metric), kpi.kind)

        # A value that did not move is not printed, though the one of today reads like it.
        if f" from {before} on " in text:
            yield terms.dashboard(
                before,
                days,
                earlier.on,
                kpi.metric,
            )


def notes(context: DailyContext) -> Iterator[Figure]:
    """Yield what is missing on the page, and what it says about all of it."""
    for number, text in enumerate(context.notes, 1):
        yield terms.figure(
            "Notes",
            f"Note {number}",
            (text,),
            (),
        )

    bands = [(row.label, row.band) for row in context.kpis]
    candidates = (
        *marks.health_terms(context.health, bands),
        terms.OVER_10_DAYS,
        terms.limit(
            f"{kpis.MANY_ORDERS}", "Of fewer orders, one alone would be 1 % of them or more."
        ),
    )

    yield terms.figure(
        HOW,
        HOW,
        (context.health.summary, *FIXED),
        candidates,
    )


def lists(context: DailyContext) -> Iterator[Figure]:
    """Yield how many rows the lists have, and what they are worth."""
    rows = context.undelivered_orders_rows
    orders = formatting.counted(len(rows), "order")
    total = formatting.rupees_and_paise(context.undelivered_net_amount)
    listed = f"Rows that were not delivered by {formatting.day(context.report_on)}."

    yield terms.figure(
        "Undelivered orders",
        "Undelivered orders",
        (orders, total if rows else "", COMMENT),
        (
            terms.limit(COMMENT, "What fits into a field of the list."),
            terms.rows(orders, ORDERS, listed),
            terms.rows(total, ORDERS, "The net amounts of these rows, as far as known, added."),
        ),
    )

    if context.earlier_orders_rows:
        yield _earlier(context)

    yield _leads(context)


def _earlier(context: DailyContext) -> Figure:
    until = formatting.day(context.earlier_listed_until)
    label = f"Listed by the portal until {until}"
    orders = formatting.counted(len(context.earlier_orders_rows), "order")
    total = formatting.rupees_and_paise(context.earlier_net_amount)
    because = f"Rows that were open on {until} and have not been seen delivered since."

    candidates = (
        terms.rows(orders, ORDERS, because),
        terms.rows(total, ORDERS, "The net amounts of these rows, as far as known, added."),
    )

    return terms.figure(
        label,
        label,
        (orders, total),
        candidates,
    )


def _leads(context: DailyContext) -> Figure:
    label = "Pickup requests, not yet an order (missed leads)"
    requests = formatting.counted(len(context.missed_leads_rows), "request")
    older = formatting.counted(context.older_leads, "older one") if context.older_leads else ""

    listed = "Rows that are no order"
    since = ""

    # Those without a day are never left for Monday.
    if context.older_leads:
        first = formatting.short_day(context.report_on - RECENT)
        since = f" and were asked for from {first} on, or on a day that is not known"

    candidates = (
        terms.rows(requests, LEADS, f"{listed}{since}."),
        terms.rows(older, LEADS, f"{listed} and were asked for before."),
    )

    return terms.figure(
        label,
        label,
        (requests, older),
        candidates,
    )
