"""Today's operating snapshot: five totals, each with what it is compared with.

Source: docs/reference/domain.md#daily-snapshot, lesson 75.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lib.dates import DAY, month_of
from lib.reports.facts.model import DailyFacts, StoredDay, Value
from lib.reports.view import formatting

#: Differences up to this one are no change.
FLAT = Decimal("0.01")

#: Label and metric; all of them count from the first of the month.
COUNTERS = (
    ("Pickups", "pickup_total_count"),
    ("Deliveries", "delivery_total_delivered"),
    ("New customers", "pickup_new_count"),
    ("Repeat customers", "repeat_orders"),
)


class Tone(StrEnum):
    """The colour of a note, by its class in the style sheet."""

    POSITIVE = "snapshot-positive"
    NEGATIVE = "snapshot-negative"
    NEUTRAL = "snapshot-neutral"


@dataclass(frozen=True)
class SnapshotRow:
    """One line of the snapshot."""

    label: str
    #: Which days the total covers.
    scope: str
    total: Value | None
    note: str
    tone: Tone


def snapshot(facts: DailyFacts) -> tuple[SnapshotRow, ...]:
    """Return the five rows in the order of the page."""
    counters = [_counter(label, metric, facts) for label, metric in COUNTERS]

    return _leads(facts), *counters


def compare(value: Value | None, before: Value | None, before_on: date) -> tuple[str, Tone]:
    """Return how `value` moved since `before_on`; every total of the snapshot is better when higher."""
    if value is None:
        return "No data for this day", Tone.NEUTRAL

    if before is None:
        return "No earlier data yet", Tone.NEUTRAL

    day = formatting.day(before_on)
    difference = Decimal(value) - Decimal(before)

    if abs(difference) <= FLAT:
        return f"No change since {day}", Tone.NEUTRAL

    moved = f"{formatting.one_decimal(difference)} since {day}"
    if difference > 0:
        return f"Up {moved}", Tone.POSITIVE

    return f"Down {moved}", Tone.NEGATIVE


def _leads(facts: DailyFacts) -> SnapshotRow:
    """Return the row of the leads.

    They are counted by their day, so the month's first day can be compared with the day before it.
    """
    before = facts.today.on - DAY
    note, tone = compare(facts.leads_captured, facts.leads_captured_before, before)

    return SnapshotRow("Leads captured", "this day", facts.leads_captured, note, tone)


def _counter(label: str, metric: str, facts: DailyFacts) -> SnapshotRow:
    value = facts.today.metrics.get(metric)
    note, tone = _compare_counter(value, metric, facts.today.on, facts.previous)

    return SnapshotRow(label, "month to date", value, note, tone)


def _compare_counter(
    value: Value | None, metric: str, on: date, previous: StoredDay | None
) -> tuple[str, Tone]:
    if value is None or previous is None:
        return compare(value, None, on)

    # Counters begin anew on the 1st: against a day of another month every store would have fallen.
    if previous.on not in month_of(on):
        note = f"Counts from 1 {on:%b}; not compared with {formatting.day(previous.on)}"
        return note, Tone.NEUTRAL

    return compare(value, previous.metrics.get(metric), previous.on)
