"""What an alert says: what failed, what is safe, what repairs itself and when, what a person must do. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lib.errors import ExitCode
from lib.model import Pipeline, Status
from lib.notify.alerts.log_tail import Line

_UNIT = re.compile(r"simplify[@-](?P<job>[a-z_]+?)(?:\.(?:service|timer))?")
_MAX_ISSUES = 10


@dataclass(frozen=True)
class LastRun:
    """The row of the pipeline's latest run."""

    run_id: str
    status: str
    report_on: date | None
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class Incident:
    """What is known about a unit that has finally failed."""

    unit: str
    at: datetime
    zone: ZoneInfo
    exit_code: int | None = None
    run: LastRun | None = None
    lines: Sequence[Line] = ()
    #: What the alert itself met: a database that is away, settings that are wrong.
    problems: Sequence[str] = field(default=())

    @property
    def pipeline(self) -> Pipeline | None:
        return PIPELINES.get(job_of(self.unit))

    @property
    def cause(self) -> str:
        """What makes two failures the same one: exit code and errors, without their numbers and names."""
        errors = [line.message for line in self.lines if line.status == Status.ERROR]
        texts = errors or [str(issue) for issue in self.metric("issues", [])]
        shapes = sorted({re.sub(r"\d+", "#", text) for text in texts})

        return (
            f"{self.exit_code if self.exit_code is not None else 'unknown'}-{_digest(repr(shapes))}"
        )

    def metric(self, name: str, default: Any) -> Any:
        """Return a part of the run's metrics, else `default`."""
        return self.run.metrics.get(name) or default if self.run else default


#: The pipelines by the job that makes their runs.
PIPELINES = {"daily": Pipeline.DAILY, "weekly": Pipeline.WEEKLY, "monthly": Pipeline.MONTHLY}


def job_of(unit: str) -> str:
    """Return the job that a unit runs: `daily` for `simplify@daily.service`; the unit itself for a strange one."""
    match = _UNIT.fullmatch(unit)
    return match["job"] if match else unit


def title(incident: Incident) -> str:
    """Return the alert's subject."""
    return f"[Simplify] {incident.unit} has failed"


def text(incident: Incident) -> str:
    """Return the alert in words."""
    sections = [
        ("What failed", _what_failed(incident)),
        ("What is safe", _what_is_safe(incident)),
        ("What repairs itself", _what_repairs_itself(incident)),
        ("What a person must do", _what_to_do(incident)),
        ("Last log lines", [str(line) for line in incident.lines]),
    ]

    return "\n\n".join("\n".join([f"{name}:", *lines]) for name, lines in sections if lines) + "\n"


def recovery(unit: str, first_at: datetime, occurrences: int) -> tuple[str, str]:
    """Return subject and words of the message that ends an alert."""
    times = "once" if occurrences == 1 else f"{occurrences} times"
    words = f"{unit} has succeeded. It had failed {times} since {first_at:%Y-%m-%d %H:%M} UTC. Nothing is left to do.\n"

    return f"[Simplify] {unit} works again", words


def _what_failed(incident: Incident) -> list[str]:
    code = incident.exit_code
    known = (
        f"exit code {code}: {_MEANINGS.get(code, 'ended from outside')}"
        if code is not None
        else "no exit code known"
    )

    lines = [f"- {incident.unit} at {incident.at:%Y-%m-%d %H:%M} UTC, {known}"]

    if incident.run:
        about = f" for {incident.run.report_on}" if incident.run.report_on else ""
        lines.append(f"- its latest run {incident.run.run_id}{about} is {incident.run.status}")

    lines += [f"- {issue}" for issue in incident.metric("issues", [])[:_MAX_ISSUES]]
    return lines + [f"- {problem}" for problem in incident.problems]


def _what_is_safe(incident: Incident) -> list[str]:
    lines = ["- what is in the database stays; no run undoes what another one did"]

    pdf, email = incident.metric("pdf", {}), incident.metric("email", {})
    if isinstance(pdf, Mapping) and "generated" in pdf:
        lines.append(f"- {pdf['generated']} reports of this run were made")

    if isinstance(email, Mapping) and "message" in email:
        lines.append(f"- mails: {email['message']}")

    return lines


def _what_repairs_itself(incident: Incident) -> list[str]:
    if incident.exit_code in (ExitCode.CONFIGURATION, ExitCode.USAGE):
        return [
            "- nothing: running again fails in the same way until a person has changed something"
        ]

    timer = f"simplify@{job_of(incident.unit)}.timer"
    lines = [f"- the next scheduled start does what is still owed (systemctl list-timers {timer})"]

    if incident.pipeline is Pipeline.DAILY:
        today = incident.at.astimezone(incident.zone).date()
        lines.append(
            f"- but the portal shows yesterday's dashboards until the end of {today}, {incident.zone.key}, only"
        )

    return lines


def _what_to_do(incident: Incident) -> list[str]:
    if incident.exit_code == ExitCode.CONFIGURATION:
        return [
            "- do what the last log lines ask for (settings, credentials, migration), then start the unit again"
        ]

    if incident.exit_code == ExitCode.USAGE:
        return [f"- correct the command line of {incident.unit}"]

    lines = [f"- when portal, database and mail server are well: systemctl start {incident.unit}"]
    return [
        *lines,
        f"- otherwise: journalctl -u {incident.unit}, simplify status, docs/how-to/read-a-failure.md",
    ]


_MEANINGS: Mapping[int, str] = {
    ExitCode.OK: "it succeeded",
    ExitCode.BUG: "an unexpected error, a bug",
    ExitCode.USAGE: "wrong usage",
    ExitCode.TEMPORARY: "something is out of reach or still owed, and retries did not help",
    ExitCode.CONFIGURATION: "a person must change a setting, a credential or the schema",
}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
