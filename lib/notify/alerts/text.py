"""The text of an alert: what failed, what is safe, what repairs itself, what a person must do.

Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lib.domain import pipelines
from lib.domain.mail_states import MailState
from lib.errors import ExitCode
from lib.model import Pipeline, Status
from lib.notify.alerts.log_tail import Line
from lib.notify.plan.run_result import cause_line, causes_of
from lib.period_names import instant_name, period_name
from lib.plural import counted

_UNIT = re.compile(r"simplify[@-](?P<job>[a-z_]+?)(?:\.(?:service|timer))?")
_MAX_CAUSES = 10


@dataclass(frozen=True)
class LastRun:
    """The row of the pipeline's latest run."""

    run_id: str
    status: str
    report_on: date | None
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class UndeliveredMails:
    """The mails in one state other than sent."""

    state: MailState
    #: One for each mail; empty for a mail about the run.
    store_codes: tuple[str, ...]


@dataclass(frozen=True)
class Incident:
    """What is known about a unit that has finally failed."""

    unit: str
    at: datetime
    zone: ZoneInfo
    #: Returns what people type to start a job here (JOB_COMMAND).
    command: Callable[[str], str]
    exit_code: int | None = None
    run: LastRun | None = None
    lines: Sequence[Line] = ()
    #: What the alert itself met: a database that is away, settings that are wrong.
    problems: Sequence[str] = field(default=())

    @property
    def pipeline(self) -> Pipeline | None:
        return pipelines.of_job(job_of(self.unit))

    @property
    def cause(self) -> str:
        """The same for two failures that are one: exit code and errors, without their numbers."""
        errors = []

        for line in self.lines:
            if line.status == Status.ERROR:
                errors.append(line.message)

        texts = errors or list(map(str, self.metric("issues", [])))
        # Stores, times and counts differ from one failure to the next of the same cause.
        shapes = sorted(
            {
                re.sub(
                    r"\d+",
                    "#",
                    text,
                )
                for text in texts
            }
        )
        code = "unknown" if self.exit_code is None else self.exit_code

        return f"{code}-{_digest(repr(shapes))}"

    def metric(
        self,
        name: str,
        default: Any,
    ) -> Any:
        """Return a part of the run's metrics, else `default`."""
        if self.run is None:
            return default

        return self.run.metrics.get(name) or default


def job_of(unit: str) -> str:
    """Return the job that a unit runs: `daily` for `simplify@daily.service`.

    The unit itself if it is none of ours.
    """
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
        ("Last log lines", list(map(str, incident.lines))),
    ]

    paragraphs = []

    for name, lines in sections:
        if lines:
            paragraphs.append("\n".join([f"{name}:", *lines]))

    return "\n\n".join(paragraphs) + "\n"


def recovery(
    unit: str,
    since: str,
    occurrences: int,
    undelivered: Sequence[UndeliveredMails] | None,
    *,
    command: Callable[[str], str],
    headline: str = "",
) -> tuple[str, str]:
    """Return subject and words of the message that ends an alert.

    `since` is the time of the first failure in words. `undelivered` None: the database did not say.
    `command` returns what people type to start a job.
    `headline`, if there is one, comes first.
    """
    times = "once" if occurrences == 1 else f"{occurrences} times"
    lines = [
        *filter(None, [headline]),
        f"{unit} has succeeded. It had failed {times} since {since}.",
    ]

    if undelivered is None:
        lines.append(f"Whether a mail is still owed could not be read: see {command('status')}.")
    elif undelivered:
        lines += ["Still to do:", *(_bullet(mails, command("notify")) for mails in undelivered)]
    else:
        lines.append("Nothing else is left to do." if headline else "Nothing is left to do.")

    return f"[Simplify] {unit} works again", "\n".join(lines) + "\n"


def _bullet(mails: UndeliveredMails, notify: str) -> str:
    number = len(mails.store_codes)
    one = number == 1
    how = {
        MailState.FAILED: f"{'was' if one else 'were'} refused for good",
        MailState.UNCERTAIN: "may or may not have arrived",
    }.get(mails.state, f"{'is' if one else 'are'} still owed")
    what = {
        MailState.FAILED: f"correct the recipient, or {notify} --resend",
        MailState.UNCERTAIN: f"{notify} --accept or --resend decides",
    }.get(mails.state, f"{notify} sends {'it' if one else 'them'}")

    return f"- {counted(number, 'mail')} {how} ({_about(mails.store_codes)}): {what}"


def _about(store_codes: Iterable[str]) -> str:
    """Return what mails are about, for people: `A668, TS48, the run`."""
    codes = sorted(set(filter(None, store_codes)))
    return ", ".join(codes + ["the run"] * ("" in store_codes))


def _what_failed(incident: Incident) -> list[str]:
    code = incident.exit_code
    known = "no exit code known"
    if code is not None:
        known = f"exit code {code}: {_MEANINGS.get(code, 'ended from outside')}"

    lines = [f"- {incident.unit} at {instant_name(incident.at, incident.zone)}, {known}"]

    if incident.run:
        about = _about_run(incident, incident.run)
        lines.append(f"- its latest run {incident.run.run_id}{about} is {incident.run.status}")

        is_error = incident.run.status == Status.ERROR
        causes = causes_of(incident.run.metrics, is_error=is_error)
        lines += map(cause_line, causes[:_MAX_CAUSES])

    lines += _undelivered_of_run(incident.metric("email", {}))

    return lines + [f"- {problem}" for problem in incident.problems]


def _about_run(incident: Incident, run: LastRun) -> str:
    if run.report_on is None or incident.pipeline is None:
        return ""

    return f" for {period_name(incident.pipeline, run.report_on)}"


def _undelivered_of_run(email: Any) -> list[str]:
    """Return a line for each reason for which mails of the run did not go, with their stores."""
    mails = email.get("mails") if isinstance(email, Mapping) else None
    stores: dict[tuple[str, str], list[str]] = {}

    for mail in mails if isinstance(mails, list) else ():
        if mail.get("state") != MailState.SENT and mail.get("reason"):
            group = (str(mail["state"]), str(mail["reason"]))
            stores.setdefault(group, []).append(mail.get("store_code") or "")

    lines = []
    for (state, reason), codes in stores.items():
        number = counted(len(codes), "mail")
        lines.append(f"- {number} {state} ({_about(codes)}): {reason}")

    return lines


def _what_is_safe(incident: Incident) -> list[str]:
    lines = ["- what is in the database stays; no run undoes what another one did"]
    pdf = incident.metric("pdf", {})
    email = incident.metric("email", {})

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
            f"- but the portal shows yesterday's dashboards until the end of {today},"
            f" {incident.zone.key}, only"
        )

    return lines


def _what_to_do(incident: Incident) -> list[str]:
    if incident.exit_code == ExitCode.CONFIGURATION:
        asked = "what the last log lines ask for (settings, credentials, migration)"
        return [f"- do {asked}, then start the unit again"]

    if incident.exit_code == ExitCode.USAGE:
        return [f"- correct the command line of {incident.unit}"]

    lines = [f"- when portal, database and mail server are well: systemctl start {incident.unit}"]
    sources = (
        f"journalctl -u {incident.unit}",
        incident.command("status"),
        "docs/how-to/read-a-failure.md",
    )
    return [*lines, f"- otherwise: {', '.join(sources)}"]


_MEANINGS: Mapping[int, str] = {
    ExitCode.OK: "it succeeded",
    ExitCode.BUG: "an unexpected error, a bug",
    ExitCode.USAGE: "wrong usage",
    ExitCode.TEMPORARY: "something is out of reach or still owed, and retries did not help",
    ExitCode.CONFIGURATION: "a person must change a setting, a credential or the schema",
}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
