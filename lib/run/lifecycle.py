"""From the lock to the last word in the row: what every run does around its work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine

from lib import dates, log, stop
from lib.errors import ExitCode, TemporaryError, UsageError, describe
from lib.model import RUNNING, Phase, Pipeline, RunRef, Status
from lib.run import queries
from lib.run.lock import close_killed, locked
from lib.run.record import Outcome, Run, most_serious
from lib.run.summary import summarise

Work = Callable[[Run], None]


@dataclass(frozen=True)
class Task:
    """One run that is to be lived."""

    ref: RunRef
    work: Work
    #: Its closing takes the place of an earlier run's; without it the earlier one stands.
    supersedes: bool = False


#: Batches of tasks; each task is asked for when its turn comes, so that its run begins then.
Decide = Callable[[], Iterable[Iterable[Task]]]


@dataclass(frozen=True)
class Mails:
    """How people hear of runs."""

    #: Writes down what a run owes to whom, in the transaction that says that its reports are
    #: finished.
    promise: Callable[[Connection, Run], None]
    #: Delivers what is owed, to hear of the runs of a batch together. Promises again what `promise`
    #: could not.
    tell: Callable[[Sequence[Run]], None]


def execute(
    engine: Engine, pipeline: Pipeline, run_id: str, decide: Decide, mails: Mails
) -> ExitCode:
    """Live the runs that `decide` asks for: lock, then for each batch rows, work, summaries with promises, mails.

    `decide` is called once the lock is held and rows of killed runs are closed, so it sees all that
    earlier runs did. People are told of the runs of a batch together. Whatever way the work of a
    run ends, its row says so and people are told, unless the process was asked to stop: then the
    rows of the batch say what is owed and Interrupted goes on. Raises LockHeld, and the
    ConfigurationError of a pending migration; both before anything is written.
    """
    with _prepared(engine, pipeline, run_id):
        with log.phase(Phase.DB):
            batches = decide()

        return most_serious([_live(engine, batch, mails) for batch in batches])


def rehearse(engine: Engine, ref: RunRef, work: Work) -> ExitCode:
    """Do the `work` of a dry run, which writes nothing: no row, no lock, no mail; the summary goes to the log."""
    with log.phase(Phase.DB):
        _require_current(engine)
        run = _started(Run(ref, engine))

    _attempt(run, work)

    for line in summarise(run, dates.now()).text.splitlines():
        log.info(line)

    return run.exit_code


@contextmanager
def _prepared(engine: Engine, pipeline: Pipeline, run_id: str) -> Iterator[None]:
    """Hold the pipeline's lock, with every earlier run ended; the phase of the preparations is over when it yields."""
    with log.phase(Phase.DB):
        _require_current(engine)

    with locked(engine, pipeline):
        with log.phase(Phase.DB):
            for killed in close_killed(engine, pipeline, f"run {run_id}"):
                log.warning(f"run {killed} was killed before its end; its row says so now")

        yield


def _live(engine: Engine, batch: Iterable[Task], mails: Mails) -> ExitCode:
    begun: list[tuple[Run, Task]] = []

    try:
        for task in batch:
            with stop.held_back():  # whatever has a row must get its last word
                begun.append((_begin(engine, task.ref), task))

            _work(*begun[-1], mails)

        _tell([run for run, _ in begun], mails)
    except BaseException as error:
        for run, _ in begun:
            run.fail(
                Phase.RUN_SUMMARY,
                "",
                error if isinstance(error, Exception) else TemporaryError(describe(error)),
            )

        raise
    finally:
        with stop.held_back():
            for run, task in begun:
                _finish(run, task)

    return most_serious([run.exit_code for run, _ in begun])


def _work(run: Run, task: Task, mails: Mails) -> None:
    with log.run(run.ref.run_id):
        _attempt(run, task.work)

        with stop.held_back(), run.phase(Phase.RUN_SUMMARY):
            run.record(Outcome(Phase.RUN_SUMMARY, Status.OK))
            _end_work(run, mails)


def _end_work(run: Run, mails: Mails) -> None:
    """Say in one transaction that the work is over and what is owed to whom.

    A plan that breaks on what it finds in the database takes nothing along: the telling tries it
    again and owns up.
    """
    with run.engine.begin() as connection:
        queries.save(connection, run.ref, summarise(run, dates.now()), RUNNING)

        try:
            with connection.begin_nested():
                mails.promise(connection, run)
        except Exception as error:  # noqa: BLE001 - whatever a mail is made from, the reports' rows must stand
            log.warning(
                "the mails could not be promised with the summary; trying again", error=error
            )


def _tell(runs: list[Run], mails: Mails) -> None:
    """Tell people; what breaks the telling is owed by every run of the batch."""
    try:
        mails.tell(runs)
    except Exception as error:  # noqa: BLE001 - the rows must still get their last word
        for run in runs:
            run.fail(Phase.NOTIFY, "", error)


def _finish(run: Run, task: Task) -> None:
    with log.run(run.ref.run_id), log.phase(Phase.RUN_SUMMARY):
        if run.may_close and run.status is not Status.ERROR:
            closed = _close(run, task)
        else:
            closed = False
            _save(run, run.status)

        ending = f"run ended: {run.status}, {run.ref.report_on} is {'closed' if closed else 'not closed by it'}"
        log.info(ending, duration_ms=_age_ms(run.ref), report_date=run.ref.report_on)


def _close(run: Run, task: Task) -> bool:
    """Write the row's last word as the one that closes its date, unless another run has done that meanwhile."""
    with run.engine.begin() as connection:
        other = queries.closing_run(connection, run.ref.pipeline, run.ref.report_on)
        if other and task.supersedes:
            queries.reopen(connection, other)

        if queries.close(connection, run.ref.run_id):
            queries.save(connection, run.ref, summarise(run, dates.now()), run.status)
            return True

    run.record(
        Outcome(
            Phase.RUN_SUMMARY,
            Status.WARNING,
            "",
            f"another run has closed {run.ref.report_on} already",
        )
    )

    _save(run, run.status)
    return False


def _attempt(run: Run, work: Work) -> None:
    """Do the work; an error that no unit isolated ends the work, not the run."""
    try:
        work(run)
    except Exception as error:  # noqa: BLE001 - the summary and the mails must go out (lesson 15)
        run.fail(run.failed_in or Phase.PREFLIGHT, "", error)


def _require_current(engine: Engine) -> None:
    from lib.db import migrations  # costs a third of a second, which who only looks on does not pay

    with engine.connect() as connection:
        migrations.require_current(connection)


def _started(run: Run) -> Run:
    log.ok("run started", report_date=run.ref.report_on)
    run.record(Outcome(Phase.DB, Status.OK))

    return run


def _begin(engine: Engine, ref: RunRef) -> Run:
    with log.run(ref.run_id), log.phase(Phase.DB):
        with engine.begin() as connection:
            if queries.run_exists(connection, ref.run_id):
                raise UsageError(f"the run id {ref.run_id} is taken; give another --run-id or none")

            queries.begin(connection, ref)

        return _started(Run(ref, engine, keep=_save))


def _save(run: Run, status: str = RUNNING) -> None:
    with run.engine.begin() as connection:
        queries.save(connection, run.ref, summarise(run, dates.now()), status)


def _age_ms(ref: RunRef) -> int:
    return round((dates.now() - ref.started_at).total_seconds() * 1000)
