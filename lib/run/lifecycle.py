"""The life of a run: lock, row, work, summary, mails, closing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine

from lib import dates, log, stop
from lib.db import revision
from lib.errors import ExitCode, TemporaryError, UsageError, describe
from lib.model import RUNNING, Phase, Pipeline, RunRef, Status
from lib.run import queries
from lib.run.lock import close_killed, locked
from lib.run.record import Outcome, Run, most_serious
from lib.run.summary import ending, summarise

Work = Callable[[Run], None]
#: Looks at a run from its beginning until its mails have gone; raises nothing.
Watch = Callable[[Run], AbstractContextManager[object]]


def unwatched(_run: Run) -> AbstractContextManager[object]:
    """Return a watch that does nothing."""
    return nullcontext()


@dataclass(frozen=True)
class Task:
    """One run that is to be executed."""

    ref: RunRef
    work: Work
    #: The run may close a report date that an earlier run has closed already; without it the
    #: earlier closing stands.
    supersedes: bool = False
    watch: Watch = unwatched


#: Returns batches of tasks. A task is taken from its batch when its turn comes, and its run begins
#: then.
Decide = Callable[[], Iterable[Iterable[Task]]]


@dataclass(frozen=True)
class Mails:
    """The two steps by which people hear of runs."""

    #: Writes the mails that a run owes into the outbox, in the transaction that says that its
    #: reports are finished.
    enqueue: Callable[[Connection, Run], None]
    #: Sends what the runs of a batch owe. Enqueues again what `enqueue` could not.
    send: Callable[[Sequence[Run]], None]


def execute(
    engine: Engine,
    pipeline: Pipeline,
    run_id: str,
    decide: Decide,
    mails: Mails,
) -> ExitCode:
    """Execute the runs that `decide` returns and return the most serious exit code of them.

    1. The schema must be at the newest revision.
    2. The pipeline's lock is taken; rows of killed runs are closed as `error`.
    3. `decide` is called, so that it sees all that earlier runs did.
    4. For each task of a batch: its row is written, its work is done, and one transaction says
       that the work is over and enqueues the mails.
    5. The mails of the batch are sent together.
    6. Each row gets its final status, and closes its report date where nothing is owed.

    Steps 5 and 6 happen however the work ends. A stop (SIGTERM) skips step 5: the rows say what is
    owed, and Interrupted is raised.

    Raise LockHeld when another run of the pipeline is at work, and ConfigurationError when a
    migration is pending; both before anything is written.
    """
    with log.phase(Phase.DB):
        _require_newest_revision(engine)

    with locked(engine, pipeline):
        with log.phase(Phase.DB):
            for killed in close_killed(engine, pipeline, f"run {run_id}"):
                log.warning(f"run {killed} was killed before its end; its row says so now")

            batches = decide()

        codes = []

        for batch in batches:
            codes.append(_run_batch(engine, batch, mails))

        return most_serious(codes)


def record_unstarted(
    connection: Connection,
    ref: RunRef,
    reason: str,
) -> None:
    """Write the row of a run that failed before it could write one: an error for this reason.

    What comes of that date has a run to refer to, and the overview says why nothing was made.
    """
    run = Run(ref, connection.engine)
    run.record(Outcome(Phase.PREFLIGHT, Status.ERROR, "", reason))

    queries.begin(connection, ref)
    queries.save(connection, ref, summarise(run, ref.started_at), Status.ERROR)


def dry_run(engine: Engine, ref: RunRef, work: Work) -> ExitCode:
    """Do the `work` of a run that writes nothing, and log its summary.

    No row, no lock, no mail.
    """
    with log.phase(Phase.DB):
        _require_newest_revision(engine)
        run = _started(Run(ref, engine))

    _do_work(run, work)

    summary = summarise(run, dates.now())
    with log.phase(Phase.RUN_SUMMARY):
        for line in summary.text.splitlines():
            log.info(line)

    return run.exit_code


def _run_batch(engine: Engine, batch: Iterable[Task], mails: Mails) -> ExitCode:
    # A watch ends when the rows of the batch have their final status: nothing waits for it.
    with ExitStack() as watches:
        return _run_watched(engine, batch, mails, watches)


def _run_watched(
    engine: Engine,
    batch: Iterable[Task],
    mails: Mails,
    watches: ExitStack,
) -> ExitCode:
    begun: list[tuple[Run, Task]] = []

    try:
        for task in batch:
            # A stop between the row and this list would leave a row without an ending.
            with stop.deferred_signals():
                run = _begin(engine, task.ref)
                begun.append((run, task))

            watches.enter_context(task.watch(run))
            _run_task(run, task, mails)

        _send([run for run, _ in begun], mails)
    except BaseException as error:
        failure = error if isinstance(error, Exception) else TemporaryError(describe(error))
        for run, _ in begun:
            run.fail(Phase.RUN_SUMMARY, "", failure)

        raise
    finally:
        with stop.deferred_signals():
            for run, task in begun:
                _finish(run, task)

    return most_serious([run.exit_code for run, _ in begun])


def _run_task(run: Run, task: Task, mails: Mails) -> None:
    with log.run(run.ref.run_id):
        _do_work(run, task.work)

        with stop.deferred_signals(), run.phase(Phase.RUN_SUMMARY):
            run.record(Outcome(Phase.RUN_SUMMARY, Status.OK))
            _end_work(run, mails)


def _do_work(run: Run, work: Work) -> None:
    """Do the work; an error that no unit isolated ends the work, not the run."""
    try:
        work(run)
    except Exception as error:  # noqa: BLE001 - the summary and the mails must go out (lesson 15)
        run.fail(run.failed_in or Phase.PREFLIGHT, "", error)


def _end_work(run: Run, mails: Mails) -> None:
    """Store in one transaction that the work is over and which mails are owed.

    An error of `enqueue` keeps the summary: `Mails.send` tries to enqueue again.
    """
    with run.engine.begin() as connection:
        queries.save(connection, run.ref, summarise(run, dates.now()), RUNNING)

        try:
            with connection.begin_nested():
                mails.enqueue(connection, run)
        except Exception as error:  # noqa: BLE001 - the rows of the reports must stand
            log.warning(
                "the mails could not be enqueued with the summary; trying again",
                error=error,
            )


def _send(runs: list[Run], mails: Mails) -> None:
    """Send the mails of a batch; an error makes them owed by every run of it."""
    try:
        mails.send(runs)
    except Exception as error:  # noqa: BLE001 - the rows must still get their final status
        for run in runs:
            run.fail(Phase.NOTIFY, "", error)


def _finish(run: Run, task: Task) -> None:
    """Write the run's final status, and log how it ended."""
    with log.run(run.ref.run_id), log.phase(Phase.RUN_SUMMARY):
        is_closed = False

        if run.may_close and run.status is not Status.ERROR:
            is_closed = _close(run, task)
        else:
            _save(run, run.status)

        log.info(
            ending(run, is_closed=is_closed),
            duration_ms=_age_ms(run.ref),
            report_date=run.ref.report_on,
        )


def _close(run: Run, task: Task) -> bool:
    """Write the final status together with the closing of the report date.

    Return False, with the status written all the same, when another run has closed the date since.
    """
    with run.engine.begin() as connection:
        other = queries.closing_run(connection, run.ref.pipeline, run.ref.report_on)
        if other and task.supersedes:
            queries.reopen(connection, other)

        if queries.close(connection, run.ref.run_id):
            queries.save(connection, run.ref, summarise(run, dates.now()), run.status)
            return True

    reason = f"another run has closed {run.ref.report_on} already"
    run.record(Outcome(Phase.RUN_SUMMARY, Status.WARNING, "", reason))
    _save(run, run.status)

    return False


def _require_newest_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        if revision.is_newest(connection):
            return

        # The import costs a third of a second.
        from lib.db import migrations

        migrations.require_current(connection)


def _begin(engine: Engine, ref: RunRef) -> Run:
    with log.run(ref.run_id), log.phase(Phase.DB):
        with engine.begin() as connection:
            if queries.run_exists(connection, ref.run_id):
                raise UsageError(f"the run id {ref.run_id} is taken; give another --run-id or none")

            queries.begin(connection, ref)

        return _started(Run(ref, engine, keep=_save))


def _started(run: Run) -> Run:
    log.ok("run started", report_date=run.ref.report_on)
    run.record(Outcome(Phase.DB, Status.OK))

    return run


def _save(run: Run, status: str = RUNNING) -> None:
    with run.engine.begin() as connection:
        queries.save(connection, run.ref, summarise(run, dates.now()), status)


def _age_ms(ref: RunRef) -> int:
    age = dates.now() - ref.started_at
    return round(age.total_seconds() * 1000)
