"""What people read about a deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lib.model import Phase, Pipeline
from lib.pipelines.deadline import DeadlineState, state_line
from lib.pipelines.deadline.forecast import PastDurations, Progress, forecast
from lib.pipelines.deadline.wording import span, text, title, warning

ZONE = ZoneInfo("Asia/Kolkata")
ON = date(2025, 11, 14)
DUE = datetime(2025, 11, 15, 3, 30, tzinfo=UTC)
KNOWN = PastDurations(({"login": 10, "download": 720, "report": 360, "notify": 120},) * 7)
SLOW = Progress({Phase.LOGIN: 12, Phase.DOWNLOAD: 2_880}, {Phase.LOGIN}, {})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (600, "10 min"),
        (2_880, "48 min"),
        (3_599, "1 h"),
        (4_800, "1 h 20 min"),
    ],
)
def test_a_duration_is_no_more_precise_than_it_is_of_use(seconds, words):
    assert span(seconds) == words


def test_the_line_says_when_how_late_which_phase_and_by_how_much():
    seen = forecast(DUE + timedelta(minutes=4), DUE, KNOWN, SLOW)

    assert warning(seen, Pipeline.DAILY, ON, ZONE) == (
        "the daily mails of Fri 14 Nov will be out by 15 Nov, 9:12 am IST, 12 min after"
        " 15 Nov, 9:00 am IST (DEADLINE_DAILY); download has taken 48 min, 36 min more than the"
        " usual 12 min (median of the last 7 runs)"
    )


def test_without_history_the_line_names_no_phase():
    seen = forecast(DUE + timedelta(seconds=1), DUE, PastDurations(()), SLOW)

    assert warning(seen, Pipeline.WEEKLY, date(2025, 11, 16), ZONE) == (
        "the weekly mails of 10\N{EN DASH}16 Nov had to be out by 15 Nov, 9:00 am IST (DEADLINE_WEEKLY) and"
        " are not; what is slow is not known: 0 earlier runs that did all of a date say how long it"
        " takes, and 3 are needed"
    )


def test_the_alert_lists_the_phases_beside_what_is_usual():
    seen = forecast(DUE - timedelta(minutes=4), DUE, KNOWN, SLOW)
    said = text(seen, Pipeline.DAILY, ON, zone=ZONE, status_command="simplify status")

    assert title(seen, Pipeline.DAILY, ON) == (
        "[Simplify] the daily mails of Fri 14 Nov will be late"
    )
    assert said.splitlines()[1:] == [
        "",
        "Phases, so far and usually:",
        "- login: 12 s, usually 10 s",
        "- download: 48 min, usually 12 min",
        "- report: not begun, usually 6 min",
        "- notify: not begun, usually 2 min",
        "",
        "The run goes on, and mails what it makes. Nothing has failed so far.",
        "How it stands: simplify status. What to do: docs/how-to/meet-a-deadline.md.",
    ]


def test_after_the_deadline_the_subject_is_about_now():
    seen = forecast(DUE + timedelta(seconds=1), DUE, KNOWN, SLOW)

    assert title(seen, Pipeline.DAILY, ON).endswith(" are late")


STATE = DeadlineState(Pipeline.DAILY, ON, DUE, has_run=True, known_runs=7)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        pytest.param(
            replace(STATE, has_run=False),
            "mails not out, no run has begun, deadline 15 Nov, 9:00 am IST",
            id="before the run",
        ),
        pytest.param(
            replace(STATE, is_running=True, expected_at=DUE + timedelta(minutes=12)),
            "mails not out yet, the run is at work, expected 15 Nov, 9:12 am IST,"
            " deadline 15 Nov, 9:00 am IST",
            id="at work",
        ),
        pytest.param(
            replace(STATE, is_running=True, known_runs=1),
            "mails not out yet, the run is at work, expected: not known (1 earlier run),"
            " deadline 15 Nov, 9:00 am IST",
            id="at work, not known",
        ),
        pytest.param(
            replace(
                STATE,
                are_out=True,
                out_at=DUE - timedelta(minutes=39),
                expected_at=DUE - timedelta(minutes=36),
            ),
            "mails out 15 Nov, 8:21 am IST, expected 15 Nov, 8:24 am IST,"
            " deadline 15 Nov, 9:00 am IST",
            id="out",
        ),
        pytest.param(
            replace(STATE, are_out=True, out_at=DUE + timedelta(minutes=39), expected_at=DUE),
            "mails out 15 Nov, 9:39 am IST (39 min late), expected 15 Nov, 9:00 am IST,"
            " deadline 15 Nov, 9:00 am IST",
            id="out late",
        ),
        pytest.param(
            replace(STATE, expected_at=DUE),
            "mails not all out, expected 15 Nov, 9:00 am IST, deadline 15 Nov, 9:00 am IST",
            id="something is owed",
        ),
        pytest.param(
            replace(STATE, are_out=True, expected_at=DUE),
            "no mail was to be sent, expected 15 Nov, 9:00 am IST, deadline 15 Nov, 9:00 am IST",
            id="no reader",
        ),
    ],
)
def test_the_overview_says_when_mails_were_or_will_be_out(state, line):
    assert state_line(state, ZONE) == f"daily 2025-11-14: {line}"
