"""Store by store: the lines of the combined page, ready to print, and the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formatting
from lib.domain.values import Value, sale_change, sum_of_known
from lib.reports.combined.wording import CombinedWording
from lib.reports.metrics import standing
from lib.reports.metrics.standing import Standing

#: In place of a figure that is not known.
GAP = "\N{EN DASH}"
#: More than these do not fit on one page.
MOST = 40
WORST, BEST = 20, 5
PAGE_MM = 182


@dataclass(frozen=True)
class Column:
    """One column of figures."""

    heading: str
    width_mm: int


@dataclass(frozen=True)
class StoreLine:
    """One store, or all of them."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class StoreTable:
    """The stores, worst first, and their total."""

    columns: tuple[Column, ...]
    #: What is left of the page for the names.
    name_mm: int
    worst: tuple[StoreLine, ...]
    #: How many stores are left out between the worst and the best.
    left_out: int
    best: tuple[StoreLine, ...]
    total: StoreLine


def table(
    stores: Sequence[Standing],
    words: CombinedWording,
    *,
    has_pace: bool,
) -> StoreTable:
    """Return every store up to 40, else the 20 that are worst and the 5 that are best.

    `has_pace` is false on the last day of a month, whose pace is its share of the target.
    """
    columns = _columns(words, has_pace=has_pace)
    shown = {column.heading for column in columns}
    ordered = in_order(stores)
    lines = []

    for store in ordered:
        lines.append(StoreLine(store.name, _cells(store, words, shown)))

    worst, best = lines, lines[:0]

    if len(lines) > MOST:
        # Stores without a target are no best ones; the notes name them.
        last = len(standing.with_target(ordered))
        first = max(last - BEST, WORST)
        worst, best = lines[:WORST], lines[first:last]

    return StoreTable(
        columns=columns,
        name_mm=PAGE_MM - sum(column.width_mm for column in columns),
        worst=tuple(worst),
        left_out=len(lines) - len(worst) - len(best),
        best=tuple(best),
        total=_total(stores, words, shown),
    )


def in_order(stores: Sequence[Standing]) -> list[Standing]:
    """Return the stores, the one farthest behind its target first, those without a target last."""
    return sorted(stores, key=_worst_first)


def _worst_first(store: Standing) -> tuple[bool, Decimal, str]:
    pace = store.month.pace_pct
    return pace is None, pace or Decimal(0), store.name


def _columns(
    words: CombinedWording,
    *,
    has_pace: bool,
) -> tuple[Column, ...]:
    columns = [Column("Sale", 19), Column(words.versus, 19)]

    if words.has_month:
        columns.append(Column("Month", 19))

    columns.append(Column("Target", 14))

    if has_pace:
        columns.append(Column("Pace", 14))

    return (
        *columns,
        Column("Became orders", 14),
        Column("Ready on time", 14),
        Column("> 10 days", 12),
        Column("Undelivered", 20),
    )


def _cells(
    store: Standing,
    words: CombinedWording,
    shown: set[str],
) -> tuple[str, ...]:
    cells = {
        "Sale": _rupees(store.sale.value),
        words.versus: _change(store),
        "Month": _rupees(store.month.to_date),
        "Target": _rate(store.month.share_pct),
        "Pace": _rate(store.month.pace_pct),
        "Became orders": _rate(store.converted.percent),
        "Ready on time": _rate(store.on_time.percent),
        "> 10 days": _count(store.over_10_days),
        "Undelivered": _rupees(store.amount),
    }

    found = []

    for heading, text in cells.items():
        if heading in shown:
            found.append(text)

    return tuple(found)


def _total(
    stores: Sequence[Standing],
    words: CombinedWording,
    shown: set[str],
) -> StoreLine:
    compared = standing.comparable(stores)
    now = sum_of_known(store.sale.value for store in compared)
    before = sum_of_known(store.sale.before for store in compared)

    known = standing.with_target(stores)
    month = standing.month_of_all(stores)
    end = standing.pace_of_all(stores)
    pace = 100 * end / month.target if month and month.target and end is not None else None

    cells = {
        "Sale": _rupees(sum_of_known(store.sale.value for store in stores)),
        words.versus: percent_of_change(sale_change(now, before)),
        "Month": _rupees(sum_of_known(store.month.to_date for store in stores)),
        "Target": _rate(month.share_pct if month and known else None),
        "Pace": _rate(pace),
        "Became orders": _rate(standing.share_of_all(stores, lambda one: one.converted).percent),
        "Ready on time": _rate(standing.share_of_all(stores, lambda one: one.on_time).percent),
        "> 10 days": _count(sum_of_known(store.over_10_days for store in stores)),
        "Undelivered": _rupees(sum_of_known(store.amount for store in stores)),
    }

    name = f"All {formatting.counted(len(stores), 'store')}"
    return StoreLine(name, tuple(text for heading, text in cells.items() if heading in shown))


def percent_of_change(moved: Decimal | None) -> str:
    """Return `+6.1%`, or a dash where there is nothing to compare with."""
    if moved is None:
        return GAP

    text = formatting.percent(moved)
    return f"+{text}" if moved > 0 and text[0].isdigit() else text


def _change(store: Standing) -> str:
    if store.sale.days < store.sale.of_days and store.sale.of_days > 1:
        return f"{store.sale.days} of {store.sale.of_days} days"

    return percent_of_change(store.sale.change)


def _rupees(value: Value | None) -> str:
    return GAP if value is None else formatting.short_rupees(value)


def _rate(value: Decimal | None) -> str:
    return GAP if value is None else formatting.percent(value)


def _count(value: Value | None) -> str:
    return GAP if value is None else formatting.count(value)
