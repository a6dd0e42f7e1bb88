"""The words of a daily report's mail, from the figures that are frozen with the report. Pure.

What is unknown is not said, or said to be unknown with its reason; it is never 0.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from lib import formatting
from lib.domain.headline import LONG_LATE_DAYS, Age, Count, Headline, Month, Undelivered
from lib.domain.period_headline import OpenOrders
from lib.domain.values import Value
from lib.notify.model.panel import Block, BlockKind
from lib.plural import plural_of

NOT_KNOWN = "not known"
DOT = " \N{MIDDLE DOT} "
#: Late orders that a step names by their number.
_NAMED_ORDERS = 3
_TOP_PCT = 100

#: What a line of counts calls them.
COUNT_WORDS = {
    Count.PICKUPS: "Pickups",
    Count.DELIVERIES: "Deliveries",
    Count.NEW_CUSTOMERS: "New",
    Count.REPEAT_ORDERS: "Repeat",
}


def subject(figures: Headline) -> str:
    """Return `₹8,924 (usual Sat ₹12,937), 24 orders undelivered`."""
    sale = figures.sale
    parts = ["sale not known"]

    if sale.rupees is not None:
        usual = f" (usual {_weekday(figures)} {formatting.short_rupees(sale.usual)})"
        parts = [f"{formatting.short_rupees(sale.rupees)}{usual if sale.usual is not None else ''}"]

    undelivered = figures.undelivered
    if undelivered is not None:
        parts.append(
            f"{orders_words(undelivered.orders)} undelivered{_as_of(figures, undelivered)}"
        )

    return ", ".join(parts)


def preview(figures: Headline) -> str:
    """Return `Month ₹2,69,075 of ₹3,00,000, 2 days left · 7 people to call today`."""
    parts = []
    month = month_words(figures.month)

    if month:
        left = figures.month.days_left
        parts.append(f"{month}, {left} {plural_of('day', left)} left" if left else month)

    calls = figures.requests_without_order
    if calls:
        parts.append(f"{calls} {plural_of('person', calls, 'people')} to call today")

    return DOT.join(parts)


def blocks(figures: Headline) -> Iterator[Block]:
    """Yield the lines between the title and what is said of the attached report."""
    yield Block(BlockKind.FIGURE, figure(figures.sale.rupees), _change(figures))

    yield from month_blocks(figures.month)

    steps = list(_steps(figures))
    if steps:
        yield Block(BlockKind.HEADING, "Do today")

    for number, step in enumerate(steps, 1):
        yield Block(BlockKind.STEP, step, number=number)

    counts = _counts(figures)
    if counts:
        yield Block(BlockKind.NOTE, counts)

    for reason in dict.fromkeys(figures.missing.values()):
        yield Block(BlockKind.NOTE, reason)


def facts(figures: Headline) -> dict[str, str]:
    """Return each figure by its name, as a reader would be told it."""
    month = figures.month
    found = {
        "Sale": known_rupees(figures.sale.rupees),
        "Month to date": known_rupees(month.to_date),
        "Target of the month": known_rupees(month.target),
        "Undelivered orders": known_orders(figures.undelivered),
        "Pickup requests without an order": known_count(figures.requests_without_order),
    }

    for name, word in COUNT_WORDS.items():
        found[word] = known_count(figures.count(name).day)

    return found


def known_rupees(value: Value | None) -> str:
    """Return an amount, or the words for none."""
    return NOT_KNOWN if value is None else formatting.rupees(value)


def known_count(value: Value | None) -> str:
    """Return a number, or the words for none."""
    return NOT_KNOWN if value is None else formatting.count(value)


def known_orders(undelivered: Undelivered | OpenOrders | None) -> str:
    """Return number and worth of the undelivered orders, or the words for no list."""
    if undelivered is None:
        return NOT_KNOWN

    return f"{formatting.count(undelivered.orders)}, {formatting.rupees(undelivered.rupees)}"


def _weekday(figures: Headline) -> str:
    return f"{figures.on:%a}"


def figure(value: Value | None) -> str:
    """Return the large number; without one, the sentence that says so."""
    return "Sale not known" if value is None else formatting.short_rupees(value)


def _change(figures: Headline) -> str:
    """Return `▼ 31.0% usual Sat ₹12,937`; empty where either is unknown."""
    usual = figures.sale.usual
    if figures.sale.rupees is None or usual is None:
        return ""

    change = change_words(figures.sale.change_pct)
    return " ".join(
        filter(None, [change, f"usual {_weekday(figures)} {formatting.short_rupees(usual)}"])
    )


def change_words(change_pct: Decimal | None) -> str:
    """Return `▼ 31.0%`, `▲ 4.2%`; empty where it is unknown or nothing after rounding."""
    if change_pct is None:
        return ""

    rounded = abs(change_pct).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not rounded:
        return ""

    arrow = "▲" if change_pct > 0 else "▼"
    return f"{arrow} {formatting.percent(rounded)}"


def month_blocks(month: Month) -> Iterator[Block]:
    """Yield the month's line, and its bar where there is a target; nothing where it is unknown."""
    words = month_words(month)
    if not words:
        return

    share = month.share_pct
    yield Block(BlockKind.LINE, words, "" if share is None else formatting.percent(share))

    if share is not None:
        yield Block(BlockKind.BAR, share_pct=_within(share))


def month_words(month: Month) -> str:
    """Return `Month ₹2,69,075 of ₹3,00,000`; empty where the month's sale is unknown."""
    if month.to_date is None:
        return ""

    sold = f"Month {formatting.short_rupees(month.to_date)}"
    return sold if month.share_pct is None else f"{sold} of {formatting.short_rupees(month.target)}"


def _within(share: Decimal) -> int:
    return int(min(max(share, Decimal(0)), Decimal(_TOP_PCT)))


def _steps(figures: Headline) -> Iterator[str]:
    calls = figures.requests_without_order
    if calls:
        people = plural_of("person", calls, "people")
        have = plural_of("has", calls, "have")
        yield f"Call {calls} {people} who asked for a pickup and {have} no order"

    if figures.undelivered is not None:
        yield from _late(figures.undelivered)

    needed = figures.month.needed_a_day
    if needed:
        yield f"{formatting.short_rupees(needed)} a day reaches the target"


def _late(undelivered: Undelivered) -> Iterator[str]:
    """Yield the step about orders over 10 days late; of all late orders where there is none."""
    over = undelivered.of(Age.OVER_10_DAYS)
    named = []

    for late in undelivered.dearest_late:
        if late.days_late > LONG_LATE_DAYS:
            named.append(late)

    if over.orders:
        worth = f", {formatting.short_rupees(over.rupees)}" if over.rupees else ""
        what = f"{orders_words(over.orders)} over 10 days late{worth}"
    elif undelivered.late:
        named = list(undelivered.dearest_late)
        what = f"{orders_words(undelivered.late)} late"
    else:
        return

    numbers = [late.order_id for late in named[:_NAMED_ORDERS]]
    total = over.orders or undelivered.late
    if len(numbers) < total and numbers:
        numbers.append("\N{HORIZONTAL ELLIPSIS}")

    yield f"{what}: {', '.join(numbers)}" if numbers else what


def _counts(figures: Headline) -> str:
    """Return `Pickups 10 · Deliveries 12 · New 5 · Repeat 2`, of what is known."""
    parts = []

    for name, word in COUNT_WORDS.items():
        count = figures.count(name)
        # A count that covers several days is no count of this day.
        if count.day is not None and count.since is None:
            parts.append(f"{word} {formatting.count(count.day)}")

    return DOT.join(parts)


def _as_of(
    figures: Headline,
    undelivered: Undelivered,
) -> str:
    """Return ` on 27 Nov` where the list is of an earlier day."""
    day = undelivered.as_of
    return "" if day == figures.on else f" on {day.day} {day:%b}"


def orders_words(number: int) -> str:
    """Return `24 orders`."""
    return formatting.counted(number, "order")
