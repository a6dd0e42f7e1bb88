"""The figures of the wireframe's Saturday: Riverside Colony on 28 Nov 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from lib.domain.headline import (
    Age,
    AgeGroup,
    Count,
    DayCount,
    DaySale,
    Headline,
    LateOrder,
    Month,
    Sale,
    Undelivered,
)

SATURDAY = date(2026, 11, 28)
SALES = (12430, 7922, 15768, 15627, 8924)

LATE = (
    LateOrder("T18394", 2648, 8),
    LateOrder("T18193", 2170, 18),
    LateOrder("T18187", 1079, 18),
    LateOrder("T18427", 1032, 6),
)
COUNTS = {
    Count.PICKUPS: 10,
    Count.DELIVERIES: 12,
    Count.NEW_CUSTOMERS: 5,
    Count.REPEAT_ORDERS: 2,
    Count.PACKAGES: 1,
}


def headline(**changes) -> Headline:
    """Everything is known, the month is behind its target, and there are late orders."""
    days = []
    for weeks, rupees in zip(range(4, -1, -1), SALES, strict=True):
        days.append(DaySale(SATURDAY - timedelta(weeks=weeks), rupees))

    undelivered = Undelivered(
        SATURDAY,
        (
            AgeGroup(Age.DUE_TODAY, 3, 1390),
            AgeGroup(Age.UP_TO_3_DAYS, 5, 2795),
            AgeGroup(Age.UP_TO_10_DAYS, 5, 3680),
            AgeGroup(Age.OVER_10_DAYS, 11, 6288),
        ),
        oldest=LateOrder("T18078", 410, 25),
        dearest_late=LATE,
    )
    ordinary = Headline(
        store_code="A668",
        store_name="Riverside Colony",
        on=SATURDAY,
        sale=Sale(tuple(days)),
        month=Month(SATURDAY, 269075, 300000, 346561),
        undelivered=undelivered,
        requests_without_order=7,
        counts=tuple(DayCount(name, day) for name, day in COUNTS.items()),
        missing={},
    )
    return replace(ordinary, **changes)
