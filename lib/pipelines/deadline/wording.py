"""A deadline in words: for the log, the alert and the overview. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lib.domain.pipelines import name_of
from lib.model import Pipeline
from lib.period_names import instant_name, period_name
from lib.pipelines.deadline.forecast import (
    FEWEST_RUNS,
    Forecast,
    PastDurations,
    SlowPhase,
    rest_of,
    usual_of,
)
from lib.pipelines.deadline.state import DeadlineState
from lib.plural import counted

_MINUTE_S = 60
_HOUR_MIN = 60
#: From so many minutes on seconds are not said.
_ROUGH_MIN = 10


def span(seconds: float) -> str:
    """Return a duration as people say it: `40 s`, `3 min 20 s`, `48 min`, `1 h 20 min`."""
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE_S)

    if not minutes:
        return f"{rest} s"

    if minutes < _ROUGH_MIN:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"

    hours, minutes = divmod(round(seconds / _MINUTE_S), _HOUR_MIN)
    if not hours:
        return f"{minutes} min"

    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def setting_of(pipeline: Pipeline) -> str:
    """Return the name of the setting with the pipeline's deadline."""
    return f"DEADLINE_{name_of(pipeline).upper()}"


def expectation(seen: Forecast, pipeline: Pipeline, zone: ZoneInfo) -> str:
    """Return the line with which a watch begins."""
    due = f"they must be by {instant_name(seen.due_at, zone)} ({setting_of(pipeline)})"

    if seen.expected_at is None:
        return f"when the mails will be out is not known: {unknown(seen.history)}; {due}"

    source = f"median of the last {counted(len(seen.history.durations_s), 'run')}"
    expected = instant_name(seen.expected_at, zone)

    return f"the mails are expected to be out by {expected} ({source}); {due}"


def warning(
    seen: Forecast,
    pipeline: Pipeline,
    report_on: date,
    zone: ZoneInfo,
) -> str:
    """Return the line that says how late the mails will be and which phase is slow."""
    about = f"the {name_of(pipeline)} mails of {period_name(pipeline, report_on)}"
    due = f"{instant_name(seen.due_at, zone)} ({setting_of(pipeline)})"

    if seen.expected_at is None:
        return f"{about} had to be out by {due} and are not; {_how_long(seen)}"

    late = span(-seen.reserve_s)
    expected = instant_name(seen.expected_at, zone)

    return f"{about} will be out by {expected}, {late} after {due}; {_how_long(seen)}"


def title(seen: Forecast, pipeline: Pipeline, report_on: date) -> str:
    """Return the subject of the alert."""
    verb = "are" if seen.at > seen.due_at else "will be"
    about = f"the {name_of(pipeline)} mails of {period_name(pipeline, report_on)}"

    return f"[Simplify] {about} {verb} late"


def text(
    seen: Forecast,
    pipeline: Pipeline,
    report_on: date,
    *,
    zone: ZoneInfo,
    status_command: str,
) -> str:
    """Return the alert in words."""
    sentence = warning(seen, pipeline, report_on, zone)
    lines = [f"{sentence[0].upper()}{sentence[1:]}.", ""]

    if seen.history.is_known:
        lines += ["Phases, so far and usually:", *_phase_lines(seen), ""]

    lines += [
        "The run goes on, and mails what it makes. Nothing has failed so far.",
        f"How it stands: {status_command}. What to do: docs/how-to/meet-a-deadline.md.",
    ]
    return "\n".join(lines) + "\n"


def unknown(history: PastDurations) -> str:
    """Return why nothing is expected."""
    number = len(history.durations_s)
    runs = counted(number, "earlier run")
    say = "says" if number == 1 else "say"

    return f"{runs} that did all of a date {say} how long it takes, and {FEWEST_RUNS} are needed"


def state_line(state: DeadlineState, zone: ZoneInfo) -> str:
    """Return one line of the overview."""
    name = f"{name_of(state.pipeline)} {state.report_on}"
    parts = [
        _actual(state, zone),
        *_expected(state, zone),
        f"deadline {instant_name(state.due_at, zone)}",
    ]

    return f"{name}: {', '.join(parts)}"


def _actual(state: DeadlineState, zone: ZoneInfo) -> str:
    if state.are_out and state.out_at is None:
        return "no mail was to be sent"

    if state.out_at is not None:
        late_by = state.out_at - state.due_at
        late = f" ({span(late_by.total_seconds())} late)" if late_by > timedelta() else ""
        return f"mails out {instant_name(state.out_at, zone)}{late}"

    if state.is_running:
        return "mails not out yet, the run is at work"

    return "mails not all out" if state.has_run else "mails not out, no run has begun"


def _expected(state: DeadlineState, zone: ZoneInfo) -> list[str]:
    if not state.has_run:
        return []

    if state.expected_at is None:
        return [f"expected: not known ({counted(state.known_runs, 'earlier run')})"]

    return [f"expected {instant_name(state.expected_at, zone)}"]


def _how_long(seen: Forecast) -> str:
    slow = seen.slow
    if slow is not None:
        return _slow(slow, len(seen.history.durations_s))

    if not seen.history.is_known:
        return f"what is slow is not known: {unknown(seen.history)}"

    return "no phase is slower than usual, so the run began too late"


def _slow(slow: SlowPhase, runs: int) -> str:
    more = span(slow.spent_s - slow.usual_s)
    return (
        f"{slow.phase} has taken {span(slow.spent_s)}, {more} more than the usual"
        f" {span(slow.usual_s)} (median of the last {counted(runs, 'run')})"
    )


def _phase_lines(seen: Forecast) -> list[str]:
    rest = rest_of(seen.history, seen.progress)
    lines = []

    for phase in {**dict.fromkeys(seen.progress.spent_s), **rest}:
        usual_s = usual_of(phase, seen.history, seen.progress)
        spent_s = seen.progress.spent_s.get(phase)
        so_far = "not begun" if spent_s is None else span(spent_s)

        if spent_s is not None or usual_s:
            lines.append(f"- {phase}: {so_far}, usually {span(usual_s)}")

    return lines
