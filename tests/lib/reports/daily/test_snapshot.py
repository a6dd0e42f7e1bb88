from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lib.reports.daily.snapshot import SnapshotRow, Tone, compare, snapshot
from lib.reports.facts.model import StoredDay
from tests.factories.reports import METRICS_BEFORE, METRICS_OF_T, facts

UP, DOWN, FLAT = Tone.POSITIVE, Tone.NEGATIVE, Tone.NEUTRAL


@pytest.mark.parametrize(
    ("value", "before", "note", "tone"),
    [
        pytest.param(None, 5, "No data for this day", FLAT, id="no value"),
        pytest.param(None, None, "No data for this day", FLAT, id="nothing at all"),
        pytest.param(5, None, "No earlier data yet", FLAT, id="nothing before"),
        pytest.param(0, None, "No earlier data yet", FLAT, id="zero is a value"),
        pytest.param(0, 0, "No change since 13 Nov 2025", FLAT, id="zero and zero"),
        pytest.param(
            Decimal("5.01"), 5, "No change since 13 Nov 2025", FLAT, id="a hundredth is no change"
        ),
        pytest.param(Decimal("5.02"), 5, "Up 0.0 since 13 Nov 2025", UP, id="two hundredths are"),
        pytest.param(12, 9, "Up 3.0 since 13 Nov 2025", UP, id="up"),
        pytest.param(0, 9, "Down 9.0 since 13 Nov 2025", DOWN, id="down to zero"),
        pytest.param(1000, 2500, "Down 1,500.0 since 13 Nov 2025", DOWN, id="down a lot"),
    ],
)
def test_a_note_says_how_much_and_since_when(value, before, note, tone):
    assert compare(value, before, date(2025, 11, 13)) == (note, tone)


def test_the_snapshot_has_five_rows_in_order():
    assert snapshot(facts()) == (
        SnapshotRow("Leads captured", "this day", 12, "Up 3.0 since 13 Nov 2025", UP),
        SnapshotRow("Pickups", "month to date", 212, "Up 12.0 since 13 Nov 2025", UP),
        SnapshotRow("Deliveries", "month to date", 188, "Down 2.0 since 13 Nov 2025", DOWN),
        SnapshotRow("New customers", "month to date", 40, "No earlier data yet", FLAT),
        SnapshotRow("Repeat customers", "month to date", 0, "No change since 13 Nov 2025", FLAT),
    )


def test_counters_are_compared_with_the_latest_stored_day_which_is_named():
    rows = snapshot(facts(previous=StoredDay(date(2025, 11, 9), METRICS_BEFORE)))
    assert rows[1].note == "Up 12.0 since 9 Nov 2025"


def test_counters_are_not_compared_over_a_month_reset():
    first = StoredDay(date(2025, 12, 1), METRICS_OF_T | {"repeat_orders": None})
    rows = snapshot(facts(today=first, previous=StoredDay(date(2025, 11, 30), METRICS_BEFORE)))
    reset = ("Counts from 1 Dec; not compared with 30 Nov 2025", FLAT)
    assert [(row.note, row.tone) for row in rows] == [
        ("Up 3.0 since 30 Nov 2025", UP),
        reset,
        reset,
        reset,
        ("No data for this day", FLAT),
    ]


def test_the_same_month_of_another_year_is_a_reset_too():
    rows = snapshot(facts(previous=StoredDay(date(2024, 11, 13), METRICS_BEFORE)))
    assert rows[1].note == "Counts from 1 Nov; not compared with 13 Nov 2024"


def test_a_store_without_history_has_no_comparisons():
    rows = snapshot(replace(facts(), previous=None, leads_captured_before=None))
    assert {row.note for row in rows} == {"No earlier data yet"}
