"""The stores to look at first, each with the figures that say why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formatting
from lib.dates import month_of
from lib.domain.period_headline import FirstStore
from lib.domain.values import Value
from lib.reports.combined import table
from lib.reports.combined.wording import CombinedWording
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import WEAK
from lib.reports.metrics.standing import Standing

#: How many stores are named.
MOST = 3
#: Per cent: a smaller fall against the usual sale is a day like others.
NOTABLE_FALL = Decimal(-10)
#: Fewer orders due make no rate worth a call.
LEAST_DUE = 20
ON_PACE = 100


@dataclass(frozen=True)
class _Reason:
    """One way in which a store can stand out."""

    #: What puts stores in order, the largest first; None: the store does not stand out so.
    size: Callable[[Standing], Value | None]
    #: What is printed, without the mark of the first.
    text: Callable[[Standing], str]
    #: Behind the text of the only store that is first.
    mark: str


def look_first(
    stores: Sequence[Standing],
    words: CombinedWording,
) -> tuple[FirstStore, ...]:
    """Return up to three stores: behind their target, with old orders, with much undelivered.

    Where these are the same stores, those that are late, that fell most, and that are next behind
    their target. A single store is not compared with itself.
    """
    if len(stores) == 1:
        return ()

    reasons = _reasons(words)
    chosen: list[Standing] = []

    for reason in reasons:
        first = _in_order(stores, reason)[:1]
        chosen += [store for store in first if store not in chosen]

    chosen += [store for store in _in_order(stores, reasons[0]) if store not in chosen]

    found = []

    for store in chosen[:MOST]:
        found.append(FirstStore(store.name, _why(store, stores, reasons)))

    return tuple(found)


def _reasons(words: CombinedWording) -> tuple[_Reason, ...]:
    return (
        _Reason(_behind, _target, "lowest"),
        _Reason(_old_orders, _old_orders_text, "most"),
        _Reason(_amount, _amount_text, "most"),
        _Reason(_late, lambda store: _late_text(store, words), "lowest"),
        _Reason(_fall, lambda store: _fall_text(store, words), "largest fall"),
    )


def _in_order(
    stores: Sequence[Standing],
    reason: _Reason,
) -> list[Standing]:
    """Return the stores that stand out so, the most striking first, equals as in the table."""
    sized = []

    for store in table.in_order(stores):
        sized.append((reason.size(store), store))

    found = []

    for size, store in sized:
        if size is not None:
            found.append((size, store))

    return [store for _, store in sorted(found, key=lambda one: -one[0])]


def _why(
    store: Standing,
    stores: Sequence[Standing],
    reasons: Sequence[_Reason],
) -> str:
    """Return what is known of the store's target, then all in which it is first."""
    parts = list(_firsts(store, stores, reasons))

    if reasons[0].size(store) is not None:
        texts = [reasons[0].text(store) + _mark(store, stores, reasons[0]), *parts]
        return ", ".join(texts)

    text = ", ".join(parts)
    if store.month.share_pct is None:
        return text

    return f"{text}, though {_target(store)}"


def _firsts(
    store: Standing,
    stores: Sequence[Standing],
    reasons: Sequence[_Reason],
) -> Iterator[str]:
    for reason in reasons[1:]:
        if _in_order(stores, reason)[:1] == [store]:
            yield reason.text(store) + _mark(store, stores, reason)


def _mark(
    store: Standing,
    stores: Sequence[Standing],
    reason: _Reason,
) -> str:
    """Return in brackets that no other store has as much; nothing where one has."""
    size = reason.size(store)
    others = []

    for other in stores:
        if other is not store:
            others.append(reason.size(other))

    is_first = all(other is None or other < size for other in others if size is not None)

    return f" ({reason.mark})" if is_first else ""


def _behind(store: Standing) -> Decimal | None:
    pace = store.month.pace_pct
    return None if pace is None or pace >= ON_PACE else ON_PACE - pace


def _target(store: Standing) -> str:
    text = f"{formatting.percent(store.month.share_pct)} of target"

    if store.month.on == month_of(store.month.on).last:
        return text

    return f"{text}, pace {formatting.percent(store.month.pace_pct)}"


def _old_orders(store: Standing) -> Value | None:
    return store.over_10_days or None


def _old_orders_text(store: Standing) -> str:
    number = int(store.over_10_days or 0)
    return f"{formatting.counted(number, 'order')} over 10 days old"


def _amount(store: Standing) -> Decimal | None:
    return store.amount or None


def _amount_text(store: Standing) -> str:
    return f"{formatting.short_rupees(store.amount)} undelivered"


def _late(store: Standing) -> Decimal | None:
    percent = store.on_time.percent
    is_many = store.on_time.whole is not None and store.on_time.whole >= LEAST_DUE

    if percent is None or not is_many or kpis.TAT.band(percent) not in WEAK:
        return None

    return 100 - percent


def _late_text(store: Standing, words: CombinedWording) -> str:
    return f"{formatting.percent(store.on_time.percent)} ready on time {words.rates_of}"


def _fall(store: Standing) -> Decimal | None:
    moved = store.sale.change
    return None if moved is None or moved > NOTABLE_FALL else -moved


def _fall_text(store: Standing, words: CombinedWording) -> str:
    moved = store.sale.change or Decimal(0)
    return f"sale {formatting.percent(-moved)} less than {words.before}"
