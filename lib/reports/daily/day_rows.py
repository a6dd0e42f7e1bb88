"""What the day added, beside what its weekday usually adds and what the month has.

Source: docs/reference/domain.md#daily-snapshot, #what-a-reader-needs-first, lesson 75.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib import formatting
from lib.domain.headline import Count, DayCount, Headline
from lib.reports.facts.model import DailyFacts

#: How many of the same weekday must be known before a day is outside of the usual.
FEWEST = 2

LABELS = {
    Count.PICKUPS: "Pickup requests",
    Count.PICKUPS_FOR_THE_DAY: "Pickups due",
    Count.DELIVERIES: "Deliveries",
    Count.NEW_CUSTOMERS: "New customers’ pickups",  # noqa: RUF001 - as it is printed
    Count.REPEAT_ORDERS: "Repeat orders",
    Count.PACKAGES: "Packages sold",
    Count.HIGH_VALUE: "Over ₹800, no package",
    Count.ORDERS_LISTED: "That day’s orders in the list",  # noqa: RUF001 - as it is printed
}


class Tone(StrEnum):
    """The colour of a figure, by its class in the style sheet."""

    POSITIVE = "snapshot-positive"
    NEGATIVE = "snapshot-negative"
    NEUTRAL = "snapshot-neutral"


@dataclass(frozen=True)
class DayRow:
    """One line of the day; the texts are ready to print."""

    label: str
    #: What a reader must know about the figure; often empty.
    note: str
    day: str
    #: The mean of the same weekday of the four weeks before; empty where it is not known.
    usual: str
    #: Empty where the portal has no such counter.
    month: str
    tone: Tone


def day_rows(
    facts: DailyFacts,
    headline: Headline,
) -> tuple[DayRow, ...]:
    """Return the rows in the order of the page."""
    found = []

    for name in Count:
        found.append(_row(headline.count(name), facts))

    return tuple(found)


def _row(count: DayCount, facts: DailyFacts) -> DayRow:
    usual = count.usual

    return DayRow(
        label=LABELS[count.name],
        note=_note(count, facts),
        day=formatting.count(count.day),
        usual="" if usual is None else formatting.one_decimal(usual),
        month=_month(count),
        tone=tone_of(count),
    )


def tone_of(count: DayCount) -> Tone:
    """Return a colour only for a day outside of all the same weekdays before."""
    is_alone = count.since is None and not count.corrected

    if count.day is None or not is_alone or len(count.before) < FEWEST:
        return Tone.NEUTRAL

    if count.day > max(count.before):
        return Tone.POSITIVE

    return Tone.NEGATIVE if count.day < min(count.before) else Tone.NEUTRAL


def _note(count: DayCount, facts: DailyFacts) -> str:
    if count.corrected:
        return "the portal lowered its count; counted as 0"

    if count.since is not None:
        return f"since {formatting.short_day(count.since)}: no figures of the days between"

    before = facts.leads_captured_before
    if count.name is Count.PICKUPS_FOR_THE_DAY and count.day is not None and before is not None:
        return f"day before: {formatting.count(before)}"

    return ""


def _month(count: DayCount) -> str:
    if count.month is None:
        return ""

    month = formatting.count(count.month)
    return month if count.target is None else f"{month} of {formatting.count(count.target)}"
