"""The figures of a week's or month's first page that are kept with its row, for its mail."""

from __future__ import annotations

from lib.domain.period_headline import OpenOrders, PeriodCount, PeriodHeadline, PeriodSale
from lib.domain.values import Value, rupees_of_known
from lib.model import Bucket
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics.counters import COUNTERS, Total
from lib.reports.metrics.month import stored_month
from lib.reports.metrics.period_figures import PeriodFigures


def headline(
    facts: PeriodFacts,
    now: PeriodFigures,
    then: PeriodFigures,
    name: str,
) -> PeriodHeadline:
    """Return the figures of one store; `then` are those of the period before."""
    return PeriodHeadline(
        store_code=facts.store_code,
        store_name=name,
        first=now.period.first,
        last=now.period.last,
        before_first=then.period.first,
        before_last=then.period.last,
        sale=_sale(now, then),
        month=stored_month(facts.days[-1]),
        undelivered=_undelivered(facts),
        counts=tuple(
            PeriodCount(
                count,
                _whole(now.totals[counter]),
                _whole(then.totals[counter]),
            )
            for count, counter in COUNTERS.items()
        ),
    )


def _sale(now: PeriodFigures, then: PeriodFigures) -> PeriodSale:
    """Return the sale; it is compared only where neither period has a gap."""
    is_comparable = not now.revenue.missing and not then.revenue.missing
    of_days = now.period.length

    return PeriodSale(
        value=now.revenue.value,
        days=of_days - len(now.revenue.missing),
        of_days=of_days,
        before=then.revenue.value if is_comparable else None,
    )


def _undelivered(facts: PeriodFacts) -> OpenOrders | None:
    if Bucket.UNDELIVERED_ALL in facts.unread_lists:
        return None

    return OpenOrders(
        orders=len(facts.open_orders),
        rupees=rupees_of_known(order.net_amount for order in facts.open_orders),
        over_10_days=facts.days[-1].metrics.get("delivery_undel_over_10_days"),
    )


def _whole(total: Total) -> Value | None:
    return None if total.missing else total.value
