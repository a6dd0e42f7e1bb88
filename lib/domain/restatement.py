"""What an earlier mailed report said, and what is right now: of the same period, or the one before.

Late and corrected data move figures that people have read. Every figure that moved is kept with
the row of the report that knows better; those that moved by enough are in its box. Pure.

Source: docs/explanation/reports.md#restated-figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lib.domain.headline import Count
from lib.domain.period_headline import CombinedHeadline, PeriodHeadline
from lib.domain.values import Value, number
from lib.model import MetricKind

#: Of the JSON form. A reader that knows only older ones reads nothing.
VERSION = 1
#: A figure that moved by more than this part of what was said is shown,
SHOWN_PART = Decimal("0.01")
#: and a number of things that moved by more than one of them.
SHOWN_UNITS = 1

Headline = PeriodHeadline | CombinedHeadline


@dataclass(frozen=True)
class Restated:
    """One figure that a mailed report said otherwise."""

    #: The period that it is about.
    first: date
    last: date
    #: As a reader knows it: `Sale`.
    name: str
    kind: MetricKind
    #: None where the report said that it is not known.
    said: Value | None
    right: Value

    @property
    def is_shown(self) -> bool:
        """Return True if it moved by more than 1 %, or a number of things by more than one."""
        if self.said is None:
            return True

        moved = abs(Decimal(self.right) - Decimal(self.said))
        if self.kind is MetricKind.COUNT and moved > SHOWN_UNITS:
            return True

        return moved > SHOWN_PART * abs(Decimal(self.said))


def restated(
    now: Headline,
    said: Headline | None,
    said_before: Headline | None = None,
) -> tuple[Restated, ...]:
    """Return every figure that a mailed report said otherwise than it is now.

    `said` are the figures of the same period's report as it was mailed last, `said_before` those of
    the report about the period before. What is not known now restates nothing.
    """
    found: list[Restated] = []

    if said is not None and type(said) is type(now):
        found += _differences(now.first, now.last, _figures(said), _figures(now))

    if isinstance(now, PeriodHeadline) and isinstance(said_before, PeriodHeadline):
        is_before = (said_before.first, said_before.last) == (now.before_first, now.before_last)

        if is_before:
            found += _differences(
                now.before_first,
                now.before_last,
                _figures(said_before),
                _before(now),
            )

    return tuple(found)


def to_json(figures: tuple[Restated, ...]) -> dict[str, Any] | None:
    """Return what `documents.restated_json` has; None where nothing moved."""
    if not figures:
        return None

    return {"version": VERSION, "figures": list(map(asdict, figures))}


def from_json(value: Mapping[str, Any] | None) -> tuple[Restated, ...]:
    """Return the figures of a row; none where it has none, or those of another version."""
    if not value or value.get("version") != VERSION:
        return ()

    return tuple(map(_restated, value["figures"]))


def _restated(value: Mapping[str, Any]) -> Restated:
    return Restated(
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
        name=value["name"],
        kind=MetricKind(value["kind"]),
        said=number(value["said"]),
        right=number(value["right"]) or 0,
    )


#: A figure's value, by its name and kind.
_Figures = dict[tuple[str, MetricKind], Value | None]

_SALE = ("Sale", MetricKind.MONEY)
_COUNT_NAMES = {
    Count.PICKUPS: "Pickups",
    Count.DELIVERIES: "Deliveries",
    Count.NEW_CUSTOMERS: "New customers",
    Count.REPEAT_ORDERS: "Repeat orders",
}


def _figures(headline: Headline) -> _Figures:
    """Return the figures of a period that its own report says."""
    month, undelivered = headline.month, headline.undelivered

    found: _Figures = {
        ("Month to date", MetricKind.MONEY): month.to_date if month else None,
        ("Target of the month", MetricKind.MONEY): month.target if month else None,
        ("Undelivered orders", MetricKind.COUNT): undelivered.orders if undelivered else None,
        ("Undelivered amount", MetricKind.MONEY): undelivered.rupees if undelivered else None,
    }

    if isinstance(headline, CombinedHeadline):
        return {
            _SALE: headline.sale,
            **found,
            ("Stores with data", MetricKind.COUNT): headline.stores,
        }

    found = {_SALE: headline.sale.value, **found}

    for count in headline.counts:
        if count.name in _COUNT_NAMES:
            found[_COUNT_NAMES[count.name], MetricKind.COUNT] = count.value

    return found


def _before(headline: PeriodHeadline) -> _Figures:
    """Return the figures of the period before that a report says beside its own."""
    found: _Figures = {_SALE: headline.sale.before}

    for count in headline.counts:
        if count.name in _COUNT_NAMES:
            found[_COUNT_NAMES[count.name], MetricKind.COUNT] = count.before

    return found


def _differences(
    first: date,
    last: date,
    said: _Figures,
    right: _Figures,
) -> Iterator[Restated]:
    for (name, kind), value in right.items():
        if value is None or (name, kind) not in said:
            continue

        earlier = said[name, kind]
        if earlier is None or Decimal(earlier) != Decimal(value):
            yield Restated(first, last, name, kind, earlier, value)
