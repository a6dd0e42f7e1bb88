"""What a reader of the combined page must know: who is not in it, and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from lib import formatting
from lib.dates import Period, month_of
from lib.reports.combined.wording import CombinedWording
from lib.reports.metrics import standing
from lib.reports.metrics.standing import Standing
from lib.reports.period.wording import span

#: More names than these are a count: the page has room for so many.
NAMED, ABSENT = 6, 40


def without_data(absent: Sequence[str]) -> str:
    """Return which stores the page lacks; it says so too where it lacks none."""
    return f"Without data: {_names(absent, ABSENT) if absent else 'none'}."


def notes(
    stores: Sequence[Standing],
    words: CombinedWording,
    last: Period,
) -> tuple[str, ...]:
    """Return the small print; `last` is the period's last day."""
    return (_columns(words, last), *_exceptions(stores, last))


def _columns(words: CombinedWording, last: Period) -> str:
    parts = ["Target: the month's sale in % of its target"]

    if last.last != month_of(last.last).last:
        parts.append("Pace: the same if the days left sell as those before")

    parts.append(f"Became orders and Ready on time: {words.rates_of}, from the counts")
    parts.append("> 10 days: by the portal, from the order date")
    parts.append(f"Undelivered: the orders listed on {span(last)}")

    return f"{'. '.join(parts)}."


def _exceptions(
    stores: Sequence[Standing],
    last: Period,
) -> Iterator[str]:
    no_target = [store.name for store in stores if store.month.share_pct is None]
    if no_target:
        yield f"No target is known of: {_names(no_target)}."

    early = [
        _with_day(store.name, store.month.on)
        for store in standing.with_target(stores)
        if store.month.on < last.last
    ]

    if early:
        yield f"Month and target are as of an earlier day: {_names(early)}."

    old_lists = [
        _with_day(store.name, store.orders_as_of)
        for store in stores
        if store.orders_as_of is not None
    ]

    if old_lists:
        yield f"The list of undelivered orders is older: {_names(old_lists)}."

    unread = [store.name for store in stores if store.orders is None]
    if unread:
        yield f"No list of undelivered orders was read: {_names(unread)}."

    uncounted = [store.name for store in stores if store.over_10_days is None]
    if uncounted:
        yield f"The portal shows no number of orders over 10 days: {_names(uncounted)}."


def _with_day(name: str, on: date) -> str:
    return f"{formatting.shortened(name)} ({span(Period(on, on))})"


def _names(names: Sequence[str], most: int = NAMED) -> str:
    """Return names in order, the rest of a long row as a count."""
    listed = [formatting.shortened(name) for name in sorted(names)[:most]]
    rest = len(names) - len(listed)

    if rest:
        return f"{', '.join(listed)} and {formatting.count(rest)} more"

    return ", ".join(listed)
