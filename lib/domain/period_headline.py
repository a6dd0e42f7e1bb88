"""The figures of the first page of a week's or month's report, of one store or of all.

They are kept with the report's row of `documents`, as those of a daily are
(`lib.domain.headline`): a mail that goes out later says what the PDF says. Nothing in them is about
a customer. Unknown is None, never 0.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lib.domain.headline import Count, Month, month_from_json
from lib.domain.values import Value, number, sale_change

#: Of the JSON form. A reader that knows only older ones reads nothing.
VERSION = 1
#: A week or month of one store; a day, week or month of all.
PERIOD, COMBINED = "period", "combined"


@dataclass(frozen=True)
class PeriodSale:
    """The sale of a period and what it is compared with; rupees."""

    #: Sum of the days that have a figure; None where none has.
    value: Value | None
    #: Days of the period with a figure, and days of the period.
    days: int
    of_days: int
    #: The usual weekday, or the period before; None where the two cannot be compared.
    before: Value | None = None

    @property
    def change(self) -> Decimal | None:
        """Return by how many per cent the sale differs from `before`."""
        return sale_change(self.value, self.before)


@dataclass(frozen=True)
class PeriodCount:
    """How often something happened in a period, and in the one before it."""

    name: Count
    #: None where some day of the period is unknown.
    value: Value | None
    before: Value | None = None


@dataclass(frozen=True)
class OpenOrders:
    """The orders that are not given back at the period's end."""

    orders: int
    #: Of those with an amount.
    rupees: Value
    #: By the portal, from the order date.
    over_10_days: Value | None


@dataclass(frozen=True)
class PeriodHeadline:
    """All figures of the first page of one store and week or month."""

    store_code: str
    store_name: str
    first: date
    last: date
    #: The period that it is compared with.
    before_first: date
    before_last: date
    sale: PeriodSale
    #: As of the last stored day of the period.
    month: Month
    #: None where no list of them was ever read.
    undelivered: OpenOrders | None
    counts: tuple[PeriodCount, ...]


@dataclass(frozen=True)
class FirstStore:
    """A store to look at first."""

    name: str
    reason: str


@dataclass(frozen=True)
class CombinedHeadline:
    """All figures of the first lines of the page of all stores."""

    first: date
    last: date
    #: How many stores have data, and the names of those without.
    stores: int
    without_data: tuple[str, ...]
    #: Of all of them together.
    sale: Value | None
    #: What the sale is compared with: `a usual Saturday`, `9-15 Nov`.
    before_name: str
    #: Of the stores that have something to be compared with.
    compared: PeriodSale | None
    #: Of the stores with a target; None where there are none.
    month: Month | None
    #: Where the month ends at the pace of the days so far, in rupees.
    at_month_end: Decimal | None
    #: None where it is not known of any store.
    undelivered: OpenOrders | None
    look_first: tuple[FirstStore, ...]


def to_json(headline: PeriodHeadline | CombinedHeadline) -> dict[str, Any]:
    """Return what `documents.figures_json` has; dates and Decimals are left to `lib.db.jsonb`."""
    kind = PERIOD if isinstance(headline, PeriodHeadline) else COMBINED

    return {"version": VERSION, "kind": kind, **asdict(headline)}


def period_from_json(value: Mapping[str, Any] | None) -> PeriodHeadline | None:
    """Return the figures of a store's week or month; None where the row has no such ones."""
    if not value or not _is(value, PERIOD):
        return None

    return PeriodHeadline(
        store_code=value["store_code"],
        store_name=value["store_name"],
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
        before_first=date.fromisoformat(value["before_first"]),
        before_last=date.fromisoformat(value["before_last"]),
        sale=_sale(value["sale"]),
        month=_month(value["month"]),
        undelivered=_orders(value.get("undelivered")),
        counts=tuple(map(_count, value.get("counts", ()))),
    )


def combined_from_json(value: Mapping[str, Any] | None) -> CombinedHeadline | None:
    """Return the figures of all stores; None where the row has no such ones."""
    if not value or not _is(value, COMBINED):
        return None

    compared, month = value.get("compared"), value.get("month")
    end = number(value.get("at_month_end"))

    return CombinedHeadline(
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
        stores=value["stores"],
        without_data=tuple(value.get("without_data", ())),
        sale=number(value.get("sale")),
        before_name=value.get("before_name", ""),
        compared=_sale(compared) if compared else None,
        month=_month(month) if month else None,
        at_month_end=None if end is None else Decimal(end),
        undelivered=_orders(value.get("undelivered")),
        look_first=tuple(FirstStore(**store) for store in value.get("look_first", ())),
    )


def _is(value: Mapping[str, Any], kind: str) -> bool:
    return bool(value["kind"] == kind and value["version"] == VERSION)


def _sale(value: Mapping[str, Any]) -> PeriodSale:
    return PeriodSale(
        number(value.get("value")),
        value["days"],
        value["of_days"],
        number(value.get("before")),
    )


def _month(value: Mapping[str, Any]) -> Month:
    return month_from_json(value, date.fromisoformat(value["on"]))


def _orders(value: Mapping[str, Any] | None) -> OpenOrders | None:
    if value is None:
        return None

    return OpenOrders(
        value["orders"],
        number(value.get("rupees")) or 0,
        number(value.get("over_10_days")),
    )


def _count(value: Mapping[str, Any]) -> PeriodCount:
    return PeriodCount(
        Count(value["name"]),
        number(value.get("value")),
        number(value.get("before")),
    )
