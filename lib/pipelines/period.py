"""The weekly and the monthly job: find the periods that are owed, report each, send the mails.

One pipeline over two calendars. Each period is a run of its own; what an earlier run of it made is
not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from lib import dates, log, notify
from lib.config import CatchUpMails, Settings
from lib.dates import DAY, Period
from lib.db import migrations, progress
from lib.db.engine import connect
from lib.domain.pipelines import PipelineFacts
from lib.errors import ExitCode
from lib.model import Phase, Pipeline, RunRef
from lib.notify import NotifyResult
from lib.pipelines import catch_up, notifications
from lib.pipelines.catch_up import CatchUpPlan, History, Limits, Why
from lib.pipelines.deadline.monitor import watch as deadline_watch
from lib.pipelines.period_reports import Build, PeriodReports
from lib.reports.build.period import build_period
from lib.run import Mails, Run, Task, execute, most_serious, queries


@dataclass(frozen=True)
class PeriodChoice:
    """What the operator chose for this job."""

    stores: tuple[str, ...]
    #: Only this one; None: every period that is owed.
    period: Period | None = None
    since: date | None = None
    dry_run: bool = False
    #: Make `period` although it is closed, or although its last day can still come.
    force: bool = False
    notify: bool = True


def run(
    settings: Settings,
    run_id: str,
    calendar: PipelineFacts,
    choice: PeriodChoice,
) -> ExitCode:
    """Make the chosen period, or every one that is owed; a dry run only says which.

    Raise UsageError for a period that is not over in PIPELINE_TIMEZONE.
    """
    # Asked once: a start just before midnight must not change its mind on the way.
    today = dates.today(settings.zone, dates.now())

    if choice.period:
        dates.require_complete(choice.period, today)

    engine = connect(
        settings.database_url,
        application_name=f"simplify {calendar.job} {run_id}",
    )

    try:
        return PeriodJob(engine, settings, run_id, calendar, choice, today).run()
    finally:
        engine.dispose()


@dataclass(frozen=True)
class PeriodJob:
    """One start of the weekly or monthly job."""

    engine: Engine
    settings: Settings
    run_id: str
    calendar: PipelineFacts
    choice: PeriodChoice
    today: date
    #: What makes reports and sends mails; tests put lists in their place.
    build: Build = build_period
    send: Callable[..., NotifyResult] = notify.send_notifications_for_run
    send_digest: Callable[..., dict[str, NotifyResult]] = notify.send_digest_for_runs

    def run(self) -> ExitCode:
        """Make what is owed; return TEMPORARY also if the cap left something for the next start."""
        if self.choice.dry_run:
            with self.engine.connect() as connection:
                migrations.require_current(connection)

            self._show()
            return ExitCode.OK

        code = execute(
            self.engine,
            self.calendar.pipeline,
            self.run_id,
            self.decide,
            Mails(self.enqueue, self.send_mails),
        )

        if self.plan.left_out_as(Why.CAPPED):
            return most_serious([code, ExitCode.TEMPORARY])

        return code

    def decide(self) -> Iterable[Iterable[Task]]:
        """Return one batch whose mails go together, or a batch for each period.

        CATCH_UP_MAILS decides. Tasks are made one by one: a run begins when its turn comes.
        """
        self._show()
        tasks = map(self._task, self.plan.periods)

        if self.settings.catch_up.mails is CatchUpMails.DIGEST:
            return [tasks]

        return ([task] for task in tasks)

    @cached_property
    def history(self) -> History:
        with self.engine.connect() as connection:
            return History(
                days=progress.days_with_data(connection, self.settings.report_stores),
                closed=queries.closed_dates(connection, self.calendar.pipeline),
                known_empty=queries.dates_reported_empty(connection, self.calendar.pipeline),
                awaits_yesterday=self._awaits_yesterday(connection),
            )

    @cached_property
    def plan(self) -> CatchUpPlan:
        if self.choice.period is None:
            return catch_up.plan(self.calendar, self.history, self.today, self._limits)

        return catch_up.plan_one(
            self.choice.period,
            self.history,
            self.today,
            force=self.choice.force,
        )

    def work(self, period: Period, run: Run) -> None:
        """Make the reports of one period that do not exist yet."""
        with run.phase(Phase.REPORT):
            with self.engine.connect() as connection:
                stored = progress.stored_days(connection, self.choice.stores, period)
                opened = progress.first_days(connection, self.choice.stores)

                made: dict[str, Path] = {}
                if not self.choice.force:
                    made = progress.reports(connection, run.ref.pipeline, period.last)

            mine = PeriodReports(run, period, self.choice.stores, is_whole=self._is_whole)
            run.metrics |= {"forced": self.choice.force}
            self._note_share(run, made)
            mine.note(self.calendar.label(period), stored, opened)

            if stored:
                mine.make(stored, made, partial(self.build, settings=self.settings))

        run.may_close = bool(stored) and self._is_whole

    def _note_share(self, run: Run, made: Collection[str]) -> None:
        """Note which part of the reports is left to make, where it is not all of them."""
        left = [code for code in self.choice.stores if code not in made]

        if len(left) < len(self.choice.stores):
            run.metrics["shares"] = {Phase.REPORT: round(len(left) / len(self.choice.stores), 3)}

    def enqueue(self, connection: Connection, run: Run) -> None:
        """Enqueue the mails of one period: a kill before the next one leaves them owed."""
        if self.choice.notify and self._is_news(run):
            notifications.enqueue(connection, run, self.settings)

    def send_mails(self, runs: Sequence[Run]) -> None:
        """Send one mail for each profile and store, however many periods the runs are about."""
        news = list(filter(self._is_news, runs))
        known = [run for run in runs if run not in news]
        notifications.not_sent(known, "people know that there is no data")

        if not self.choice.notify:
            notifications.not_sent(news)
        elif news:
            with news[-1].phase(Phase.NOTIFY):
                results = self._sent(news)

                for run in news:
                    with log.run(run.ref.run_id):
                        notifications.record(run, results[run.ref.run_id])

    def _is_news(self, run: Run) -> bool:
        """Return False if the run only found again that there are no data."""
        if run.metrics.get("stores_with_data") != []:
            return True

        return run.ref.report_on not in self.history.known_empty

    def _sent(self, runs: Sequence[Run]) -> dict[str, NotifyResult]:
        ids = [run.ref.run_id for run in runs]
        pipeline = self.calendar.pipeline

        if len(ids) > 1:
            return self.send_digest(
                pipeline,
                ids,
                engine=self.engine,
                settings=self.settings,
            )

        result = self.send(pipeline, ids[0], engine=self.engine, settings=self.settings)
        return {ids[0]: result}

    def _task(self, period: Period) -> Task:
        # Of a closed period the mails are out.
        is_closed = period.last in self.history.closed
        is_watched = self.choice.notify and self._is_whole and not is_closed

        return Task(
            self._ref(period),
            partial(self.work, period),
            supersedes=self.choice.force,
            watch=deadline_watch(self.settings, self.calendar.pipeline, is_wanted=is_watched),
        )

    def _awaits_yesterday(self, connection: Connection) -> bool:
        """Return True if yesterday's data of a chosen store can still come.

        Its daily run is owed (no run has closed the date), and a dashboard of that day is not
        stored or a run has left exports or dashboards undone.
        """
        yesterday = self.today - DAY
        if queries.closing_run(connection, Pipeline.DAILY, yesterday):
            return False

        day = Period(yesterday, yesterday)
        stored = progress.stored_days(connection, self.choice.stores, day)
        if not set(self.choice.stores) <= stored.keys():
            return True

        return queries.daily_data_is_owed(connection, yesterday)

    @property
    def _is_whole(self) -> bool:
        return self.choice.stores == self.settings.report_stores

    @property
    def _limits(self) -> Limits:
        settings = self.settings.catch_up
        return Limits(settings.max_periods, settings.max_age_days, self.choice.since)

    def _show(self) -> None:
        for line in catch_up.describe(self.plan, self.calendar, self._limits):
            log.info(line)

        if self.choice.force and self.choice.notify:
            for period in self.plan.periods:
                notifications.warn(self.engine, self._ref(period), self.choice.stores)

    def _ref(self, period: Period) -> RunRef:
        run_id = f"{self.run_id}-{self.calendar.label(period)}"
        return RunRef(
            self.calendar.pipeline,
            run_id,
            self.settings.run_env,
            period.last,
            dates.now(),
        )
