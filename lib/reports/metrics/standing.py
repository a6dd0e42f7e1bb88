"""How a store stands, and how all of them do: sale, month against target, work done, backlog.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from lib.dates import DAY, WEEK, Period, month_of
from lib.domain.headline import Month
from lib.domain.period_headline import PeriodSale
from lib.reports.facts.model import StandingFacts, StoredDay, Value
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter

#: How many of the same weekday before T make the usual one.
WEEKS = 4


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


#: What the page counts for all stores together.
COUNTED = (
    Counter.PICKUPS,
    Counter.DELIVERIES,
    Counter.NEW_PICKUPS,
    Counter.REPEAT_ORDERS,
)


def change(now: Value, before: Value) -> Decimal | None:
    """Return by how many per cent `now` differs; None beside refunds, which make no percentage."""
    if before <= 0 or now < 0:
        return None

    return 100 * (Decimal(now) - Decimal(before)) / Decimal(before)


def at_month_end(month: Month) -> Decimal | None:
    """Return where the sale ends if every day that is left sells what the days so far did."""
    if month.to_date is None:
        return None

    return Decimal(month.to_date) * month_of(month.on).last.day / month.on.day


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
        Period(on - WEEK + DAY, on),
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


def sum_of(values: Iterable[Value | None]) -> Value | None:
    """Return the sum of what is known; None where nothing is."""
    known = []

    for value in values:
        if value is not None:
            known.append(value)

    return sum(known) if known else None


def sum_of_all(values: Iterable[Value | None]) -> Value | None:
    """Return the sum; None where one of the values is not known, or there is none."""
    listed = list(values)
    if None in listed:
        return None

    return sum_of(listed)


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
    known = with_target(stores)
    if not known:
        return None

    return Month(
        max(store.month.on for store in known),
        sum_of(store.month.to_date for store in known),
        sum_of(store.month.target for store in known),
        sum_of_all(store.month.last_month_to_date for store in known),
    )


def pace_of_all(stores: Sequence[Standing]) -> Decimal | None:
    """Return where the month of all stores with a target ends at their pace, in rupees."""
    ends = []

    for store in with_target(stores):
        ends.append(at_month_end(store.month))

    total = sum_of(ends)

    return None if total is None else Decimal(total)


def share_of_all(
    stores: Sequence[Standing],
    share: Callable[[Standing], Share],
) -> Share:
    """Return a rate of all stores from the counts of those that show both."""
    known = []

    for store in stores:
        if share(store).whole is not None:
            known.append(share(store))

    return Share(
        sum_of(one.part for one in known),
        sum_of(one.whole for one in known),
    )


def _standing(
    facts: StandingFacts,
    period: Period,
    sale: PeriodSale,
    window: Period,
    unnamed: str,
) -> Standing:
    last = facts.days[-1]
    amounts = []

    for order in facts.open_orders:
        if order.net_amount is not None:
            amounts.append(order.net_amount)

    return Standing(
        name=facts.store_name or unnamed,
        sale=sale,
        month=_month(last, period.last),
        converted=_share(facts.days, window, Counter.CONVERTED, Counter.PICKUPS),
        on_time=_share(facts.days, window, Counter.WITHIN_TAT, Counter.ORDERS_DUE),
        over_10_days=last.metrics.get("delivery_undel_over_10_days"),
        orders=len(facts.open_orders) if facts.has_orders_list else None,
        amount=sum(amounts, Decimal(0)) if facts.has_orders_list else None,
        orders_as_of=facts.orders_as_of,
        read_at=facts.read_at,
        counts={counter: _added(facts.days, period, counter) for counter in COUNTED},
    )


def _month(last: StoredDay, on: date) -> Month:
    """Return the month so far; unknown where the last stored day is of the month before `on`."""
    if last.on not in month_of(on):
        return Month(last.on, to_date=None, target=None, last_month_to_date=None)

    return Month(
        last.on,
        last.metrics.get("mtd_revenue"),
        last.metrics.get("target_revenue"),
        last.metrics.get("lmt_d_revenue"),
    )


def _sale(
    days: Sequence[StoredDay],
    period: Period,
    before: Value | None,
) -> PeriodSale:
    inside = []

    for day in days:
        if day.on in period:
            inside.append(day.metrics.get("ftd_revenue"))

    known = []

    for value in inside:
        if value is not None:
            known.append(value)

    of_days = (period.last - period.first).days + 1

    return PeriodSale(
        sum(known) if known else None,
        len(known),
        of_days,
        before,
    )


def _usual(
    days: Sequence[StoredDay],
    on: date,
) -> Decimal | None:
    """Return the mean of the same weekday in the four weeks before, as far as it is stored."""
    wanted = set()

    for weeks in range(1, WEEKS + 1):
        wanted.add(on - timedelta(days=weeks * WEEK.days))

    found = []

    for day in days:
        if day.on in wanted:
            found.append(day.metrics.get("ftd_revenue"))

    known = []

    for value in found:
        if value is not None:
            known.append(value)

    return Decimal(sum(known)) / len(known) if known else None


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
