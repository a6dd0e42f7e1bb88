"""Today's operating snapshot: what the day added, beside what its weekday usually adds.

Source: docs/reference/domain.md#daily-snapshot, #what-a-reader-needs-first, lesson 75.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lib import formatting
from lib.dates import DAY
from lib.domain.headline import weekdays_before
from lib.model import Bucket
from lib.reports.facts.model import DailyFacts, Value
from lib.reports.metrics import counters
from lib.reports.metrics.counters import Counter

#: Differences up to this one are no change.
FLAT = Decimal("0.01")

COUNTERS = (
    ("Pickups", Counter.PICKUPS),
    ("Deliveries", Counter.DELIVERIES),
    ("New customers’ pickups", Counter.NEW_PICKUPS),  # noqa: RUF001 - as it is printed
    ("Repeat orders", Counter.REPEAT_ORDERS),
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
    #: What the day added; None where it is not known.
    total: Value | None
    note: str
    tone: Tone
    #: Since the 1st of the month; None where it is not known or not counted so.
    month: Value | None = None


def snapshot(facts: DailyFacts) -> tuple[SnapshotRow, ...]:
    """Return the five rows in the order of the page."""
    rows = [_counter(label, counter, facts) for label, counter in COUNTERS]

    return _leads(facts), *rows


def compare(
    value: Value | None,
    before: Value | None,
    before_on: date,
) -> tuple[str, Tone]:
    """Return how `value` moved since `before_on`; one day proves no trend, so it has no colour."""
    if value is None:
        return "No data for this day", Tone.NEUTRAL

    if before is None:
        return "No earlier data yet", Tone.NEUTRAL

    return _moved(
        Decimal(value) - Decimal(before),
        f"since {formatting.day(before_on)}",
    ), (Tone.NEUTRAL)


def compare_with_usual(
    value: Value,
    usual: Sequence[Value],
    weekday: str,
) -> tuple[str, Tone]:
    """Return how `value` stands to the mean of the same weekdays before.

    It has a colour only outside of all of them: a day within them is a usual one.
    """
    if not usual:
        return f"No earlier {weekday} yet", Tone.NEUTRAL

    mean = Decimal(sum(usual)) / len(usual)
    printed = formatting.one_decimal(mean)
    days = "1 day" if len(usual) == 1 else f"mean of {len(usual)}"
    note = _moved(Decimal(value) - mean, f"on the usual {weekday}, {printed} ({days})")

    if value > max(usual):
        return note, Tone.POSITIVE

    if value < min(usual):
        return note, Tone.NEGATIVE

    return note, Tone.NEUTRAL


def _moved(difference: Decimal, against: str) -> str:
    if abs(difference) <= FLAT:
        return f"No change {against}"

    direction = "Up" if difference > 0 else "Down"
    return f"{direction} {formatting.one_decimal(difference)} {against}"


def _leads(facts: DailyFacts) -> SnapshotRow:
    """Return the row of the leads, which are counted by their day."""
    last_export_on = facts.older_lists.get(Bucket.MISSED_LEADS)

    if last_export_on is not None:
        note = f"Not known: the export was last read on {formatting.day(last_export_on)}"
        return SnapshotRow("Leads captured", "this day", None, note, Tone.NEUTRAL)

    if facts.leads_captured is None:
        note = "Not known: no export was ever read"
        return SnapshotRow("Leads captured", "this day", None, note, Tone.NEUTRAL)

    before = facts.today.on - DAY
    note, tone = compare(
        facts.leads_captured,
        facts.leads_captured_before,
        before,
    )

    return SnapshotRow("Leads captured", "this day", facts.leads_captured, note, tone)


def _counter(
    label: str,
    counter: Counter,
    facts: DailyFacts,
) -> SnapshotRow:
    """Return what T added to a counter of the month."""
    on = facts.today.on
    month = facts.today.metrics.get(counter)
    steps = counters.increments(facts.history, counter)

    step = counters.on_day(steps, on)

    if month is None or step is None:
        return SnapshotRow(
            label,
            "this day",
            None,
            "No data for this day",
            Tone.NEUTRAL,
            month=month,
        )

    if step.corrected:
        note = "The portal lowered its count; counted as 0"
        return SnapshotRow(
            label,
            "this day",
            step.value,
            note,
            Tone.NEUTRAL,
            month=month,
        )

    if step.days.first != step.days.last:
        first = formatting.day(step.days.first)
        note = f"Counted since {first}: no figures of the days between"

        return SnapshotRow(
            label,
            f"since {first}",
            step.value,
            note,
            Tone.NEUTRAL,
            month=month,
        )

    usual = counters.alone_on(steps, weekdays_before(on))
    note, tone = compare_with_usual(step.value, usual, f"{on:%A}")

    return SnapshotRow(
        label,
        "this day",
        step.value,
        note,
        tone,
        month=month,
    )
