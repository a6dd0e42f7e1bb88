"""The figures of a daily report's first page: what its page and its mail say alike.

They are kept with the report's row of `documents`, so that a mail that goes out later says what the
PDF says. Nothing in them is about a customer. Unknown is None, never 0, and `missing` says why.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lib.dates import DAY, month_of
from lib.domain.values import Value, known, mean, number, percent_change

#: Of the JSON form. A reader that knows only older ones reads nothing.
VERSION = 1
KIND = "daily"


class Missing(StrEnum):
    """What may be unknown, by its key in `Headline.missing`."""

    SALE = "sale"
    USUAL_SALE = "usual_sale"
    MONTH_TO_DATE = "month_to_date"
    TARGET = "target"
    LAST_MONTH = "last_month"
    UNDELIVERED = "undelivered"
    PICKUP_REQUESTS = "pickup_requests"
    COUNTS = "counts"


class Age(StrEnum):
    """How late undelivered orders are, from the promised date; in the order of the page."""

    NOT_DUE = "not_due"
    DUE_TODAY = "due_today"
    UP_TO_3_DAYS = "1_to_3"
    UP_TO_10_DAYS = "4_to_10"
    OVER_10_DAYS = "over_10"
    #: Without a promised date.
    UNKNOWN = "unknown"


#: An order that is later, from its promised date, is named as very late.
LONG_LATE_DAYS = 10
LATE = (Age.UP_TO_3_DAYS, Age.UP_TO_10_DAYS, Age.OVER_10_DAYS)


class Count(StrEnum):
    """What a day is counted by, in the order of the page."""

    PICKUPS = "pickups"
    #: Pickup requests on the portal's list whose pickup was agreed for that day.
    PICKUPS_FOR_THE_DAY = "pickups_for_the_day"
    DELIVERIES = "deliveries"
    NEW_CUSTOMERS = "new_customers"
    REPEAT_ORDERS = "repeat_orders"
    PACKAGES = "packages"
    #: Orders over ₹800 without a package.
    HIGH_VALUE = "high_value"
    #: Orders of that day in the list of undelivered ones.
    ORDERS_LISTED = "orders_listed"


@dataclass(frozen=True)
class DaySale:
    """What one day sold."""

    on: date
    rupees: Value | None


@dataclass(frozen=True)
class Sale:
    """The day's own sale beside its weekday."""

    #: T's weekday of the four weeks before, oldest first, then T itself.
    days: tuple[DaySale, ...]
    #: The same four of the weekday after T: what "today" usually sells. Only what is known.
    next_weekday: tuple[Value, ...] = ()

    @property
    def rupees(self) -> Value | None:
        """Return the sale of T."""
        return self.days[-1].rupees if self.days else None

    @property
    def before(self) -> tuple[Value, ...]:
        """Return what is known of the same weekday before T, oldest first."""
        return tuple(known(day.rupees for day in self.days[:-1]))

    @property
    def usual(self) -> Decimal | None:
        """Return the mean of the same weekday before T."""
        return mean(self.before)

    @property
    def usual_next_day(self) -> Decimal | None:
        """Return the mean of the weekday after T."""
        return mean(self.next_weekday)

    @property
    def change_pct(self) -> Decimal | None:
        """Return how much more than usual it was, in per cent."""
        return percent_change(self.rupees, self.usual)


@dataclass(frozen=True)
class Month:
    """How the month stands at T, in rupees."""

    on: date
    to_date: Value | None
    target: Value | None
    #: The month before, from its 1st to the same day.
    last_month_to_date: Value | None

    @property
    def days_left(self) -> int:
        """Return the days of the month after T."""
        return month_of(self.on).last.day - self.on.day

    @property
    def share_pct(self) -> Decimal | None:
        """Return which share of the target is reached; None without a target above 0."""
        if self.to_date is None or not self.target or self.target < 0:
            return None

        return 100 * Decimal(self.to_date) / self.target

    @property
    def pace_pct(self) -> Decimal | None:
        """Return the share of the target at the month's end, if all its days sell alike."""
        if self.share_pct is None:
            return None

        return self.share_pct * month_of(self.on).last.day / self.on.day

    @property
    def missing_rupees(self) -> Decimal | None:
        """Return what is still to be sold; 0 when the target is reached."""
        if self.share_pct is None or self.to_date is None or self.target is None:
            return None

        return max(Decimal(self.target) - self.to_date, Decimal(0))

    @property
    def needed_a_day(self) -> Decimal | None:
        """Return what each day left must sell; None without a target or a day left."""
        if self.missing_rupees is None or not self.days_left:
            return None

        return self.missing_rupees / self.days_left

    @property
    def change_pct(self) -> Decimal | None:
        """Return how much more than in the month before it is, in per cent."""
        return percent_change(self.to_date, self.last_month_to_date)


@dataclass(frozen=True)
class LateOrder:
    """One order after its promised date."""

    order_id: str
    rupees: Value | None
    days_late: int


@dataclass(frozen=True)
class AgeGroup:
    """The undelivered orders of one age."""

    age: Age
    orders: int
    #: Of those with an amount.
    rupees: Value


@dataclass(frozen=True)
class EarlierOrders:
    """Orders of the month before that were not seen delivered.

    The portal's list begins anew with each month.
    """

    listed_until: date
    orders: int
    rupees: Value


@dataclass(frozen=True)
class Undelivered:
    """The orders that are not given back."""

    #: The day of the portal's list: T, or earlier where no later one was read.
    as_of: date
    #: One for each age that has any.
    groups: tuple[AgeGroup, ...]
    #: Orders whose amount is unknown; they are in no sum.
    without_amount: int = 0
    oldest: LateOrder | None = None
    #: Late orders, dearest first.
    dearest_late: tuple[LateOrder, ...] = ()
    #: On the 1st to the 10th only, and only where there are any.
    earlier: EarlierOrders | None = None

    @property
    def orders(self) -> int:
        """Return how many there are, without those of the month before."""
        return sum(group.orders for group in self.groups)

    @property
    def rupees(self) -> Value:
        """Return what they are worth, as far as known."""
        return sum(group.rupees for group in self.groups)

    @property
    def late(self) -> int:
        """Return how many are late at all."""
        return sum(self.of(age).orders for age in LATE)

    def of(self, age: Age) -> AgeGroup:
        """Return the orders of that age."""
        found = next((group for group in self.groups if group.age is age), None)

        return found or AgeGroup(age, 0, 0)


@dataclass(frozen=True)
class DayCount:
    """How often something happened at T."""

    name: Count
    day: Value | None
    #: What is known of the same weekday of the four weeks before, oldest first.
    before: tuple[Value, ...] = ()
    #: From the 1st to T; None where it is not known or not counted so.
    month: Value | None = None
    #: What the month should reach.
    target: Value | None = None
    #: The first day that `day` covers, where the days before T are missing.
    since: date | None = None
    #: The portal took something back: the fall counts as 0.
    corrected: bool = False

    @property
    def usual(self) -> Decimal | None:
        """Return the mean of the same weekday before T."""
        return mean(self.before)


@dataclass(frozen=True)
class Headline:
    """All figures of the first page of one store and day."""

    store_code: str
    store_name: str
    #: T.
    on: date
    sale: Sale
    month: Month
    #: None where no list of them was ever read.
    undelivered: Undelivered | None
    #: Pickups asked for at T that are no order yet; None where the list of T was not read.
    requests_without_order: int | None
    counts: tuple[DayCount, ...]
    #: Why something is unknown, or older than T: a sentence for the reader.
    missing: Mapping[Missing, str]

    def count(self, name: Count) -> DayCount:
        """Return one of the counts; unknown if it was not kept."""
        found = next((count for count in self.counts if count.name is name), None)

        return found or DayCount(name, None)


def weekdays_before(on: date, weeks: int = 4) -> list[date]:
    """Return the same weekday of the weeks before `on`, oldest first."""
    found = []

    for ago in range(weeks, 0, -1):
        found.append(on - timedelta(days=7 * ago))

    return found


def next_day(on: date) -> date:
    """Return the day on which the report of `on` is read."""
    return on + DAY


def to_json(headline: Headline) -> dict[str, Any]:
    """Return what `documents.figures_json` has; dates and Decimals are left to `lib.db.jsonb`."""
    return {"version": VERSION, "kind": KIND, **asdict(headline)}


def from_json(value: Mapping[str, Any] | None) -> Headline | None:
    """Return the figures of a row; None where it has none, or those of another kind or version.

    A figure that the row lacks is unknown.
    """
    if not value or value.get("kind") != KIND or value.get("version") != VERSION:
        return None

    on = date.fromisoformat(value["on"])
    undelivered = value.get("undelivered")

    return Headline(
        store_code=value["store_code"],
        store_name=value["store_name"],
        on=on,
        sale=_sale(value.get("sale") or {}),
        month=month_from_json(value.get("month") or {}, on),
        undelivered=_undelivered(undelivered, on) if undelivered else None,
        requests_without_order=value.get("requests_without_order"),
        counts=tuple(map(_count, value.get("counts", ()))),
        missing=_missing(value.get("missing", {})),
    )


def month_from_json(value: Mapping[str, Any], on: date) -> Month:
    """Return a month of a row, at the day `on`; what the row lacks is unknown."""
    return Month(
        on=on,
        to_date=number(value.get("to_date")),
        target=number(value.get("target")),
        last_month_to_date=number(value.get("last_month_to_date")),
    )


def _sale(value: Mapping[str, Any]) -> Sale:
    days = tuple(
        DaySale(date.fromisoformat(day["on"]), number(day.get("rupees")))
        for day in value.get("days", ())
    )

    return Sale(days, _numbers(value.get("next_weekday", ())))


def _undelivered(
    value: Mapping[str, Any],
    on: date,
) -> Undelivered:
    groups: list[AgeGroup] = []

    for group in value.get("groups", ()):
        rupees = number(group.get("rupees"))
        groups.append(AgeGroup(Age(group["age"]), group["orders"], rupees or 0))

    oldest, earlier = value.get("oldest"), value.get("earlier")
    as_of = value.get("as_of")

    return Undelivered(
        as_of=date.fromisoformat(as_of) if as_of else on,
        groups=tuple(groups),
        without_amount=value.get("without_amount", 0),
        oldest=_late_order(oldest) if oldest else None,
        dearest_late=tuple(map(_late_order, value.get("dearest_late", ()))),
        earlier=_earlier(earlier) if earlier else None,
    )


def _late_order(value: Mapping[str, Any]) -> LateOrder:
    return LateOrder(value["order_id"], number(value.get("rupees")), value["days_late"])


def _earlier(value: Mapping[str, Any]) -> EarlierOrders:
    return EarlierOrders(
        listed_until=date.fromisoformat(value["listed_until"]),
        orders=value["orders"],
        rupees=number(value.get("rupees")) or 0,
    )


def _count(value: Mapping[str, Any]) -> DayCount:
    since = value.get("since")

    return DayCount(
        name=Count(value["name"]),
        day=number(value.get("day")),
        before=_numbers(value.get("before", ())),
        month=number(value.get("month")),
        target=number(value.get("target")),
        since=date.fromisoformat(since) if since else None,
        corrected=value.get("corrected", False),
    )


def _missing(value: Mapping[str, str]) -> dict[Missing, str]:
    found = {}

    for key, reason in value.items():
        found[Missing(key)] = reason

    return found


def _numbers(values: Sequence[Any]) -> tuple[Value, ...]:
    return tuple(known(map(number, values)))
