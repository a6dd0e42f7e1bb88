"""The run in words and in JSON (docs/reference/domain.md#run-summary). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.model import Phase, Pipeline, Status
from lib.run.record import Outcome, Run

_LISTED_ISSUES = 30
_LONGEST = 99 * 3600 + 59 * 60 + 59
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
    """Return what the run's row should say at `finished_at` (aware)."""
    return Summary(
        status=run.status,
        finished_at=finished_at,
        total_time_taken=duration(run.ref.started_at, finished_at),
        text=text(run, finished_at),
        phases=phases(run.outcomes),
        metrics={**run.metrics, "issues": issues(run.outcomes)[-5:], "may_close": run.may_close},
    )


def duration(started_at: datetime, finished_at: datetime) -> str:
    """Return `HH:MM:SS`, floored, never negative; the column ends at 99:59:59.

    Source: docs/reference/domain.md#run-summary.
    """
    seconds = min(max(int((finished_at - started_at).total_seconds()), 0), _LONGEST)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def phases(outcomes: list[Outcome]) -> dict[str, dict[str, int]]:
    """Return phase → how many units ended `ok`, `warning` and `error`, in the order in which phases come."""
    seen = [phase for phase in Phase if any(outcome.phase is phase for outcome in outcomes)]
    counts = Counter((outcome.phase, outcome.status) for outcome in outcomes)

    return {phase: {status: counts[phase, status] for status in Status} for phase in seen}


def issues(outcomes: list[Outcome]) -> list[str]:
    """Return what somebody should read, each text once, what is owed first."""
    by_severity = sorted(outcomes, key=lambda outcome: outcome.status is not Status.ERROR)
    return list(
        dict.fromkeys(str(outcome) for outcome in by_severity if outcome.status is not Status.OK)
    )


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
                    f"Started: {_instant(ref.started_at)}",
                    f"Finished: {_instant(finished_at)}",
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


def _phase_lines(run: Run) -> list[str]:
    lines = []

    for phase in Phase:
        statuses = [outcome.status for outcome in run.outcomes if outcome.phase is phase]
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


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
