"""The daily job: fetch, load and report yesterday for every store, then send the mails.

Stores and buckets are units of their own: one that fails is recorded and the others go on
(lesson 34). A later run of the same day does only what is still to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from lib import dates, log, portal
from lib.config import Settings
from lib.db import progress
from lib.db.engine import connect
from lib.errors import ExitCode
from lib.model import Bucket, Download, Phase, Pipeline, RunRef
from lib.pipelines import (
    combined_daily,
    dashboards,
    exports,
    notifications,
    report_outcomes,
)
from lib.pipelines.deadline.monitor import watch as deadline_watch
from lib.pipelines.early_reports import EarlyReports
from lib.pipelines.exports import Batch, Buckets, Downloads, Unit, in_order
from lib.pipelines.remaining_work import CompletedWork, RemainingWork, completed, remaining, shares
from lib.portal import Client
from lib.reports.build.daily import DailyReports
from lib.run import Run, Task, dry_run, execute, queries
from lib.scratch_directory import Purpose, scratch_directory

#: Marks a step of a batch: as a part of its phase, or as what ends it.
Step = Callable[[Phase], AbstractContextManager[None]]


@dataclass(frozen=True)
class DailyChoice:
    """What the operator chose for this run."""

    stores: tuple[str, ...]
    dry_run: bool = False
    #: Do everything again, although it is done.
    force: bool = False
    notify: bool = True


def run(settings: Settings, run_id: str, choice: DailyChoice) -> ExitCode:
    """Make the daily run for T, the day before today in PIPELINE_TIMEZONE."""
    # Asked once: a start just before midnight must not change its mind on the way.
    now = dates.now()
    run_on = dates.today(settings.zone, now)
    ref = RunRef(Pipeline.DAILY, run_id, settings.run_env, dates.report_day(run_on), now)
    engine = connect(settings.database_url, application_name=f"simplify daily {run_id}")
    job = DailyJob(engine, settings, choice, ref, run_on)

    try:
        if choice.dry_run:
            return dry_run(engine, ref, partial(job.work, CompletedWork()))

        return execute(
            engine,
            ref.pipeline,
            run_id,
            job.decide,
            notifications.mails(settings, is_wanted=choice.notify),
        )
    finally:
        engine.dispose()


@dataclass(frozen=True)
class DailyJob:
    """One start of the daily job."""

    engine: Engine
    settings: Settings
    choice: DailyChoice
    ref: RunRef
    run_on: date

    @property
    def report_stores(self) -> tuple[str, ...]:
        found = []

        for code in self.settings.report_stores:
            if code in self.choice.stores:
                found.append(code)

        return tuple(found)

    @property
    def _is_whole(self) -> bool:
        return self.choice.stores == self.settings.stores

    def decide(self) -> list[list[Task]]:
        """Return the day's run, or nothing where an earlier run left nothing to do."""
        with self.engine.connect() as connection:
            earlier = queries.earlier(connection, self.ref.pipeline, self.ref.report_on)

        done = CompletedWork()
        if not self.choice.force:
            done = completed([one.metrics for one in earlier], self._made())

        closed_by = next((one for one in earlier if one.closes), None)
        if closed_by and not self.choice.force and not self._adds_stores(closed_by.metrics):
            closed = f"{self.ref.report_on} is closed since run {closed_by.run_id}"
            log.ok(f"{closed}: nothing to do (--force makes it again)")
            return []

        if self.choice.force and self.choice.notify:
            notifications.warn(self.engine, self.ref, self.report_stores)

        # Of a closed day the mails are out.
        is_watched = self.choice.notify and self._is_whole and closed_by is None
        task = Task(
            self.ref,
            partial(self.work, done),
            supersedes=closed_by is not None,
            watch=deadline_watch(self.settings, self.ref.pipeline, is_wanted=is_watched),
        )

        return [[task]]

    def work(self, done: CompletedWork, run: Run) -> None:
        """Do what remains; each part is noted in the run's metrics as soon as it is complete."""
        todo = remaining(self.choice.stores, self.report_stores, done)
        run.metrics |= {
            "forced": self.choice.force,
            "stores": {
                "configured": sorted(self.choice.stores),
                "expected": sorted(self.report_stores),
            },
        }

        if parts := shares(todo, self.choice.stores, self.report_stores):
            run.metrics["shares"] = parts

        run.metrics["done"] = done.as_metrics()
        self._note_processed(run, done, set())

        with self._reports(run, todo) as reports:
            if todo.needs_portal:
                self._fetch_if_possible(run, todo, done, reports)
            elif not self.choice.dry_run:
                portal.remove_unfinished_state(self.settings.portal.storage_state)

            if not self.choice.dry_run:
                with run.phase(Phase.REPORT):
                    self._report(run, reports)

        run.may_close = self._is_whole

    @contextmanager
    def _reports(self, run: Run, todo: RemainingWork) -> Iterator[EarlyReports]:
        owed = () if self.choice.dry_run else todo.reports

        with DailyReports(run.engine, run.ref, self.settings, most=len(owed)) as reports:
            yield EarlyReports(reports, owed)

    def _fetch_if_possible(
        self,
        run: Run,
        todo: RemainingWork,
        done: CompletedWork,
        reports: EarlyReports,
    ) -> None:
        """Fetch from the portal.

        Where the portal cannot be used, what has been read and not reported is reported all the
        same.

        Source: lesson 34.
        """
        try:
            self._fetch(run, todo, done, reports)
        except Exception as error:
            reports.limit_to({*run.metrics["done"]["dashboards"]} - done.reports)
            if not reports.owed:
                raise

            run.fail(run.failed_in or Phase.PREFLIGHT, "", error)

    def _fetch(
        self,
        run: Run,
        todo: RemainingWork,
        done: CompletedWork,
        reports: EarlyReports,
    ) -> None:
        """Read dashboards, then exports; begin each report when nothing more is read for it.

        The phases overlap, and end in the order of `Phase`.
        """
        with self._data_dir() as data_dir, portal.connect(self.settings.portal) as client:
            with run.phase(Phase.LOGIN):
                log.ok(f"the portal session stands: {client.log_in(self.choice.stores)}")

            # First, for at midnight they are gone; an export can be had tomorrow (docs/adr/0022).
            self._scrape(run, client, todo, done)
            reports.begin(todo.reports_without_exports)

            if todo.exports:
                with exports.downloading(run, client, todo.exports, data_dir) as downloads:
                    self._load_exports(run, downloads, todo, done, reports)

            with run.phase(Phase.SCRAPE):
                dashboards.note_pace(run, client)

    def _scrape(
        self,
        run: Run,
        client: Client,
        todo: RemainingWork,
        done: CompletedWork,
    ) -> None:
        with run.part(Phase.SCRAPE):
            read = dashboards.scrape(
                run,
                client,
                todo.dashboards,
                keep=not self.choice.dry_run,
            )
            run.metrics["done"]["dashboards"] = sorted(done.dashboards.union(read))

        # The phase ends after the exports: a kill until then must not cost a dashboard.
        run.keep(run)

    def _load_exports(
        self,
        run: Run,
        downloads: Downloads,
        todo: RemainingWork,
        done: CompletedWork,
        reports: EarlyReports,
    ) -> None:
        """Load what has come, store after store, while the rest is asked for.

        Some stores are loaded together, as a batch. It is audited, noted as done and stored in the
        run's row before its reports begin. The phases end with the last batch.
        """
        batches = exports.in_batches(todo.exports)
        buckets = Buckets(run)
        downloaded: set[Unit] = set()

        for units in batches:
            step = run.phase if units is batches[-1] else run.part

            with step(Phase.DOWNLOAD):
                files = downloads.of(units)
                downloaded |= {(file.store_code, file.bucket) for file in files}
                self._note_processed(run, done, downloaded)
                is_noticed = dashboards.notice_changes(
                    run,
                    Phase.DOWNLOAD,
                    portal.headers_of_downloads(files),
                    keep=not self.choice.dry_run,
                )

            batch = Batch(
                run,
                buckets,
                units,
                downloads.directory,
                self.run_on,
                self.settings.ingest_batch_size,
            )
            self._load(run, batch, files, done, step=step, is_noticed=is_noticed)
            run.keep(run)
            reports.begin(code for code, _ in units)

    def _load(
        self,
        run: Run,
        batch: Batch,
        files: Sequence[Download],
        done: CompletedWork,
        *,
        step: Step,
        is_noticed: bool,
    ) -> None:
        """Load a batch and note as done what is in order then.

        Nothing is where the headers were not noticed: it must be read again.
        """
        with step(Phase.MERGE):
            merges = batch.merge(files)

        if self.choice.dry_run:
            return

        with step(Phase.INGEST):
            loads = batch.load(merges)

        with step(Phase.AUDIT):
            verdicts = batch.audit(merges, loads)
            run.details[1:] = batch.buckets.in_words()

        with step(Phase.CLEANUP):
            # Noted as done only here: a run that ends before has left customer data on disk.
            found = in_order(merges, loads, verdicts) if is_noticed else {}
            for bucket in batch.clean_up(verdicts, merges, found, done.loaded):
                run.metrics["done"]["loaded"][bucket] |= found.get(bucket, {})

    def _note_processed(
        self,
        run: Run,
        done: CompletedWork,
        downloaded: Collection[Unit],
    ) -> None:
        """Note the stores whose exports are all there, from this run or an earlier one."""
        complete = []

        for code in sorted(self.choice.stores):
            missing = []

            for bucket in Bucket:
                if (code, bucket) not in downloaded and not done.is_loaded(code, bucket):
                    missing.append(bucket)

            if not missing:
                complete.append(code)

        run.metrics["stores"]["processed"] = complete
        run.notes[Phase.DOWNLOAD] = f"{len(complete)}/{len(self.choice.stores)} stores"
        run.details[:1] = [f"- Stores processed: {', '.join(complete) or 'none'}"]

    def _report(self, run: Run, reports: EarlyReports) -> None:
        kept = {}
        if not self.choice.force:
            for code, path in self._made().items():
                if code in self.report_stores and code not in reports.owed:
                    kept[code] = str(path)

        drawn, failed = report_outcomes.draw(run, reports.outcomes(), len(reports.owed))
        of_all, without_all = combined_daily.draw(
            run,
            self.settings.report_stores,
            reports.combined,
            is_whole=self._is_whole,
        )
        files = kept | drawn | of_all
        wanted = {*self.report_stores, *files, *without_all}

        report_outcomes.note(run, files, failed | without_all)
        run.notes[Phase.REPORT] = f"{len(files)}/{len(wanted)} PDFs"

    def _made(self) -> dict[str, Path]:
        with self.engine.connect() as connection:
            return progress.reports(connection, self.ref.pipeline, self.ref.report_on)

    def _adds_stores(self, metrics: Mapping[str, Any]) -> bool:
        """Return True if a store is chosen that the run with these metrics did not know."""
        configured = metrics.get("stores", {}).get("configured", self.choice.stores)
        return not set(self.choice.stores) <= set(configured)

    @contextmanager
    def _data_dir(self) -> Iterator[Path]:
        """Yield the directory of the exports; a dry run has one of its own, which it removes."""
        if self.choice.dry_run:
            with scratch_directory(Purpose.DRY_RUN) as directory:
                yield directory
        else:
            kept = self.settings.volumes.data_dir
            kept.mkdir(parents=True, exist_ok=True)
            yield kept
