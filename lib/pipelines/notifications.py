"""The mails of a run as a part of the run: enqueued, sent, recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy.engine import Connection, Engine

from lib import log, notify
from lib.config import Settings
from lib.errors import ExitCode
from lib.model import Phase, RunRef, Status
from lib.notify import NotifyResult
from lib.run import Mails, Outcome, Run


def enqueue(
    connection: Connection,
    run: Run,
    settings: Settings,
) -> None:
    """Write what the run owes into the outbox, in the caller's transaction."""
    notify.plan_notifications_for_run(
        connection,
        run.ref.pipeline,
        run.ref.run_id,
        settings=settings,
    )


def mails(
    settings: Settings,
    *,
    is_wanted: bool,
) -> Mails:
    """Return how the mails of runs are sent, run by run; or that none is."""
    if not is_wanted:
        return Mails(lambda *_: None, not_sent)

    return Mails(
        partial(enqueue, settings=settings),
        partial(send_each, settings=settings),
    )


def record(run: Run, result: NotifyResult) -> None:
    """Make each mail an outcome of the run, and each finding that somebody should read.

    Mails have a timer of their own (jobs.notify), so where nothing else is owed and one of them
    needs a person, the run says so at once. Where something else is owed, such as a store, that is
    worth the scheduler's retries.
    """
    is_all_else_done = run.status is not Status.ERROR
    run.metrics["email"] = result.as_metrics()
    run.notes[Phase.NOTIFY] = result.message

    run.report(Phase.NOTIFY, result.findings)

    for mail in result.mails:
        run.record(
            Outcome(
                Phase.NOTIFY,
                mail.status,
                mail.name,
                mail.reason,
            )
        )

    if is_all_else_done and result.needs_person:
        run.ends_with(ExitCode.CONFIGURATION)


def send_each(runs: Sequence[Run], settings: Settings) -> None:
    """Send what each run owes as its notify phase.

    With what an earlier run of its date still owes.
    """
    for run in runs:
        with run.phase(Phase.NOTIFY):
            sent = notify.send_notifications_for_run(
                run.ref.pipeline,
                run.ref.run_id,
                engine=run.engine,
                settings=settings,
            )
            record(run, sent)


def warn(
    engine: Engine,
    ref: RunRef,
    store_codes: Sequence[str],
) -> None:
    """Log which readers a forced run mails once more, before it begins."""
    for line in notify.audience(
        engine,
        ref.pipeline,
        ref.run_env,
        store_codes,
    ):
        log.warning(f"--force mails again: {line}")


def not_sent(runs: Sequence[Run], why: str = "--no-notify") -> None:
    """Write into the runs that no mail was to be sent; none is owed then."""
    for run in runs:
        run.metrics["email"] = {"status": "not sent", "message": why}
        run.notes[Phase.NOTIFY] = why
