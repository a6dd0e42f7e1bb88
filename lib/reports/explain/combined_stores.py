"""The lines of the page of all stores: each store's cells, and why one is looked at first. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.dates import month_of
from lib.domain.headline import weekdays_before
from lib.model import Bucket
from lib.reports.combined import table
from lib.reports.explain import money, sums, terms
from lib.reports.explain.combined_sources import CombinedSources, StoreSource
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.standing import Share

TABLE = "Store by store"
FIRST = "Look at these first"
ORDERS = Bucket.UNDELIVERED_ALL


def stores(of: CombinedSources) -> Iterator[Figure]:
    """Yield the lines of the table, in its order."""
    # Two stores may have one name, and the page prints no codes: both explain both lines then.
    by_name: dict[str, list[StoreSource]] = {}

    for store in of.stores:
        by_name.setdefault(store.standing.name, []).append(store)

    for line in (*of.context.table.worst, *of.context.table.best):
        candidates: list[Term] = []

        for store in by_name[line.name]:
            candidates += store_terms(store, of)

        yield terms.figure(
            TABLE,
            line.name,
            line.cells,
            candidates,
        )


def look_first(of: CombinedSources) -> Iterator[Figure]:
    """Yield why a store is to be looked at first."""
    for number, first in enumerate(of.context.headline.look_first, 1):
        candidates: list[Term] = []

        for store in of.stores:
            if store.standing.name == first.name:
                candidates += store_terms(store, of)

        yield terms.figure(
            FIRST,
            f"{FIRST}, {number}",
            (first.reason,),
            candidates,
        )


def store_terms(store: StoreSource, of: CombinedSources) -> Iterator[Term]:
    """Yield what texts about one store may print."""
    standing, days = store.standing, store.days
    last = days.days[-1]

    yield from _sale_terms(store, of)
    yield from money.month_terms(standing.month, days)
    yield from _pace_terms(store)
    yield from _rate(
        standing.converted,
        store,
        of,
        Counter.CONVERTED,
        Counter.PICKUPS,
    )

    yield from _rate(
        standing.on_time,
        store,
        of,
        Counter.WITHIN_TAT,
        Counter.ORDERS_DUE,
    )

    if standing.over_10_days is not None:
        over = int(standing.over_10_days)
        metric = "delivery_undel_over_10_days"
        yield terms.dashboard(
            formatting.count(over),
            days,
            last.on,
            metric,
        )

        yield terms.dashboard(
            f"{formatting.counted(over, 'order')} over 10 days old",
            days,
            last.on,
            metric,
        )

    amount = formatting.short_rupees(standing.amount)
    because = f"The net amounts of {standing.orders} rows that were not delivered, added."

    yield terms.rows(amount, ORDERS, because)
    yield Term(table.GAP, Rule.UNKNOWN, ("It was not read, or there is nothing to compare with.",))


def _sale_terms(store: StoreSource, of: CombinedSources) -> Iterator[Term]:
    sale, days = store.standing.sale, store.days
    text = formatting.short_rupees(sale.value)
    before = formatting.short_rupees(sale.before)

    # A day is compared with its usual weekday, a week or month with the one before.
    if of.is_daily:
        yield terms.dashboard(
            text,
            days,
            of.period.last,
            "ftd_revenue",
        )

        usual = terms.usual(
            before,
            days,
            "ftd_revenue",
            weekdays_before(of.period.last),
        )
    else:
        yield sums.sold(text, days, of.period)
        usual = sums.sold(before, days, of.before)

    known = f"{sale.days} of {sale.of_days} days"
    yield Term(known, Rule.CALENDAR, ("Days of the period that have a sale.",))

    if sale.change is not None:
        said = terms.change(
            "",
            money.amount(sale.value),
            money.amount(sale.before),
        )

        because = (*said.because, f"The earlier one is the {usual.rule}.", *usual.because)

        # The table prints a sign, a reason why to look at a store says "down" without one.

        for changed in (table.percent_of_change(sale.change), formatting.percent(-sale.change)):
            yield Term(changed, Rule.CHANGE, because, usual.stored)


def _pace_terms(store: StoreSource) -> Iterator[Term]:
    month = store.standing.month
    pace = month.pace_pct

    # On the last day no pace is printed: it is the share of the target.
    if pace is not None and month.share_pct is not None and month.days_left:
        share = formatting.percent(month.share_pct)
        because = f"{share} × {month_of(month.on).last.day} ÷ {month.on.day} days of the month."  # noqa: RUF001
        yield Term(
            formatting.percent(pace),
            Rule.SHARE,
            (because,),
        )


def _rate(
    share: Share,
    store: StoreSource,
    of: CombinedSources,
    part: Counter,
    whole: Counter,
) -> Iterator[Term]:
    if share.percent is not None:
        text = formatting.percent(share.percent)
        yield sums.rate(
            text,
            store.days,
            part,
            whole,
            of.rates,
        )
