"""The run in words and in JSON (docs/reference/domain.md#run-summary). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lib import dates
from lib.model import Phase, Pipeline, Status
from lib.plural import counted
from lib.run.causes import causes
from lib.run.record import Outcome, Run

#: Issues that the summary lists at most; the log has all of them.
_LISTED_ISSUES = 30
#: Issues that `metrics_json` keeps.
_KEPT_ISSUES = 5
#: The column ends at 99:59:59.
_LONGEST_S = 99 * 3600 + 59 * 60 + 59
#: Phases of which the summary has no line.
_SILENT = {Phase.PREFLIGHT, Phase.RUN_SUMMARY}


@dataclass(frozen=True)
class Summary:
    """What a run's row says at one moment."""

    status: str
    finished_at: datetime
    total_time_taken: str
    text: str
    phases: Mapping[str, Mapping[str, int]]
    metrics: Mapping[str, Any]


def summarise(run: Run, finished_at: datetime) -> Summary:
    """Return what the run's row says when it ends at `finished_at` (aware)."""
    return Summary(
        status=run.status,
        finished_at=finished_at,
        total_time_taken=duration(run.ref.started_at, finished_at),
        text=text(run, finished_at),
        phases=phases(run.outcomes),
        metrics={
            **run.metrics,
            # The most serious come first, so these are kept.
            "issues": issues(run.outcomes)[:_KEPT_ISSUES],
            "causes": [cause.as_json() for cause in causes(run.outcomes)],
            "may_close": run.may_close,
            "durations_s": {phase: round(spent, 3) for phase, spent in run.durations_s.items()},
        },
    )


def duration(started_at: datetime, finished_at: datetime) -> str:
    """Return `HH:MM:SS`, floored, from 00:00:00 to 99:59:59.

    Source: docs/reference/domain.md#run-summary.
    """
    elapsed = int((finished_at - started_at).total_seconds())
    bounded = min(max(elapsed, 0), _LONGEST_S)

    minutes, seconds = divmod(bounded, 60)
    hours, minutes = divmod(minutes, 60)

    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def phases(outcomes: list[Outcome]) -> dict[str, dict[str, int]]:
    """Return for each phase seen how many units ended `ok`, `warning` and `error`.

    In the order in which phases come.
    """
    counted: dict[str, dict[str, int]] = {}

    for phase in Phase:
        counts = Counter(outcome.status for outcome in outcomes if outcome.phase is phase)
        if counts:
            counted[phase] = {status: counts[status] for status in Status}

    return counted


def issues(outcomes: list[Outcome]) -> list[str]:
    """Return the texts of all errors, then of all warnings, each text once."""
    errors = []

    for outcome in outcomes:
        if outcome.status is Status.ERROR:
            errors.append(str(outcome))

    warnings = []

    for outcome in outcomes:
        if outcome.status is Status.WARNING:
            warnings.append(str(outcome))

    # A dict keeps the order in which its keys came.
    return list(dict.fromkeys(errors + warnings))


def text(run: Run, finished_at: datetime) -> str:
    """Return the summary for people, line by line (docs/reference/domain.md#run-summary)."""
    ref = run.ref
    return "\n".join(
        [
            f"Pipeline: {ref.pipeline}",
            f"Run ID: {ref.run_id}",
            f"Env: {ref.run_env}",
            f"Report Date: {ref.report_on.isoformat()}",
            "  ".join(
                [
                    f"Started: {dates.iso_utc(ref.started_at, 'microseconds')}",
                    f"Finished: {dates.iso_utc(finished_at, 'microseconds')}",
                    f"Duration: {duration(ref.started_at, finished_at)}",
                ]
            ),
            f"Status: {run.status}",
            "",
            "Phases:",
            *_phase_lines(run),
            "",
            "Data:" if ref.pipeline is Pipeline.DAILY else "Details:",
            *(run.details or ["- none"]),
            "",
            "Issues:",
            *_issue_lines(run.outcomes),
        ]
    )


def ending(run: Run, *, is_closed: bool) -> str:
    """Return the last line of a run: how it ended, whether its date is closed, what was made."""
    on = run.ref.report_on
    if is_closed:
        state = f"{on} is closed"
    elif run.status is Status.ERROR:
        state = f"{on} stays open: something is still owed"
    elif run.may_close:
        state = f"another run closed {on}"
    else:
        # Some stores only, or no data yet: nothing is wrong, and the next run of all stores looks
        # again.
        state = f"{on} stays open for the next run of all stores"
    return "; ".join([f"run ended: {run.status}", state, *_made(run)])


def _made(run: Run) -> list[str]:
    """Return what the run made: its reports with their folder, and what became of the mails."""
    made = []
    records = run.metrics.get("pdf", {}).get("records", [])
    if records:
        folders = sorted({str(Path(record["file_path"]).parent) for record in records})
        made.append(f"{counted(len(records), 'report')} in {', '.join(folders)}")
    if note := run.notes.get(Phase.NOTIFY):
        is_silent = run.metrics.get("email", {}).get("status") == "not sent"
        made.append(f"no mail ({note})" if is_silent else note)
    return made


def _phase_lines(run: Run) -> list[str]:
    lines = []

    for phase in Phase:
        statuses = []

        for outcome in run.outcomes:
            if outcome.phase is phase:
                statuses.append(outcome.status)

        if statuses and phase not in _SILENT:
            note = f" ({run.notes[phase]})" if phase in run.notes else ""
            lines.append(f"- {phase}: {Status.worst(statuses).upper()}{note}")

    return lines or ["- none"]


def _issue_lines(outcomes: list[Outcome]) -> list[str]:
    found = issues(outcomes)
    lines = [f"- {issue}" for issue in found[:_LISTED_ISSUES]] or ["- none"]

    if more := found[_LISTED_ISSUES:]:
        lines.append(f"- and {len(more)} more in the log")

    return lines
