"""What became of a run's mails, in the run."""

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


def promise(connection: Connection, run: Run, settings: Settings) -> None:
    """Write down what the run owes to whom, a mail for each profile and store, in the caller's transaction."""
    notify.plan_notifications_for_run(
        connection, run.ref.pipeline, run.ref.run_id, settings=settings
    )


def mails(settings: Settings, *, is_wanted: bool) -> Mails:
    """Return how people hear of runs one by one, or that nobody is to hear of them."""
    if not is_wanted:
        return Mails(lambda *_: None, nobody)

    return Mails(partial(promise, settings=settings), partial(each, settings=settings))


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
        run.record(Outcome(Phase.NOTIFY, mail.status, mail.name, mail.reason))

    if is_all_else_done and result.needs_person:
        run.ends_with(ExitCode.CONFIGURATION)


def each(runs: Sequence[Run], settings: Settings) -> None:
    """Send what each run owes, and what an earlier run of its date still owes, as its notify phase."""
    for run in runs:
        with run.phase(Phase.NOTIFY):
            sent = notify.send_notifications_for_run(
                run.ref.pipeline, run.ref.run_id, engine=run.engine, settings=settings
            )
            record(run, sent)


def warn(engine: Engine, ref: RunRef, store_codes: Sequence[str]) -> None:
    """Say whom a forced run mails once more, before it begins."""
    for line in notify.audience(engine, ref.pipeline, ref.run_env, store_codes):
        log.warning(f"--force mails again: {line}")


def nobody(runs: Sequence[Run], why: str = "--no-notify") -> None:
    """Say in the runs that no mail was to be sent; none is owed then."""
    for run in runs:
        run.metrics["email"] = {"status": "not sent", "message": why}
        run.notes[Phase.NOTIFY] = why
