"""The words of the mails about a week, a month, or all stores, from frozen figures. Pure.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator

from lib import formatting
from lib.domain.headline import Month
from lib.domain.period_headline import (
    CombinedHeadline,
    OpenOrders,
    PeriodHeadline,
    PeriodSale,
)
from lib.domain.values import Value
from lib.notify.model.panel import Block, BlockKind
from lib.notify.plan.daily_words import (
    COUNT_WORDS,
    DOT,
    change_words,
    figure,
    known_count,
    known_orders,
    known_rupees,
    month_blocks,
    month_words,
    orders_words,
)
from lib.period_names import span_name
from lib.plural import counted, named

#: Stores that a mail names where they have no data.
_NAMED = 8


def subject(figures: PeriodHeadline) -> str:
    """Return `₹67,576, ▼ 8.0%`."""
    sale = figures.sale
    return ", ".join(filter(None, [_rupees(sale.value), change_words(sale.change)]))


def preview(figures: PeriodHeadline) -> str:
    """Return `Month ₹2,69,075 of ₹3,00,000 · 24 orders undelivered`."""
    return DOT.join(filter(None, [month_words(figures.month), _undelivered(figures.undelivered)]))


def blocks(figures: PeriodHeadline) -> Iterator[Block]:
    """Yield the lines between the title and what is said of the attached report."""
    sale = figures.sale
    before = span_name(figures.before_first, figures.before_last)
    compared = ""

    if sale.change is not None:
        change = change_words(sale.change)
        whole = f"{before} {formatting.short_rupees(sale.before)}"
        compared = f"{change} from {whole}" if change else whole

    yield Block(BlockKind.FIGURE, figure(sale.value), compared)
    yield from month_blocks(figures.month)
    yield from _not_delivered(figures.undelivered)

    words = []

    for count in figures.counts:
        if count.value is not None and count.name in COUNT_WORDS:
            words.append(f"{COUNT_WORDS[count.name]} {formatting.count(count.value)}")

    if words:
        yield Block(BlockKind.NOTE, DOT.join(words))

    yield from _gaps(sale)


def facts(figures: PeriodHeadline) -> dict[str, str]:
    """Return each figure by its name, as a reader would be told it."""
    found = {"Sale": known_rupees(figures.sale.value)}
    found |= _common_facts(figures.month, figures.undelivered)

    for count in figures.counts:
        if count.name in COUNT_WORDS:
            found[COUNT_WORDS[count.name]] = known_count(count.value)

    return found


def combined_facts(figures: CombinedHeadline) -> dict[str, str]:
    """Return each figure by its name, as a reader would be told it."""
    return {
        "Sale": known_rupees(figures.sale),
        **_common_facts(figures.month, figures.undelivered),
        "Stores with data": formatting.count(figures.stores),
    }


def _common_facts(
    month: Month | None,
    undelivered: OpenOrders | None,
) -> dict[str, str]:
    return {
        "Month to date": known_rupees(month.to_date if month else None),
        "Target of the month": known_rupees(month.target if month else None),
        "Undelivered orders": known_orders(undelivered),
    }


def combined_subject(figures: CombinedHeadline) -> str:
    """Return `₹2,41,943, ▼ 20.0%, 435 orders undelivered`."""
    change = figures.compared.change if figures.compared else None
    sale = _rupees(figures.sale)

    return ", ".join(filter(None, [sale, change_words(change), _undelivered(figures.undelivered)]))


def combined_preview(figures: CombinedHeadline) -> str:
    """Return `Month ₹72.8 L of ₹83 L · look first at Clock Tower, Lakeview`."""
    first = ", ".join(store.name for store in figures.look_first)
    month = month_words(figures.month) if figures.month else ""

    return DOT.join(filter(None, [month, f"look first at {first}" if first else ""]))


def combined_blocks(figures: CombinedHeadline) -> Iterator[Block]:
    """Yield the lines between the title and what is said of the attached report."""
    yield Block(BlockKind.FIGURE, figure(figures.sale), _compared(figures))

    if figures.month:
        yield from month_blocks(figures.month)

    if figures.at_month_end is not None:
        yield Block(
            BlockKind.LINE,
            "At this pace, at the month's end",
            formatting.short_rupees(figures.at_month_end),
        )

    yield from _not_delivered(figures.undelivered)

    if figures.look_first:
        yield Block(BlockKind.HEADING, "Look at these first")

    for number, store in enumerate(figures.look_first, 1):
        yield Block(BlockKind.STEP, f"{store.name}: {store.reason}", number=number)

    yield Block(BlockKind.NOTE, f"{counted(figures.stores, 'store')} with data.")

    if figures.without_data:
        stores_without = named(figures.without_data, _NAMED)
        yield Block(BlockKind.NOTE, f"Without data: {stores_without}.")


def _compared(figures: CombinedHeadline) -> str:
    """Return `▼ 20.0% usual Saturday ₹3,02,185`; empty where nothing can be compared."""
    compared = figures.compared
    if compared is None or compared.change is None:
        return ""

    words = " ".join(filter(None, [change_words(compared.change), figures.before_name]))

    # Of some of the stores only, the amount would not belong to the sale beside it.
    return (
        f"{words} {formatting.short_rupees(compared.before)}"
        if compared.value == figures.sale
        else words
    )


def _rupees(value: Value | None) -> str:
    return "sale not known" if value is None else formatting.short_rupees(value)


def _undelivered(undelivered: OpenOrders | None) -> str:
    return "" if undelivered is None else f"{orders_words(undelivered.orders)} undelivered"


def _not_delivered(undelivered: OpenOrders | None) -> Iterator[Block]:
    if undelivered is None:
        return

    worth = f" {formatting.short_rupees(undelivered.rupees)}" if undelivered.rupees else ""
    yield Block(BlockKind.LINE, f"Not delivered{worth}", orders_words(undelivered.orders))


def _gaps(sale: PeriodSale) -> Iterator[Block]:
    if sale.days < sale.of_days:
        yield Block(BlockKind.NOTE, f"{sale.days} of {sale.of_days} days have a figure.")
