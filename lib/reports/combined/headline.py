"""The figures of the combined page that are kept with its row, for the mail about it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from lib.dates import Period
from lib.domain.period_headline import CombinedHeadline, OpenOrders, PeriodSale
from lib.domain.values import Value, sum_of_known
from lib.reports.combined import look_first
from lib.reports.combined.wording import CombinedWording
from lib.reports.metrics import standing
from lib.reports.metrics.standing import Standing

PAISA = Decimal("0.01")


def headline(
    stores: Sequence[Standing],
    period: Period,
    words: CombinedWording,
    absent: Sequence[str],
) -> CombinedHeadline:
    """Return the figures of all stores together."""
    return CombinedHeadline(
        first=period.first,
        last=period.last,
        stores=len(stores),
        without_data=tuple(absent),
        sale=sum_of_known(store.sale.value for store in stores),
        before_name=words.before,
        compared=_compared(stores),
        month=standing.month_of_all(stores),
        at_month_end=_to_the_paisa(standing.pace_of_all(stores)),
        undelivered=_undelivered(stores),
        look_first=look_first.look_first(stores, words),
    )


def _compared(stores: Sequence[Standing]) -> PeriodSale | None:
    known = standing.comparable(stores)
    if not known:
        return None

    return PeriodSale(
        value=sum_of_known(store.sale.value for store in known),
        days=sum(store.sale.days for store in known),
        of_days=sum(store.sale.of_days for store in known),
        before=_to_the_paisa(sum_of_known(store.sale.before for store in known)),
    )


def _to_the_paisa(value: Value | None) -> Decimal | None:
    """Return an amount that comes back from the row as it was: a mean has no end."""
    return None if value is None else Decimal(value).quantize(PAISA, ROUND_HALF_UP)


def _undelivered(stores: Sequence[Standing]) -> OpenOrders | None:
    orders = sum_of_known(store.orders for store in stores)
    if orders is None:
        return None

    return OpenOrders(
        orders=int(orders),
        rupees=sum_of_known(store.amount for store in stores) or 0,
        over_10_days=sum_of_known(store.over_10_days for store in stores),
    )
