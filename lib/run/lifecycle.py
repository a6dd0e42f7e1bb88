"""From the lock to the last word in the row: what every run does around its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from sqlalchemy.engine import Engine

from lib import dates, log
from lib.db import migrations
from lib.errors import ExitCode, Interrupted, TemporaryError, UsageError
from lib.model import RUNNING, Phase, RunRef, Status
from lib.run import queries
from lib.run.record import Outcome, Run
from lib.run.summary import summarise

Work = Callable[[Run], None]


class LockHeld(TemporaryError):
    """Another run of the same pipeline is at work; starting again after it finishes the rest."""


def execute(engine: Engine, ref: RunRef, stores: tuple[str, ...], work: Work, tell: Work, *, force: bool) -> ExitCode:
    """Live one run: lock, row, `work`, summary, `tell` (the mails), the row's last word.

    Whatever way `work` ends, the row says so and `tell` is called, unless the process was asked to stop. A report date
    that an earlier run closed for all of `stores` is left alone without `force`. Raises LockHeld, and the
    ConfigurationError of a pending migration; both before anything is written.
    """
    with ExitStack() as held:
        with log.phase(Phase.DB):
            _require_current(engine)
            held.enter_context(_locked(engine, ref))
            _close_killed(engine, ref)
            if not force and (closed_by := _closed_by(engine, ref, stores)):
                log.ok(f"{ref.report_on} is closed since run {closed_by}: nothing to do (--force makes it again)")
                return ExitCode.OK
            run = _begin(engine, ref)
        return _live(run, work, tell)


def rehearse(engine: Engine, ref: RunRef, work: Work) -> ExitCode:
    """Do the `work` of a dry run, which writes nothing: no row, no lock, no mail; the summary goes to the log."""
    with log.phase(Phase.DB):
        _require_current(engine)
        run = _started(engine, ref)
    _attempt(run, work)
    for line in summarise(run, dates.now()).text.splitlines():
        log.info(line)
    return run.exit_code


def _live(run: Run, work: Work, tell: Work) -> ExitCode:
    try:
        _attempt(run, work)
        with run.phase(Phase.RUN_SUMMARY):
            _save(run, RUNNING)
        _attempt(run, tell)
    except (Interrupted, KeyboardInterrupt) as stop:
        run.fail(Phase.RUN_SUMMARY, "", TemporaryError(str(stop) or "interrupted; run the job again"))
    finally:
        with log.phase(Phase.RUN_SUMMARY):
            _save(run, run.status)
            log.info(f"run ended: {run.status}", duration_ms=_age_ms(run.ref), report_date=run.ref.report_on)
    return run.exit_code


def _attempt(run: Run, work: Work) -> None:
    """Do the work; an error that no unit isolated ends the work, not the run."""
    try:
        work(run)
    except Exception as error:  # noqa: BLE001 - the summary and the mails must still go out (DOMAIN H15)
        run.fail(run.failed_in or Phase.PREFLIGHT, "", error)


@contextmanager
def _locked(engine: Engine, ref: RunRef) -> Iterator[None]:
    # Autocommit: a lock that is held for minutes must not hold a transaction open as well.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not queries.try_lock(connection, ref.pipeline):
            raise LockHeld(_held(queries.holder(connection, ref.pipeline), ref))
        try:
            yield
        finally:
            queries.unlock(connection, ref.pipeline)


def _held(holder: queries.Holder | None, ref: RunRef) -> str:
    if holder is None:
        return f"another run of {ref.pipeline} is starting or ending; start again in a minute"
    age = timedelta(seconds=int((dates.now() - holder.started_at).total_seconds()))
    return f"run {holder.run_id} of {ref.pipeline} is at work since {age}; start again after it has ended"


def _close_killed(engine: Engine, ref: RunRef) -> None:
    with engine.begin() as connection:
        for run_id in queries.close_killed(connection, ref.pipeline, ref.run_id):
            log.warning(f"run {run_id} was killed before its end; its row says so now")


def _closed_by(engine: Engine, ref: RunRef, stores: tuple[str, ...]) -> str | None:
    with engine.connect() as connection:
        return queries.closing_run(connection, ref.pipeline, ref.report_on, stores)


def _require_current(engine: Engine) -> None:
    with engine.connect() as connection:
        migrations.require_current(connection)


def _started(engine: Engine, ref: RunRef) -> Run:
    log.ok("run started", report_date=ref.report_on)
    return Run(ref, engine, [Outcome(Phase.DB, Status.OK)])


def _begin(engine: Engine, ref: RunRef) -> Run:
    with engine.begin() as connection:
        if queries.run_exists(connection, ref.run_id):
            raise UsageError(f"the run id {ref.run_id} is taken; give another --run-id or none")
        queries.begin(connection, ref)
    return _started(engine, ref)


def _save(run: Run, status: str) -> None:
    with run.engine.begin() as connection:
        queries.save(connection, run.ref, summarise(run, dates.now()), status)


def _age_ms(ref: RunRef) -> int:
    return round((dates.now() - ref.started_at).total_seconds() * 1000)
