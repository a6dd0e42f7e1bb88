"""Looks at a run from a thread of its own and warns once, while there is time.

The run neither waits for it nor fails with it: it has a database connection of its own, and what
goes wrong here is a warning in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from lib import dates, log, notify
from lib.config import Settings
from lib.dates import DAY
from lib.db.engine import connect
from lib.domain.pipelines import name_of
from lib.errors import JobError
from lib.model import Phase, Pipeline
from lib.pipelines.deadline import queries, wording
from lib.pipelines.deadline.forecast import Forecast, PastDurations, Progress, due_at, forecast
from lib.run import Run, Watch, unwatched

#: The clock of a machine may be set while a run goes on, so it is looked at this often.
LONGEST_WAIT_S = 60.0
#: Shorter waits would only cost the run its processor.
SHORTEST_WAIT_S = 1.0
#: For an alert that is on its way when the run has ended.
ENDING_S = 30.0


def watch(settings: Settings, pipeline: Pipeline, *, is_wanted: bool) -> Watch:
    """Return what watches runs of the pipeline; nothing where they have no deadline."""
    if not is_wanted or name_of(pipeline) not in settings.deadlines:
        return unwatched

    return partial(_watch_of, settings)


def _watch_of(settings: Settings, run: Run) -> AbstractContextManager[object]:
    """Return the watch of one run; of a period that is caught up, nothing is due any more."""
    report_on = run.ref.report_on

    if dates.today(settings.zone, run.ref.started_at) != report_on + DAY:
        return nullcontext()

    deadline = settings.deadlines[name_of(run.ref.pipeline)]
    return DeadlineMonitor(run, settings, due_at(report_on, deadline, settings.zone))


@dataclass
class DeadlineMonitor:
    """The watch of one run, from its beginning until its mails are out."""

    run: Run
    settings: Settings
    due_at: datetime
    _is_over: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def __enter__(self) -> None:
        # A daemon: a stop of the run does not wait for it.
        thread = threading.Thread(target=self._work, name="deadline", daemon=True)

        try:
            thread.start()
        except RuntimeError as error:
            log.warning("the deadline of the mails is not watched", error=error)
        else:
            self._thread = thread

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()

        if self._thread is not None and kind is None:
            self._thread.join(ENDING_S)

    def _work(self) -> None:
        with log.phase_of_thread(Phase.NOTIFY):
            try:
                late = self._late()
                if late is not None:
                    self._warn(late)
            except (JobError, SQLAlchemyError) as error:
                log.warning("the deadline of the mails is not watched", error=error)

    def _late(self) -> Forecast | None:
        history = self._history()
        first = forecast(dates.now(), self.due_at, history, progress_of(self.run))
        text = wording.expectation(first, self.run.ref.pipeline, self.settings.zone)
        log.info(text, report_date=self.run.ref.report_on)

        return until_late(
            self.due_at,
            history,
            partial(progress_of, self.run),
            self._is_over.wait,
        )

    def _history(self) -> PastDurations:
        ref = self.run.ref
        engine = self._connect()

        try:
            with engine.begin() as connection:
                # A database that hangs must not keep the thread.
                notify.set_statement_timeout(connection)
                return queries.history(connection, ref.pipeline, ref.report_on)
        finally:
            engine.dispose()

    def _warn(self, late: Forecast) -> None:
        ref = self.run.ref
        zone = self.settings.zone
        text = wording.warning(late, ref.pipeline, ref.report_on, zone)
        log.warning(text, report_date=ref.report_on)

        engine = self._connect_if_possible()

        try:
            notify.AlertSender(self.settings, engine, late.at).notify_deadline(
                ref.pipeline,
                ref.report_on,
                wording.title(late, ref.pipeline, ref.report_on),
                wording.text(
                    late,
                    ref.pipeline,
                    ref.report_on,
                    zone=zone,
                    status_command=self.settings.command("status"),
                ),
            )
        finally:
            if engine is not None:
                engine.dispose()

    def _connect_if_possible(self) -> Engine | None:
        """Return the database; None while it is out of reach: the alert does without it."""
        try:
            return self._connect()
        except JobError as error:
            log.warning("the alert does without the database", error=error)
            return None

    def _connect(self) -> Engine:
        return connect(
            self.settings.database_url,
            application_name=f"simplify deadline {self.run.ref.run_id}",
        )


def progress_of(run: Run) -> Progress:
    """Return how far the run is; any thread may ask."""
    # First what has ended: a phase that ends in between is then still open, not twice as long.
    ended = frozenset(dict(run.durations_s))
    shares = run.metrics.get("shares", {})

    return Progress(run.spent_s(), ended, shares)


def until_late(
    due_at: datetime,
    history: PastDurations,
    progress: Callable[[], Progress],
    wait: Callable[[float], bool],
) -> Forecast | None:
    """Return the first forecast that is late; None where the mails are out before.

    `wait` waits for so many seconds and returns True if the run is over. A forecast gets worse by
    no more than the time that goes by, so the next look is due when the reserve is used up.
    """
    while True:
        seen = forecast(dates.now(), due_at, history, progress())

        if Phase.NOTIFY in seen.progress.ended:
            return None

        if seen.is_late:
            return seen

        pause_s = min(max(seen.reserve_s, SHORTEST_WAIT_S), LONGEST_WAIT_S)
        if wait(pause_s):
            return None
