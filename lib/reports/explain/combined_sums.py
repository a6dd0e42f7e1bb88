"""What the page of all stores says of them together: sums and rates. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from lib import formatting
from lib.domain.values import Value, sale_change, sum_of_known
from lib.plural import counted
from lib.reports.combined import key_figures, table
from lib.reports.explain import money, terms
from lib.reports.explain.combined_sources import CombinedSources, of_stores
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.metrics import standing
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.standing import Share, Standing
from lib.reports.view.key_figures import change_text

SECTION, COUNTS = "Key figures", "Counts"


def amounts(of: CombinedSources) -> Iterator[Figure]:
    """Yield the number of stores and the three amounts."""
    number = formatting.count(of.context.stores)

    because = f"{counted(len(of.stores), 'store')} with data, and those without."
    header = Term(f"All stores · {of.context.stores}", Rule.STORES, (because,))
    yield terms.figure(
        SECTION,
        "All stores",
        (f"All stores · {number}",),
        (header,),
    )

    for tile in of.context.key_figures:
        yield terms.figure(
            SECTION,
            tile.label,
            (tile.value, *tile.lines),
            sum_terms(of),
        )


def sum_terms(of: CombinedSources) -> Iterator[Term]:
    """Yield what texts about all stores together may print."""
    yield from _sale_terms(of.standings)
    yield from _month_terms(of.standings)
    yield from _backlog_terms(of.standings)
    yield from how_many(of.standings)


def _sale_terms(stores: Sequence[Standing]) -> Iterator[Term]:
    value = sum_of_known(store.sale.value for store in stores)
    yield of_stores(
        formatting.short_rupees(value),
        stores,
        lambda one: one.sale.value,
        money.amount,
    )

    # A change is of the stores that have both sides; a new store would be growth.
    compared = standing.comparable(stores)
    now = sum_of_known(store.sale.value for store in compared)
    before = sum_of_known(store.sale.before for store in compared)

    yield of_stores(
        formatting.short_rupees(before),
        compared,
        lambda one: one.sale.before,
        money.amount,
    )

    changed = sale_change(now, before)
    # The tile says it in words, the table with a sign.
    texts = [change_text(now, before)]

    if changed is not None:
        texts.append(table.percent_of_change(changed))

    for text in texts:
        yield terms.change(
            text,
            money.amount(now),
            money.amount(before),
        )

    # Days are added over the stores, as the page counts them.
    missing = sum(store.sale.of_days - store.sale.days for store in stores)
    lacking = [store.name for store in stores if store.sale.days < store.sale.of_days]
    yield Term(
        f"without {counted(missing, 'day')}",
        Rule.CALENDAR,
        (f"Days without a sale of: {'; '.join(lacking)}.",),
    )


def _month_terms(stores: Sequence[Standing]) -> Iterator[Term]:
    # The sale is of all stores; beside a target it is of those that have one.
    known = standing.with_target(stores)
    month = standing.month_of_all(stores)
    to_date = sum_of_known(store.month.to_date for store in stores)
    short = formatting.short_rupees

    yield of_stores(
        short(to_date),
        stores,
        lambda one: one.month.to_date,
        money.amount,
    )

    if month is None:
        yield Term(formatting.NOTHING, Rule.UNKNOWN, ("No store shows a target.",))
        return

    yield of_stores(
        short(month.to_date),
        known,
        lambda one: one.month.to_date,
        money.amount,
    )

    yield of_stores(
        short(month.target),
        known,
        lambda one: one.month.target,
        money.amount,
    )

    yield terms.share(
        formatting.percent(month.share_pct),
        money.amount(month.to_date),
        money.amount(month.target),
    )

    yield from _pace_terms(stores, month.target)
    yield from _last_month_terms(known)


def _pace_terms(stores: Sequence[Standing], target: Value | None) -> Iterator[Term]:
    end = standing.pace_of_all(stores)
    if end is None or not target:
        return

    known = standing.with_target(stores)
    text = formatting.short_rupees(end)
    pace = formatting.percent(100 * end / Decimal(target))

    yield of_stores(
        text,
        known,
        lambda one: standing.at_month_end(one.month),
        money.amount,
    )

    yield terms.share(
        pace,
        money.amount(end),
        money.amount(target),
    )


def _last_month_terms(known: Sequence[Standing]) -> Iterator[Term]:
    paired = [store for store in known if store.month.last_month_to_date is not None]
    now = sum_of_known(store.month.to_date for store in paired)
    before = sum_of_known(store.month.last_month_to_date for store in paired)

    yield of_stores(
        formatting.short_rupees(before),
        paired,
        lambda one: one.month.last_month_to_date,
        money.amount,
    )

    yield terms.change(
        change_text(now, before),
        money.amount(now),
        money.amount(before),
    )


def _backlog_terms(stores: Sequence[Standing]) -> Iterator[Term]:
    orders = sum_of_known(store.orders for store in stores)
    amount = sum_of_known(store.amount for store in stores)
    old = sum_of_known(store.over_10_days for store in stores)

    yield of_stores(
        formatting.short_rupees(amount),
        stores,
        lambda one: one.amount,
        money.amount,
    )

    if orders is not None:
        text = formatting.counted(int(orders), "order")
        yield of_stores(
            text,
            stores,
            lambda one: one.orders,
            formatting.count,
        )

    yield terms.limit("over 10 days", "Counted by the portal, from the order date.")
    yield of_stores(
        formatting.count(old),
        stores,
        lambda one: one.over_10_days,
        formatting.count,
    )


def how_many(stores: Sequence[Standing]) -> Iterator[Term]:
    """Yield of how many stores a sum may be."""
    # A page says "14 of 16 stores" of figures of every kind; each number is explained alike.
    for number in range(1, len(stores) + 1):
        text = formatting.counted(number, "store")
        yield Term(text, Rule.STORES, ("Stores that have the figure.",))


def counts(of: CombinedSources) -> Iterator[Figure]:
    """Yield what the stores counted, and the two rates."""
    *counted_rows, became, ready = of.context.counts

    for (label, text), (_, counter) in zip(counted_rows, key_figures.COUNTS, strict=True):
        candidates = (_count(of, counter), *how_many(of.standings))
        yield terms.figure(COUNTS, label, (text,), candidates)

    for (label, text), share in ((became, _converted), (ready, _on_time)):
        days = Term("7 days", Rule.CALENDAR, (f"The days of the rates: {of.rates}.",))
        yield terms.figure(
            COUNTS,
            label,
            (label, text),
            (_rate(of, share), days),
        )


def _count(of: CombinedSources, counter: Counter) -> Term:
    total = sum_of_known(store.counts[counter] for store in of.standings)

    return of_stores(
        formatting.count(total),
        of.standings,
        lambda one: one.counts[counter],
        formatting.count,
    )


def _converted(store: Standing) -> Share:
    return store.converted


def _on_time(store: Standing) -> Share:
    return store.on_time


def _rate(of: CombinedSources, share: Callable[[Standing], Share]) -> Term:
    """Return a rate of all stores: counts of those that show both, never a mean of rates."""
    pooled = standing.share_of_all(of.standings, share)
    text = formatting.percent(pooled.percent)

    if pooled.percent is None:
        return Term(text, Rule.UNKNOWN, ("No store shows both counts.",))

    part, whole = formatting.count(pooled.part), formatting.count(pooled.whole)
    return terms.share(text, part, whole)


def total(of: CombinedSources) -> Figure:
    """Return the last line of the table, and how many stores stand nowhere in it."""
    line = of.context.table.total
    left_out = of.context.table.left_out
    printed = [line.name, *line.cells]
    more = f"{formatting.count(left_out)} more stores"

    if left_out:
        printed.append(more)

    candidates = (
        *sum_terms(of),
        _rate(of, _converted),
        _rate(of, _on_time),
        Term(more, Rule.STORES, ("Neither among the worst nor among the best.",)),
        Term(table.GAP, Rule.UNKNOWN, ("No store has the figure.",)),
    )

    return terms.figure("Store by store", line.name, printed, candidates)
