"""The row of a run that has ended, after its mails were sent later. Pure but for `amend`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from lib.model import RUNNING, Phase, Status
from lib.run import queries

#: Begins the line of a summary that was added after the run.
_MAILS_SINCE = "Mails since: "


@dataclass(frozen=True)
class MailsSent:
    """How the mails of a run ended."""

    #: One for each mail and each finding.
    statuses: tuple[Status, ...]
    #: One line for people: `3 of 3 mails sent`.
    message: str
    #: What belongs under `email` of `metrics_json`.
    metrics: Mapping[str, Any]

    @property
    def worst(self) -> Status:
        """Return the worst status of a mail or finding."""
        return Status.worst(list(self.statuses))


def amend(connection: Connection, run_id: str, sent: MailsSent) -> None:
    """Write into the row of an ended run how its mails ended since; a running row stays as it is.

    A run that was open for its mails only closes its report date now. Where two runs could close
    it, the one that began later does.

    Source: docs/reference/contract.md#runs.
    """
    row = queries.row_of(connection, run_id)
    if row is None or row.overall_status == RUNNING:
        return

    changed = amended(row.summary_text, row.phases_json, row.metrics_json, sent)

    # A run that was killed before its summary owes more than mails.
    came_to_its_summary = Phase.RUN_SUMMARY in (row.phases_json or {})
    if row.overall_status == Status.ERROR and not came_to_its_summary:
        changed |= {"overall_status": Status.ERROR}

    queries.amend(connection, run_id, changed)

    may_close = (row.metrics_json or {}).get("may_close")
    if changed["overall_status"] != Status.ERROR and may_close:
        queries.reopen_older(connection, run_id)
        queries.close(connection, run_id)


def amended(
    text: str,
    phases: Mapping[str, Mapping[str, int]] | None,
    metrics: Mapping[str, Any] | None,
    sent: MailsSent,
) -> dict[str, Any]:
    """Return the columns that change; `overall_status` is the worst of all phases."""
    counts = Counter(sent.statuses)
    counted: dict[str, Mapping[str, int]] = dict(phases or {})
    counted[Phase.NOTIFY] = {status: counts[status] for status in Status}

    status = _worst(counted)
    return {
        "overall_status": status,
        "summary_text": _reworded(text, status, sent),
        "phases_json": counted,
        "metrics_json": {**(metrics or {}), "email": dict(sent.metrics)},
    }


def _worst(phases: Mapping[str, Mapping[str, int]]) -> Status:
    seen = []
    for counts in phases.values():
        for name, count in counts.items():
            if count:
                seen.append(Status(name))

    return Status.worst(seen)


def _reworded(text: str, status: Status, sent: MailsSent) -> str:
    """Return the summary with its lines about status and mails replaced."""
    notify_line = f"- {Phase.NOTIFY}: {sent.worst.upper()} ({sent.message})"
    lines = []

    for line in text.splitlines():
        if line.startswith(_MAILS_SINCE):
            continue

        if line.startswith("Status: "):
            lines.append(f"Status: {status}")
        elif line.startswith((f"- {Phase.NOTIFY}:", f"- {Phase.NOTIFY} ")):
            lines.append(notify_line)
        else:
            lines.append(line)

    if notify_line not in lines:
        lines.append(notify_line)

    lines.append(f"{_MAILS_SINCE}{sent.message}")
    return "\n".join(lines)
