"""How a store stands, and how all of them do: sale, month against target, work done, backlog.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lib.dates import DAY, WEEK, Period, month_of
from lib.domain.headline import Month, weekdays_before
from lib.domain.period_headline import PeriodSale
from lib.domain.values import Value, known, mean, rupees_of_known, sum_of_all, sum_of_known
from lib.reports.facts.model import StandingFacts, StoredDay
from lib.reports.metrics import counters
from lib.reports.metrics.counters import COUNTERS, Counter
from lib.reports.metrics.month import stored_month


@dataclass(frozen=True)
class Share:
    """Two counts of the same days; both unknown where one of them is."""

    part: Value | None = None
    whole: Value | None = None

    @property
    def percent(self) -> Decimal | None:
        """Return the rate in per cent; None where nothing was counted."""
        if self.part is None or not self.whole:
            return None

        return 100 * Decimal(self.part) / Decimal(self.whole)


@dataclass(frozen=True)
class Standing:
    """How one store stands at the end of a period."""

    name: str
    sale: PeriodSale
    month: Month
    converted: Share
    on_time: Share
    #: By the portal, from the order date.
    over_10_days: Value | None
    #: None while no export of the orders was read.
    orders: int | None
    #: Rupees; of the orders whose amount is known.
    amount: Decimal | None
    #: Where the export is older than the period's last day.
    orders_as_of: date | None
    read_at: datetime
    #: What the days of the period added, by counter; None where it is not known whole.
    counts: dict[Counter, Value | None]


def at_month_end(month: Month) -> Decimal | None:
    """Return where the sale ends if every day that is left sells what the days so far did."""
    if month.to_date is None:
        return None

    return Decimal(month.to_date) * month_of(month.on).last.day / month.on.day


def rate_days(on: date) -> Period:
    """Return the days that a daily's rates are about: seven, the last one `on`."""
    return Period(on - WEEK + DAY, on)


def of_day(
    facts: StandingFacts,
    on: date,
    unnamed: str,
) -> Standing:
    """Return how a store stands at the end of `on`: rates are of the seven days that end with it.

    `facts` have the stored days from the 1st of the month four weeks before on.
    """
    day = Period(on, on)
    sale = _sale(facts.days, day, _usual(facts.days, on))

    return _standing(
        facts,
        day,
        sale,
        rate_days(on),
        unnamed,
    )


def of_period(
    facts: StandingFacts,
    period: Period,
    before: Period,
    unnamed: str,
) -> Standing:
    """Return how a store stands at the end of `period`: rates are of its days.

    `facts` have the stored days from the 1st of the month in which `before` begins on.
    """
    then = _sale(facts.days, before, None)
    is_whole = then.days == then.of_days
    sale = _sale(facts.days, period, then.value if is_whole else None)

    # A sum with gaps is compared with nothing.
    if sale.days < sale.of_days:
        sale = _sale(facts.days, period, None)

    return _standing(
        facts,
        period,
        sale,
        period,
        unnamed,
    )


def comparable(stores: Sequence[Standing]) -> list[Standing]:
    """Return the stores whose sale has something to be compared with."""
    found = []

    for store in stores:
        if store.sale.change is not None:
            found.append(store)

    return found


def with_target(stores: Sequence[Standing]) -> list[Standing]:
    """Return the stores whose month has a share of its target."""
    found = []

    for store in stores:
        if store.month.share_pct is not None:
            found.append(store)

    return found


def month_of_all(stores: Sequence[Standing]) -> Month | None:
    """Return the month of all stores with a target together; None where there are none.

    The day is the latest of theirs.
    """
    targeted = with_target(stores)
    if not targeted:
        return None

    return Month(
        max(store.month.on for store in targeted),
        sum_of_known(store.month.to_date for store in targeted),
        sum_of_known(store.month.target for store in targeted),
        sum_of_all(store.month.last_month_to_date for store in targeted),
    )


def pace_of_all(stores: Sequence[Standing]) -> Decimal | None:
    """Return where the month of all stores with a target ends at their pace, in rupees."""
    ends = []

    for store in with_target(stores):
        ends.append(at_month_end(store.month))

    total = sum_of_known(ends)

    return None if total is None else Decimal(total)


def share_of_all(
    stores: Sequence[Standing],
    share: Callable[[Standing], Share],
) -> Share:
    """Return a rate of all stores from the counts of those that show both."""
    shown = [share(store) for store in stores]
    both = [one for one in shown if one.whole is not None]

    return Share(
        sum_of_known(one.part for one in both),
        sum_of_known(one.whole for one in both),
    )


def _standing(
    facts: StandingFacts,
    period: Period,
    sale: PeriodSale,
    window: Period,
    unnamed: str,
) -> Standing:
    last = facts.days[-1]
    amount = rupees_of_known(order.net_amount for order in facts.open_orders)

    return Standing(
        name=facts.store_name or unnamed,
        sale=sale,
        month=_month(last, period.last),
        converted=_share(facts.days, window, Counter.CONVERTED, Counter.PICKUPS),
        on_time=_share(facts.days, window, Counter.WITHIN_TAT, Counter.ORDERS_DUE),
        over_10_days=last.metrics.get("delivery_undel_over_10_days"),
        orders=len(facts.open_orders) if facts.has_orders_list else None,
        amount=amount if facts.has_orders_list else None,
        orders_as_of=facts.orders_as_of,
        read_at=facts.read_at,
        counts={counter: _added(facts.days, period, counter) for counter in COUNTERS.values()},
    )


def _month(last: StoredDay, on: date) -> Month:
    """Return the month so far; unknown where the last stored day is of the month before `on`."""
    if last.on not in month_of(on):
        return Month(last.on, to_date=None, target=None, last_month_to_date=None)

    return stored_month(last)


def _sale(
    days: Sequence[StoredDay],
    period: Period,
    before: Value | None,
) -> PeriodSale:
    inside = []

    for day in days:
        if day.on in period:
            inside.append(day.metrics.get("ftd_revenue"))

    return PeriodSale(
        sum_of_known(inside),
        len(known(inside)),
        period.length,
        before,
    )


def _usual(
    days: Sequence[StoredDay],
    on: date,
) -> Decimal | None:
    """Return the mean of the same weekday in the four weeks before, as far as it is stored."""
    sales = {day.on: day.metrics.get("ftd_revenue") for day in days}

    return mean(known(map(sales.get, weekdays_before(on))))


def _share(
    days: Sequence[StoredDay],
    window: Period,
    part: Counter,
    whole: Counter,
) -> Share:
    """Return two counts of the same days of the window; unknown where their days differ."""
    parts = counters.total(counters.increments(days, part), window)
    wholes = counters.total(counters.increments(days, whole), window)

    if parts.value is None or wholes.value is None or parts.missing != wholes.missing:
        return Share()

    return Share(parts.value, wholes.value)


def _added(
    days: Sequence[StoredDay],
    period: Period,
    counter: Counter,
) -> Value | None:
    """Return what the days of the period added; None where one of them is not covered."""
    total = counters.total(counters.increments(days, counter), period)

    return None if total.missing else total.value
