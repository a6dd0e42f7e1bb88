"""The figures of a daily report's first page, from the facts; kept with its row of `documents`.

Source: docs/reference/domain.md#what-a-reader-needs-first, #period-figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from lib import formatting
from lib.dates import DAY, month_of
from lib.domain.headline import (
    LONG_LATE_DAYS,
    Age,
    AgeGroup,
    Count,
    DayCount,
    DaySale,
    EarlierOrders,
    Headline,
    LateOrder,
    Missing,
    Sale,
    Undelivered,
    next_day,
    weekdays_before,
)
from lib.domain.values import Value, known, rupees_of_known
from lib.model import Bucket
from lib.reports.facts.model import DailyFacts, StoredDay
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter
from lib.reports.metrics.month import stored_month
from lib.reports.view import action_lists
from lib.reports.view.action_lists import OrderRow

#: Late orders that are named, dearest first.
NAMED = 4
#: The last day of each age.
LIMITS = ((3, Age.UP_TO_3_DAYS), (LONG_LATE_DAYS, Age.UP_TO_10_DAYS))

COUNTERS = {**counters.COUNTERS, Count.HIGH_VALUE: Counter.HIGH_VALUE}
#: What the dashboard may fail to show, and how a sentence names it.
SHOWN = {
    Missing.SALE: ("ftd_revenue", "sale of the day"),
    Missing.MONTH_TO_DATE: ("mtd_revenue", "sale of the month"),
    Missing.TARGET: ("target_revenue", "target of the month"),
    Missing.LAST_MONTH: ("lmt_d_revenue", "sale of last month to the same date"),
}
LISTS = {
    Missing.UNDELIVERED: (Bucket.UNDELIVERED_ALL, "undelivered orders"),
    Missing.PICKUP_REQUESTS: (Bucket.MISSED_LEADS, "pickup requests"),
}


def headline(facts: DailyFacts) -> Headline:
    """Return the figures of the first page of one store and day."""
    on = facts.today.on
    sale = _sale(facts)
    counts = _counts(facts)

    return Headline(
        store_code=facts.store_code,
        store_name=facts.store_name or facts.store_code,
        on=on,
        sale=sale,
        month=stored_month(facts.today),
        undelivered=_undelivered(facts),
        requests_without_order=_requests_without_order(facts),
        counts=counts,
        missing=_missing(facts, sale, counts),
    )


def _sale(facts: DailyFacts) -> Sale:
    on = facts.today.on
    sales = _by_day(facts.history, "ftd_revenue") | {on: facts.today.metrics.get("ftd_revenue")}
    days = []

    for day in (*weekdays_before(on), on):
        days.append(DaySale(day, sales.get(day)))

    return Sale(tuple(days), _known(sales, weekdays_before(next_day(on))))


def _by_day(
    days: Sequence[StoredDay],
    metric: str,
) -> dict[date, Value | None]:
    found = {}

    for day in days:
        found[day.on] = day.metrics.get(metric)

    return found


def _known(
    values: Mapping[date, Value | None],
    days: Sequence[date],
) -> tuple[Value, ...]:
    """Return the values of those of `days` that have one."""
    return tuple(known(map(values.get, days)))


def _undelivered(facts: DailyFacts) -> Undelivered | None:
    """Return the undelivered orders; None where no list of them was ever read."""
    if Bucket.UNDELIVERED_ALL in facts.unread_lists:
        return None

    on = facts.today.on
    rows = action_lists.order_rows(facts.open_orders, on)
    # Dearest first, as the list has them.
    late = []

    for row in rows:
        if row.is_late:
            late.append(LateOrder(row.order_id, row.net_amount, row.age_days or 0))

    return Undelivered(
        as_of=facts.older_lists.get(Bucket.UNDELIVERED_ALL, on),
        groups=_groups(rows),
        without_amount=sum(1 for row in rows if row.net_amount is None),
        oldest=min(late, key=_oldest_first, default=None),
        dearest_late=tuple(late[:NAMED]),
        earlier=_earlier(facts),
    )


def _earlier(facts: DailyFacts) -> EarlierOrders | None:
    """Return what is left of the month before; None where there is nothing."""
    if not facts.earlier_orders:
        return None

    return EarlierOrders(
        listed_until=month_of(facts.today.on).first - DAY,
        orders=len(facts.earlier_orders),
        rupees=rupees_of_known(order.net_amount for order in facts.earlier_orders),
    )


def _oldest_first(order: LateOrder) -> tuple[int, str]:
    return -order.days_late, order.order_id


def _groups(rows: Sequence[OrderRow]) -> tuple[AgeGroup, ...]:
    by_age: dict[Age, list[OrderRow]] = {}

    for row in rows:
        by_age.setdefault(age_of(row.age_days), []).append(row)

    groups: list[AgeGroup] = []

    for age in Age:
        if age in by_age:
            rupees = action_lists.total_net_amount(by_age[age])
            groups.append(AgeGroup(age, len(by_age[age]), rupees))

    return tuple(groups)


def age_of(days_late: int | None) -> Age:
    """Return how late an order is that many days after its promised date."""
    if days_late is None:
        return Age.UNKNOWN

    if days_late <= 0:
        return Age.NOT_DUE if days_late < 0 else Age.DUE_TODAY

    return next((age for limit, age in LIMITS if days_late <= limit), Age.OVER_10_DAYS)


def _requests_without_order(facts: DailyFacts) -> int | None:
    """Return the pickups asked for at T that are no order; None where that list was not read."""
    if Bucket.MISSED_LEADS in facts.unread_lists.union(facts.older_lists):
        return None

    return sum(1 for lead in facts.open_leads if lead.created_on == facts.today.on)


def _counts(facts: DailyFacts) -> tuple[DayCount, ...]:
    of_counters = {}

    for name, counter in COUNTERS.items():
        of_counters[name] = _counted(facts, name, counter)

    others = {
        Count.PICKUPS_FOR_THE_DAY: DayCount(Count.PICKUPS_FOR_THE_DAY, facts.leads_captured),
        Count.PACKAGES: _packages(facts),
        Count.ORDERS_LISTED: DayCount(Count.ORDERS_LISTED, facts.orders_placed),
    }

    found = of_counters | others
    return tuple(found[name] for name in Count)


def _counted(
    facts: DailyFacts,
    name: Count,
    counter: Counter,
) -> DayCount:
    """Return what T added to a counter of the month, beside the same weekdays."""
    on = facts.today.on
    month = facts.today.metrics.get(counter)
    steps = counters.increments(facts.history, counter)
    step = counters.on_day(steps, on)

    if month is None or step is None:
        return DayCount(name, None, month=month)

    is_longer = step.days.first != step.days.last

    return DayCount(
        name,
        step.value,
        before=tuple(counters.alone_on(steps, weekdays_before(on))),
        month=month,
        since=step.days.first if is_longer else None,
        corrected=step.corrected,
    )


def _packages(facts: DailyFacts) -> DayCount:
    """Return the packages sold, which the dashboard shows for the day itself."""
    metrics = facts.today.metrics

    return DayCount(
        Count.PACKAGES,
        metrics.get("package_ftd"),
        before=_known(
            _by_day(facts.history, "package_ftd"),
            weekdays_before(facts.today.on),
        ),
        month=metrics.get("package_new"),
        target=metrics.get("package_target"),
    )


def _missing(
    facts: DailyFacts,
    sale: Sale,
    counts: Sequence[DayCount],
) -> dict[Missing, str]:
    """Return a sentence for everything that is unknown or older than T."""
    found: dict[Missing, str] = {}

    for key, (metric, noun) in SHOWN.items():
        if facts.today.metrics.get(metric) is None:
            found[key] = f"The portal showed no {noun}."

    if not sale.before:
        found[Missing.USUAL_SALE] = f"No sale of an earlier {facts.today.on:%A} is stored yet."

    for key, (bucket, noun) in LISTS.items():
        if bucket in facts.unread_lists:
            found[key] = f"No list of {noun} was ever read."
        elif bucket in facts.older_lists:
            last_read_on = formatting.day(facts.older_lists[bucket])
            found[key] = f"The list of {noun} is of {last_read_on}; no newer one was read."

    if any(count.day is None and count.name in COUNTERS for count in counts):
        found[Missing.COUNTS] = "The portal showed no value where a count is missing."

    return found
