"""When mails will be out, as a matter of arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.model import Phase
from lib.pipelines.deadline.forecast import (
    FEWEST_RUNS,
    GROUPS,
    PastDurations,
    Progress,
    due_at,
    forecast,
    progress_of_row,
    rest_of,
)

AT = datetime(2025, 11, 15, 2, 30, tzinfo=UTC)
DUE = datetime(2025, 11, 15, 3, 30, tzinfo=UTC)
MORNING = {"login": 10, "scrape": 60, "download": 600, "ingest": 30, "report": 120, "notify": 40}
KNOWN = PastDurations((MORNING,) * 3)
TIMED = [phase for group in GROUPS for phase in group]
seconds = st.floats(0, 50_000)
phase_seconds = st.dictionaries(st.sampled_from(TIMED), seconds)


def progress(ended=(), shares=None, **spent_s):
    return Progress(
        {Phase(name): spent for name, spent in spent_s.items()},
        frozenset(map(Phase, ended)),
        shares or {},
    )


def test_at_its_beginning_a_run_takes_what_is_usual():
    seen = forecast(AT, DUE, KNOWN, progress())

    assert seen.expected_at == AT + timedelta(seconds=860)
    assert not seen.is_late
    assert seen.slow is None


def test_usual_is_the_median_so_one_bad_morning_changes_nothing():
    history = PastDurations((MORNING, MORNING | {"scrape": 9_000}, MORNING))

    assert forecast(AT, DUE, history, progress()).expected_at == AT + timedelta(seconds=860)


@pytest.mark.parametrize("runs", range(FEWEST_RUNS))
def test_with_fewer_runs_nothing_is_expected_and_only_the_deadline_itself_is_late(runs):
    history = PastDurations((MORNING,) * runs)
    on_time = forecast(DUE, DUE, history, progress(scrape=3_600))
    after = forecast(DUE + timedelta(seconds=1), DUE, history, progress(scrape=3_600))

    assert (on_time.expected_at, on_time.is_late, on_time.slow) == (None, False, None)
    assert (after.expected_at, after.is_late, after.slow) == (None, True, None)


def test_a_phase_that_takes_longer_is_named_with_what_is_usual_for_it():
    at = AT + timedelta(seconds=2_000)
    seen = forecast(at, DUE, KNOWN, progress(["login"], login=12, scrape=1_950, download=3))

    assert (seen.slow.phase, seen.slow.spent_s, seen.slow.usual_s) == (Phase.SCRAPE, 1_950, 60)
    assert seen.expected_at == at + timedelta(seconds=597 + 30 + 120 + 40)


def test_it_is_late_before_the_deadline_by_what_is_still_to_come():
    stuck = progress(["login"], login=10, scrape=60, download=600, ingest=30, report=2_740)
    [just, late] = [
        forecast(DUE - timedelta(seconds=before), DUE, KNOWN, stuck) for before in (40, 39)
    ]

    assert not just.is_late
    assert late.is_late
    assert late.slow.phase is Phase.REPORT


def test_a_phase_that_a_run_left_out_is_not_waited_for():
    """The login failed, so what is stored is reported."""
    seen = rest_of(KNOWN, progress(login=3, report=20))

    assert seen == {Phase.REPORT: 100, Phase.RUN_SUMMARY: 0, Phase.NOTIFY: 40}


def test_a_run_that_has_a_part_of_the_work_to_do_needs_a_part_of_the_time():
    part = progress(shares={"download": 0.25, "ingest": 0.25, "scrape": 0.0, "report": 0.5})

    assert sum(rest_of(KNOWN, part).values()) == 10 + 150 + 7.5 + 60 + 40


@pytest.mark.parametrize(
    ("elapsed_s", "durations_s", "rest_s"),
    [
        pytest.param(0, {}, 860, id="at its beginning"),
        pytest.param(9, {}, 851, id="in the login"),
        pytest.param(300, {}, 850, id="a long login"),
        pytest.param(110, {"login": 10}, 750, id="in the exports"),
        pytest.param(9_010, {"login": 10}, 160, id="exports that take very long"),
        pytest.param(
            721,
            {"login": 10, "download": 610, "ingest": 30, "scrape": 61},
            150,
            id="in the reports",
        ),
    ],
)
def test_of_a_row_only_what_has_ended_is_known(elapsed_s, durations_s, rest_s):
    seen = progress_of_row(elapsed_s, durations_s, {}, KNOWN)

    assert sum(rest_of(KNOWN, seen).values()) == rest_s


def test_the_row_of_a_weekly_run_has_no_portal():
    history = PastDurations(({"report": 100, "notify": 20},) * 3)

    assert sum(rest_of(history, progress_of_row(30, {}, {}, history)).values()) == 90


@given(phase_seconds, phase_seconds, st.sampled_from(TIMED), st.floats(0.1, 5_000))
def test_a_forecast_never_gets_worse_faster_than_time_goes_by(usual, spent, phase, goes_by_s):
    """So a look when the reserve is used up is early enough."""
    history = PastDurations(({str(name): value for name, value in usual.items()},) * 3)
    before = Progress(spent, (), {})
    assume(not before.is_over(phase))
    after = Progress(spent | {phase: spent.get(phase, 0.0) + goes_by_s}, (), {})

    first = forecast(AT, DUE, history, before)
    second = forecast(AT + timedelta(seconds=goes_by_s), DUE, history, after)

    assert second.reserve_s >= first.reserve_s - goes_by_s - 1e-3


@pytest.mark.parametrize(
    ("zone", "on", "at", "expected"),
    [
        pytest.param("Asia/Kolkata", "2025-11-14", "09:00", "2025-11-15T03:30", id="India"),
        pytest.param("Europe/Berlin", "2025-03-29", "09:00", "2025-03-30T07:00", id="summer"),
        pytest.param("Europe/Berlin", "2025-10-25", "09:00", "2025-10-26T08:00", id="winter"),
        pytest.param("Europe/Berlin", "2025-03-29", "02:30", "2025-03-30T01:30", id="left out"),
        pytest.param("Europe/Berlin", "2025-10-25", "02:30", "2025-10-26T00:30", id="twice"),
    ],
)
def test_a_deadline_is_on_the_run_day_by_the_clock_of_the_zone(zone, on, at, expected):
    found = due_at(date.fromisoformat(on), time.fromisoformat(at), ZoneInfo(zone))

    assert found == datetime.fromisoformat(f"{expected}+00:00")
