# ruff: noqa: RUF001 - as they are printed

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.model import Bucket
from lib.reports.daily.snapshot import SnapshotRow, Tone, compare, compare_with_usual, snapshot
from lib.reports.facts.model import StoredDay
from tests.factories.reports import METRICS_OF_T, T, facts

UP, DOWN, FLAT = Tone.POSITIVE, Tone.NEGATIVE, Tone.NEUTRAL


@pytest.mark.parametrize(
    ("value", "before", "note"),
    [
        pytest.param(None, 5, "No data for this day", id="no value"),
        pytest.param(None, None, "No data for this day", id="nothing at all"),
        pytest.param(5, None, "No earlier data yet", id="nothing before"),
        pytest.param(0, None, "No earlier data yet", id="zero is a value"),
        pytest.param(0, 0, "No change since 13 Nov 2025", id="zero and zero"),
        pytest.param(
            Decimal("5.01"), 5, "No change since 13 Nov 2025", id="a hundredth is no change"
        ),
        pytest.param(Decimal("5.02"), 5, "Up 0.0 since 13 Nov 2025", id="two hundredths are"),
        pytest.param(12, 9, "Up 3.0 since 13 Nov 2025", id="up"),
        pytest.param(0, 9, "Down 9.0 since 13 Nov 2025", id="down to zero"),
        pytest.param(1000, 2500, "Down 1,500.0 since 13 Nov 2025", id="down a lot"),
    ],
)
def test_a_note_says_how_much_and_since_when(value, before, note):
    assert compare(value, before, date(2025, 11, 13)) == (note, FLAT)


@pytest.mark.parametrize(
    ("value", "usual", "note", "tone"),
    [
        pytest.param(5, [], "No earlier Friday yet", FLAT, id="nothing before"),
        pytest.param(
            5, [3], "Up 2.0 on the usual Friday, 3.0 (1 day)", UP, id="more than the only one"
        ),
        pytest.param(
            5, [3, 6], "Up 0.5 on the usual Friday, 4.5 (mean of 2)", FLAT, id="within the usual"
        ),
        pytest.param(
            2, [3, 6], "Down 2.5 on the usual Friday, 4.5 (mean of 2)", DOWN, id="less than all"
        ),
        pytest.param(
            4, [4, 4], "No change on the usual Friday, 4.0 (mean of 2)", FLAT, id="the same"
        ),
    ],
)
def test_a_day_has_a_colour_only_outside_of_the_usual(value, usual, note, tone):
    assert compare_with_usual(value, usual, "Friday") == (note, tone)


def test_the_snapshot_has_five_rows_in_order():
    usual = "on the usual Friday"
    assert snapshot(facts()) == (
        SnapshotRow("Leads captured", "this day", 12, "Up 3.0 since 13 Nov 2025", FLAT),
        SnapshotRow("Pickups", "this day", 26, f"Up 8.0 {usual}, 18.0 (mean of 4)", UP, 212),
        SnapshotRow("Deliveries", "this day", 17, f"Up 2.0 {usual}, 15.0 (mean of 4)", UP, 188),
        SnapshotRow(
            "New customers’ pickups", "this day", 1, f"Down 2.0 {usual}, 3.0 (mean of 4)", DOWN, 40
        ),
        SnapshotRow(
            "Repeat orders",
            "this day",
            0,
            "The portal lowered its count; counted as 0",
            FLAT,
            0,
        ),
    )


def grown(*counts, last=T):
    """Return days up to `last` whose pickups ran to these counts."""
    days = [last - timedelta(days=number) for number in range(len(counts) - 1, -1, -1)]
    return tuple(
        StoredDay(on, METRICS_OF_T | {"pickup_total_count": count})
        for on, count in zip(days, counts, strict=True)
        if count is not None
    )


def pickups(*history, today=None):
    day = today or history[-1]
    return snapshot(facts(today=day, history=history))[1]


def test_a_day_after_a_gap_says_from_when_it_counts():
    row = pickups(*grown(100, None, 109))
    assert (row.total, row.scope) == (9, "since 13 Nov 2025")
    assert row.note == "Counted since 13 Nov 2025: no figures of the days between"


def test_a_counter_that_begins_anew_is_not_compared_over_the_months_end():
    """Lesson 75: on the 1st the counters begin anew, and the month before is no part of the day."""
    first = date(2025, 12, 1)
    row = pickups(*grown(400, 7, last=first))
    assert (row.total, row.note, row.tone) == (7, "No earlier Monday yet", FLAT)


def test_the_first_stored_day_counts_from_the_1st():
    assert pickups(*grown(100)).note == "Counted since 1 Nov 2025: no figures of the days between"


def test_a_figure_that_the_portal_does_not_show_is_not_zero():
    history = (
        *grown(100, 101, last=T - timedelta(days=1)),
        StoredDay(T, METRICS_OF_T | {"pickup_total_count": None}),
    )
    row = pickups(*history)
    assert (row.total, row.month, row.note) == (None, None, "No data for this day")


def test_leads_of_an_export_that_was_not_read_are_not_zero():
    older = {Bucket.MISSED_LEADS: date(2025, 11, 12)}
    row = snapshot(replace(facts(older_lists=older), leads_captured=None))[0]
    assert (row.total, row.note) == (None, "Not known: the export was last read on 12 Nov 2025")
