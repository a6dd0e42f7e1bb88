"""What a run's row says after its mails were delivered by somebody else, later.

Pure but for `amend`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from lib.model import RUNNING, Phase, Status
from lib.run import queries


@dataclass(frozen=True)
class Telling:
    """How telling people ended."""

    #: One for each mail and each finding.
    statuses: tuple[Status, ...]
    #: One line for people: `3 of 3 mails sent`.
    message: str
    #: What belongs under `email` of `metrics_json`.
    metrics: Mapping[str, Any]


def amend(connection: Connection, run_id: str, telling: Telling) -> None:
    """Write into the row of a run that has ended what became of its mails since; other rows are left alone.

    A run that was open for its mails only closes its report date now
    (docs/reference/contract.md#runs).
    """
    row = queries.row_of(connection, run_id)
    if row is None or row.overall_status == RUNNING:
        return

    changed = amended(row.summary_text, row.phases_json, row.metrics_json, telling)

    if row.overall_status == Status.ERROR and not _is_worked_off(row.phases_json):
        changed |= {"overall_status": Status.ERROR}

    queries.amend(connection, run_id, changed)

    if changed["overall_status"] != Status.ERROR and (row.metrics_json or {}).get("may_close"):
        queries.reopen_older(connection, run_id)
        queries.close(connection, run_id)


def _is_worked_off(phases: Mapping[str, Any] | None) -> bool:
    """Tell whether the run came to its summary; one that was killed before owes more than mails."""
    return Phase.RUN_SUMMARY in (phases or {})


def amended(
    text: str,
    phases: Mapping[str, Mapping[str, int]] | None,
    metrics: Mapping[str, Any] | None,
    telling: Telling,
) -> dict[str, Any]:
    """Return the columns that change: the mails' outcome, and the worst of all phases as the run's status."""
    counts = Counter(telling.statuses)
    counted: dict[str, Mapping[str, int]] = dict(phases or {})
    counted[Phase.NOTIFY] = {status: counts[status] for status in Status}
    status = Status.worst(
        [Status(name) for each in counted.values() for name, n in each.items() if n]
    )

    return {
        "overall_status": status,
        "summary_text": _reworded(
            text, status, Status.worst(list(telling.statuses)), telling.message
        ),
        "phases_json": counted,
        "metrics_json": {**(metrics or {}), "email": dict(telling.metrics)},
    }


def _reworded(text: str, status: Status, notify: Status, message: str) -> str:
    line = f"- {Phase.NOTIFY}: {notify.upper()} ({message})"
    lines = [known for known in text.splitlines() if not known.startswith("Mails since: ")]

    found = [_with(known, status, line) for known in lines]
    if line not in found:
        found.append(line)

    return "\n".join([*found, f"Mails since: {message}"])


def _with(known: str, status: Status, notify_line: str) -> str:
    if known.startswith("Status: "):
        return f"Status: {status}"

    return notify_line if re.match(rf"- {Phase.NOTIFY}\b", known) else known
