"""The mails of a run planned once more, and compared with those that it owed. None is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from lib import dates, notify
from lib.config import Settings
from lib.model import RUNNING, Phase
from lib.pipelines.replay_run import compare, queries
from lib.pipelines.replay_run.result import ChangedUnit, ComparedPart, StoredMail, StoredRun
from lib.plural import counted, named
from lib.run.summary import duration

#: Mails that a sentence names.
NAMED = 6


def replay(
    engine: Engine,
    run: StoredRun,
    then: Sequence[StoredMail],
    settings: Settings,
) -> ComparedPart:
    """Plan what the run owes, in the engine's schema, and compare it with what it owed."""
    if not then:
        why = (run.metrics.get("email") or {}).get("message") or "the outbox has no mail of it"
        return ComparedPart("mail plan", not_compared=(f"no mail of the run is stored: {why}",))

    dated_at = max(mail.dated_at for mail in then)

    with engine.begin() as connection:
        _set_as_planned(connection, run, dated_at)
        notify.plan_notifications_for_run(
            connection,
            run.ref.pipeline,
            run.ref.run_id,
            settings=settings,
        )
        now = queries.stored_mails(connection, run)

    return _compared(then, now)


def _set_as_planned(connection: Connection, run: StoredRun, dated_at: datetime) -> None:
    """Give the run's row back what it said when its mails were planned, before any was sent."""
    row = queries.summary_row(connection, run.ref.run_id)
    phases = dict(row.phases_json or {})
    metrics = dict(row.metrics_json or {})
    phases.pop(Phase.NOTIFY, None)
    metrics.pop("email", None)
    took = duration(row.started_at, dated_at)

    queries.set_as_planned(
        connection,
        run.ref.run_id,
        {
            "overall_status": RUNNING,
            "finished_at": dated_at,
            "total_time_taken": took,
            "phases_json": phases,
            "metrics_json": metrics,
            "summary_text": _summary_then(row.summary_text, row.started_at, dated_at),
        },
    )


def _summary_then(text: str, started_at: datetime, finished_at: datetime) -> str:
    """Return the summary without the lines about its mails, and with the earlier end."""
    finished = dates.iso_utc(finished_at, "microseconds")
    took = duration(started_at, finished_at)
    lines = []

    for line in text.splitlines():
        if line.startswith("Started: "):
            lines.append(f"{line.split('  ')[0]}  Finished: {finished}  Duration: {took}")
        elif not line.startswith((f"- {Phase.NOTIFY}:", "Mails since: ")):
            lines.append(line)

    return "\n".join(lines)


def _compared(then: Sequence[StoredMail], now: Sequence[StoredMail]) -> ComparedPart:
    owed_then, owed_now = _by_name(then), _by_name(now)
    masked = _masked([*then, *now])
    differences = []
    emptied, digests = [], []
    number = 0

    for name in {**owed_then, **owed_now}:
        before, after = owed_then.get(name), owed_now.get(name)

        if before is None:
            differences.append(ChangedUnit(name, ("owed now, and not then",)))
        elif after is None:
            differences.append(ChangedUnit(name, ("owed then, and not now",)))
        elif not before.body and not before.problem:
            emptied.append(name)
            continue
        elif lines := compare.mail(before, after, masked):
            differences.append(ChangedUnit(name, tuple(lines)))

        number += 1

        if before is not None and before.is_digest:
            digests.append(name)

    reasons = []

    if emptied:
        reasons.append(f"the texts of {named(emptied, NAMED)} are not kept any more")

    if digests:
        reasons.append(
            f"{named(digests, NAMED)} went with other periods in one mail:"
            " only the readers are compared"
        )

    return ComparedPart(
        "mail plan",
        counted(number, "mail") if number else "",
        tuple(differences),
        tuple(reasons),
    )


def _by_name(mails: Sequence[StoredMail]) -> dict[str, StoredMail]:
    return {mail.name: mail for mail in mails}


def _masked(mails: Sequence[StoredMail]) -> Mapping[str, str]:
    """Return by mailbox, in small letters, what may be shown of it."""
    found: dict[str, Any] = {}

    for mail in mails:
        for mailbox in mail.recipients:
            found[mailbox.casefold()] = str(notify.Address(mailbox))

    return found
