"""Weeks and months: find the periods that are owed, report each, tell people once.

One pipeline over two calendars. Each period is a run of its own; what an earlier run of it made is
not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from sqlalchemy.engine import Connection, Engine

from lib import dates, log, notify
from lib.config import CatchUpMails, Settings
from lib.dates import Period
from lib.db import migrations, progress
from lib.db.engine import connect
from lib.errors import ExitCode
from lib.model import Phase, RunRef
from lib.notify import NotifyResult
from lib.pipelines import catch_up, notifications
from lib.pipelines.calendars import Calendar
from lib.pipelines.catch_up import History, Limits, Plan, Why
from lib.pipelines.period_reports import Build, PeriodReports
from lib.reports.build.period import build_period
from lib.run import Mails, Run, Task, execute, most_serious, queries


@dataclass(frozen=True)
class Choice:
    """What the operator chose for this job."""

    stores: tuple[str, ...]
    #: Only this one; None: every period that is owed.
    period: Period | None = None
    since: date | None = None
    dry_run: bool = False
    #: Make `period` again although it is closed.
    force: bool = False
    notify: bool = True


def run(settings: Settings, run_id: str, calendar: Calendar, choice: Choice) -> ExitCode:
    """Make the chosen period, or catch up every one that is owed; a dry run says which and stops.

    Raises UsageError for a period that is not over in PIPELINE_TIMEZONE. What day it is, is asked
    once.
    """
    today = dates.today(settings.zone, dates.now())

    if choice.period:
        dates.require_complete(choice.period, today)

    engine = connect(settings.database_url, application_name=f"simplify {calendar.job} {run_id}")

    try:
        return Job(engine, settings, run_id, calendar, choice, today).live()
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Job:
    """One start of the weekly or monthly job; `build` and the two senders are the doors to reports and mail."""

    engine: Engine
    settings: Settings
    run_id: str
    calendar: Calendar
    choice: Choice
    today: date
    build: Build = build_period
    send: Callable[..., NotifyResult] = notify.send_notifications_for_run
    send_digest: Callable[..., dict[str, NotifyResult]] = notify.send_digest_for_runs

    def live(self) -> ExitCode:
        """Do what is owed; TEMPORARY also when the cap left something for the next start."""
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
            Mails(self.promise, self.tell),
        )

        return most_serious([code, ExitCode.TEMPORARY if self.plan.of(Why.CAPPED) else ExitCode.OK])

    def decide(self) -> Iterable[Iterable[Task]]:
        """Return one batch to tell of together, or a batch for each period, as CATCH_UP_MAILS says."""
        self._show()
        tasks = (
            Task(self._ref(period), partial(self.work, period), supersedes=self.choice.force)
            for period in self.plan.periods
        )

        is_digest = self.settings.catch_up.mails is CatchUpMails.DIGEST
        return [tasks] if is_digest else ([task] for task in tasks)

    @cached_property
    def history(self) -> History:
        with self.engine.connect() as connection:
            return History(
                days=progress.days_with_data(connection, self.settings.report_stores),
                closed=queries.closed_dates(connection, self.calendar.pipeline),
                told=queries.dates_reported_empty(connection, self.calendar.pipeline),
            )

    @cached_property
    def plan(self) -> Plan:
        if self.choice.period is None:
            return catch_up.plan(self.calendar, self.history, self.today, self._limits)

        is_closed = self.choice.period.last in self.history.closed and not self.choice.force
        return (
            Plan((), ((self.choice.period, Why.CLOSED),))
            if is_closed
            else Plan((self.choice.period,), ())
        )

    def work(self, period: Period, run: Run) -> None:
        """Make the reports of one period that do not exist yet."""
        with run.phase(Phase.REPORT):
            with self.engine.connect() as connection:
                days = progress.dashboards(connection, self.choice.stores, period)
                made = (
                    {}
                    if self.choice.force
                    else progress.reports(connection, run.ref.pipeline, period.last)
                )

            mine = PeriodReports(run, period, self.choice.stores, is_whole=self._is_whole)
            run.metrics |= {"forced": self.choice.force}
            mine.note(self.calendar.label(period), days)

            if days:
                mine.make(days, made, partial(self.build, settings=self.settings))

        run.may_close = bool(days) and self._is_whole

    def promise(self, connection: Connection, run: Run) -> None:
        """Write down the period's mails, by itself: who is killed before the others are made still owes these."""
        if self.choice.notify and self._is_news(run):
            notifications.promise(connection, run, self.settings)

    def tell(self, runs: Sequence[Run]) -> None:
        """Tell people about the runs: one mail per profile and store, however many periods there are."""
        news = [run for run in runs if self._is_news(run)]
        notifications.nobody(
            [run for run in runs if run not in news], "people know that there is no data"
        )

        if not self.choice.notify:
            notifications.nobody(news)
        elif news:
            with news[-1].phase(Phase.NOTIFY):
                results = self._sent(news)

                for run in news:
                    with log.run(run.ref.run_id):
                        notifications.record(run, results[run.ref.run_id])

    def _is_news(self, run: Run) -> bool:
        """Tell whether people do not know yet what the run found; that there is no data they hear once."""
        return (
            run.ref.report_on not in self.history.told or run.metrics.get("stores_with_data") != []
        )

    def _sent(self, runs: Sequence[Run]) -> dict[str, NotifyResult]:
        ids = [run.ref.run_id for run in runs]
        if ids[1:]:
            return self.send_digest(
                self.calendar.pipeline, ids, engine=self.engine, settings=self.settings
            )

        return {
            ids[0]: self.send(
                self.calendar.pipeline, ids[0], engine=self.engine, settings=self.settings
            )
        }

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
            self.calendar.pipeline, run_id, self.settings.run_env, period.last, dates.now()
        )
