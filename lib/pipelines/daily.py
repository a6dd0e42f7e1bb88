"""The daily job: fetch, load and report yesterday for every store, then send the mails.

Stores and buckets are units of their own: one that fails is recorded and the others go on
(lesson 34). A later run of the same day does only what is still to be done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
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
from lib.model import Bucket, Phase, Pipeline, RunRef
from lib.pipelines import combined_daily, dashboards, notifications, report_outcomes
from lib.pipelines.exports import Batch, Unit, in_order
from lib.pipelines.remaining_work import CompletedWork, RemainingWork, completed, remaining
from lib.portal import Client
from lib.reports.build.daily import build_daily
from lib.run import Run, Task, dry_run, execute, queries


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
        return tuple(code for code in self.settings.report_stores if code in self.choice.stores)

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

        task = Task(self.ref, partial(self.work, done), supersedes=closed_by is not None)
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

        run.metrics["done"] = done.as_metrics()
        self._note_processed(run, done, ())

        if todo.needs_portal:
            todo = self._fetched(run, todo, done)
        elif not self.choice.dry_run:
            portal.remove_unfinished_state(self.settings.portal.storage_state)

        if not self.choice.dry_run:
            with run.phase(Phase.REPORT):
                self._report(run, todo)

        run.may_close = self.choice.stores == self.settings.stores

    def _fetched(
        self,
        run: Run,
        todo: RemainingWork,
        done: CompletedWork,
    ) -> RemainingWork:
        """Fetch from the portal and return what is to be reported then.

        Where the portal cannot be used that is what an earlier run has read and not reported.

        Source: lesson 34.
        """
        try:
            self._fetch(run, todo, done)
        except Exception as error:
            read = {*run.metrics["done"]["dashboards"]} - done.reports
            unmade = tuple(code for code in todo.reports if code in read)
            if not unmade:
                raise

            run.fail(run.failed_in or Phase.PREFLIGHT, "", error)
            return replace(todo, reports=unmade)

        return todo

    def _fetch(self, run: Run, todo: RemainingWork, done: CompletedWork) -> None:
        with self._data_dir() as data_dir, portal.connect(self.settings.portal) as client:
            with run.phase(Phase.LOGIN):
                log.ok(f"the portal session stands: {client.log_in(self.choice.stores)}")

            if todo.exports:
                batch = Batch(
                    run,
                    todo.exports,
                    data_dir,
                    self.run_on,
                    self.settings.ingest_batch_size,
                )
                self._load_exports(run, client, done, batch)

            with run.phase(Phase.SCRAPE):
                read = dashboards.scrape(
                    run,
                    client,
                    todo.dashboards,
                    keep=not self.choice.dry_run,
                )
                run.metrics["done"]["dashboards"] = sorted(done.dashboards.union(read))

    def _load_exports(
        self,
        run: Run,
        client: Client,
        done: CompletedWork,
        batch: Batch,
    ) -> None:
        with run.phase(Phase.DOWNLOAD):
            downloads = batch.download(client)
            seen = portal.headers_of_downloads(downloads)
            is_noticed = dashboards.notice_changes(
                run,
                Phase.DOWNLOAD,
                seen,
                keep=not self.choice.dry_run,
            )

            units = [(each.store_code, each.bucket) for each in downloads]
            self._note_processed(run, done, units)

        with run.phase(Phase.MERGE):
            merges = batch.merge(downloads)

        if self.choice.dry_run:
            return

        with run.phase(Phase.INGEST):
            loads = batch.load(merges)

        with run.phase(Phase.AUDIT):
            verdicts = batch.audit(merges, loads)

        with run.phase(Phase.CLEANUP):
            # Noted as done only here: a run that ends before has left customer data on disk.
            loaded = {}
            for bucket, verdict in verdicts.items():
                found = {}
                if is_noticed:
                    found = in_order(merges[bucket], loads[bucket], verdict)

                loaded[bucket] = {**done.loaded.get(bucket, {}), **found}

            settled = batch.clean_up(verdicts, merges, loaded)
            run.metrics["done"]["loaded"] |= {bucket: loaded[bucket] for bucket in settled}

    def _note_processed(
        self,
        run: Run,
        done: CompletedWork,
        downloaded: Sequence[Unit],
    ) -> None:
        """Note the stores whose exports are all there, from this run or an earlier one."""
        complete = []

        for code in sorted(self.choice.stores):
            missing = [
                bucket
                for bucket in Bucket
                if (code, bucket) not in downloaded and not done.is_loaded(code, bucket)
            ]
            if not missing:
                complete.append(code)

        run.metrics["stores"]["processed"] = complete
        run.notes[Phase.DOWNLOAD] = f"{len(complete)}/{len(self.choice.stores)} stores"
        run.details[:] = [f"- Stores processed: {', '.join(complete) or 'none'}"]

    def _report(self, run: Run, todo: RemainingWork) -> None:
        kept = {}
        if not self.choice.force:
            for code, path in self._made().items():
                if code in self.report_stores and code not in todo.reports:
                    kept[code] = str(path)

        outcomes = build_daily(run.engine, run.ref, todo.reports, self.settings)
        drawn, failed = report_outcomes.draw(run, outcomes, len(todo.reports))
        is_whole = self.choice.stores == self.settings.stores
        of_all, without_all = combined_daily.draw(
            run,
            self.settings,
            run.ref,
            is_whole=is_whole,
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
        kept = nullcontext(str(self.settings.volumes.data_dir))
        place = tempfile.TemporaryDirectory() if self.choice.dry_run else kept

        with place as directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
            yield Path(directory)
