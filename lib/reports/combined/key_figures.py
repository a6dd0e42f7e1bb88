"""The first lines of the combined page: the sale, the month against its target, the backlog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib import formatting
from lib.dates import month_of
from lib.domain.headline import Month
from lib.domain.values import Value, sum_of_known
from lib.plural import counted
from lib.reports.combined.wording import CombinedWording
from lib.reports.metrics import standing
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.standing import Standing
from lib.reports.view.key_figures import KeyFigure, change_text, gauge_of

COUNTS = (
    ("Pickups", Counter.PICKUPS),
    ("Deliveries", Counter.DELIVERIES),
    ("New customers’ pickups", Counter.NEW_PICKUPS),  # noqa: RUF001 - as it is printed
    ("Repeat orders", Counter.REPEAT_ORDERS),
)


def key_figures(
    stores: Sequence[Standing],
    words: CombinedWording,
) -> tuple[KeyFigure, ...]:
    """Return the three amounts of all stores."""
    return (
        _sale(stores, words),
        _month(stores, words),
        _backlog(stores),
    )


def counts(
    stores: Sequence[Standing],
    words: CombinedWording,
) -> tuple[tuple[str, str], ...]:
    """Return label and figure of what the stores counted, and of the two rates."""
    found: list[tuple[str, str]] = []

    for label, counter in COUNTS:
        values = [store.counts[counter] for store in stores]
        total = formatting.count(sum_of_known(values))
        found.append((label, total + _of_how_many(values, len(stores))))

    converted = standing.share_of_all(stores, lambda store: store.converted)
    on_time = standing.share_of_all(stores, lambda store: store.on_time)

    found.append((f"Became orders{words.rates_label}", formatting.percent(converted.percent)))
    found.append((f"Ready on time{words.rates_label}", formatting.percent(on_time.percent)))

    return tuple(found)


def _sale(
    stores: Sequence[Standing],
    words: CombinedWording,
) -> KeyFigure:
    value = sum_of_known(store.sale.value for store in stores)
    lines: list[str] = []

    compared = standing.comparable(stores)
    now = sum_of_known(store.sale.value for store in compared)
    before = sum_of_known(store.sale.before for store in compared)

    if now is not None and before is not None:
        amount, moved = formatting.short_rupees(before), change_text(now, before)
        which = _of_stores(compared, stores)
        lines.append(f"{words.before} {amount}: {moved}{which}")

    missing = sum(store.sale.of_days - store.sale.days for store in stores)
    if missing:
        lines.append(f"without {counted(missing, 'day')} of single stores")

    return KeyFigure(
        f"Sale, {words.sale_of}",
        formatting.short_rupees(value),
        tuple(lines),
    )


def _month(
    stores: Sequence[Standing],
    words: CombinedWording,
) -> KeyFigure:
    month = standing.month_of_all(stores)
    if month is None:
        return KeyFigure("Month", formatting.NOTHING, ("no store shows a target",))

    value = f"{formatting.short_rupees(month.to_date)} of {formatting.short_rupees(month.target)}"
    known = standing.with_target(stores)
    lines = [_share_of_target(known, month)]

    # The sale of a whole month is compared with that of the month before already.
    if words.has_month:
        lines += _last_month(known)

    return KeyFigure(
        f"{month.on:%B} against target",
        value,
        tuple(lines) + _only(known, stores),
        gauge_of(month),
    )


def _share_of_target(
    known: Sequence[Standing],
    month: Month,
) -> str:
    share = f"{formatting.percent(month.share_pct)} of target"
    end = standing.pace_of_all(known)

    if end is None or not month.target or month.on == month_of(month.on).last:
        return share

    at_end = formatting.percent(100 * end / month.target)
    return f"{share}; at this pace {formatting.short_rupees(end)}, {at_end}"


def _last_month(known: Sequence[Standing]) -> Iterator[str]:
    paired = []

    for store in known:
        if store.month.last_month_to_date is not None:
            paired.append(store)

    now = sum_of_known(store.month.to_date for store in paired)
    before = sum_of_known(store.month.last_month_to_date for store in paired)

    if now is not None and before is not None and (moved := change_text(now, before)):
        amount = formatting.short_rupees(before)
        which = _of_stores(paired, known)
        yield f"last month to the same day {amount}: {moved}{which}"


def _backlog(stores: Sequence[Standing]) -> KeyFigure:
    orders = [store.orders for store in stores]
    total = sum_of_known(orders)
    old = [store.over_10_days for store in stores]
    lines: list[str] = []

    if total is not None:
        listed = formatting.counted(int(total), "order")
        lines.append(f"in {listed}{_of_how_many(orders, len(stores))}")

    over_10 = sum_of_known(old)
    if over_10 is not None:
        printed = formatting.count(over_10)
        lines.append(f"over 10 days from the order: {printed}{_of_how_many(old, len(stores))}")

    return KeyFigure(
        "Not delivered",
        formatting.short_rupees(sum_of_known(store.amount for store in stores)),
        tuple(lines),
    )


def _of_how_many(values: Sequence[Value | None], of: int) -> str:
    """Return of how many stores a sum is, where it is not of all."""
    known = sum(1 for value in values if value is not None)

    return "" if known in (0, of) else f" ({formatting.counted(known, 'store')})"


def _of_stores(some: Sequence[Standing], stores: Sequence[Standing]) -> str:
    if len(some) == len(stores):
        return ""

    return f" ({formatting.counted(len(some), 'store')})"


def _only(known: Sequence[Standing], stores: Sequence[Standing]) -> tuple[str, ...]:
    if len(known) == len(stores):
        return ()

    return (f"of the {formatting.counted(len(known), 'store')} with a target",)
