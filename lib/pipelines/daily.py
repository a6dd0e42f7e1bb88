"""Yesterday, for every store: fetch, load, report, tell.

Stores and buckets are units of their own: one that fails is recorded and the others go on (DOMAIN H34).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lib import dates, ingest, log, notify, portal, reports, terminal
from lib.config import Settings
from lib.db.engine import connect
from lib.errors import ExitCode
from lib.ingest import Load, Merge, Verdict
from lib.model import Bucket, Dashboard, Download, Phase, Pipeline, RunRef, Status
from lib.portal import Client
from lib.run import Outcome, Run, execute, rehearse


@dataclass(frozen=True)
class Choice:
    """What the operator chose for this run."""

    stores: tuple[str, ...]
    dry_run: bool = False
    force: bool = False
    notify: bool = True


def run(settings: Settings, run_id: str, choice: Choice) -> ExitCode:
    """Make the daily run for T, the day before today in PIPELINE_TIMEZONE."""
    now = dates.now()
    run_on = dates.today(settings.zone, now)
    ref = RunRef(Pipeline.DAILY, run_id, settings.run_env, dates.report_day(run_on), now)
    job = _Daily(settings, choice, run_on)
    engine = connect(settings.database_url, application_name=f"simplify daily {run_id}")
    try:
        if choice.dry_run:
            return rehearse(engine, ref, job.work)
        tell = job.tell if choice.notify else _tell_nobody
        return execute(engine, ref, choice.stores, job.work, tell, force=choice.force)
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _Daily:
    settings: Settings
    choice: Choice
    run_on: date

    @property
    def report_stores(self) -> tuple[str, ...]:
        return tuple(code for code in self.settings.report_stores if code in self.choice.stores)

    def work(self, run: Run) -> None:
        run.metrics["stores"] = {"configured": sorted(self.choice.stores)}
        with self._data_dir() as data_dir, portal.connect(self.settings.portal) as client:
            with run.phase(Phase.LOGIN):
                log.ok(f"the portal session stands: {client.log_in(self.choice.stores)}")
            with run.phase(Phase.DOWNLOAD):
                downloads = self._download(run, client, data_dir)
            self._load(run, downloads, data_dir)
            with run.phase(Phase.SCRAPE):
                self._scrape(run, client)
        if not self.choice.dry_run:
            with run.phase(Phase.REPORT):
                self._report(run)

    def tell(self, run: Run) -> None:
        with run.phase(Phase.NOTIFY):
            result = notify.send_notifications_for_run(
                run.ref.pipeline, run.ref.run_id, engine=run.engine, settings=self.settings
            )
            run.metrics["email"] = result.as_metrics()
            run.notes[Phase.NOTIFY] = result.message
            run.report(Phase.NOTIFY, result.findings)
            for mail in result.mails:
                run.record(Outcome(Phase.NOTIFY, mail.status, mail.name, mail.reason))

    @contextmanager
    def _data_dir(self) -> Iterator[Path]:
        kept = self.settings.volumes.data_dir
        with tempfile.TemporaryDirectory() if self.choice.dry_run else nullcontext(str(kept)) as directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
            yield Path(directory)

    def _download(self, run: Run, client: Client, data_dir: Path) -> list[Download]:
        units = [(code, bucket) for code in self.choice.stores for bucket in Bucket]
        downloads = []
        with terminal.progress("downloading", len(units)) as step:
            for (code, bucket), result in client.each(units, lambda unit: client.download(*unit, data_dir)):
                step()
                if isinstance(result, Exception):
                    run.fail(Phase.DOWNLOAD, f"{code} {bucket}", result)
                else:
                    downloads.append(result)
                    run.record(Outcome(Phase.DOWNLOAD, Status.OK, f"{code} {bucket}"))
        complete = [code for code in self.choice.stores if sum(d.store_code == code for d in downloads) == len(Bucket)]
        run.metrics["stores"]["processed"] = sorted(complete)
        run.notes[Phase.DOWNLOAD] = f"{len(complete)}/{len(self.choice.stores)} stores"
        run.details += [f"- Stores processed: {', '.join(sorted(complete)) or 'none'}", "- Buckets:"]
        return downloads

    def _load(self, run: Run, downloads: Sequence[Download], data_dir: Path) -> None:
        files = {bucket: [d for d in downloads if d.bucket is bucket] for bucket in Bucket}
        with run.phase(Phase.MERGE):
            merges = self._merge(run, files, data_dir)
        if self.choice.dry_run:
            return
        with run.phase(Phase.INGEST):
            loads = self._ingest(run, merges)
        with run.phase(Phase.AUDIT):
            verdicts = self._audit(run, merges, loads)
        with run.phase(Phase.CLEANUP):
            for bucket, verdict in verdicts.items():
                with run.unit(Phase.CLEANUP, bucket):
                    removed = ingest.cleanup(verdict, merges[bucket], files[bucket])
                    log.ok(f"{removed} files removed after the audit", bucket=bucket)

    def _merge(self, run: Run, files: dict[Bucket, list[Download]], data_dir: Path) -> dict[Bucket, Merge]:
        merges = {}
        for bucket in Bucket:
            with run.unit(Phase.MERGE, bucket):
                merges[bucket] = ingest.merge(bucket, files[bucket], data_dir, self.run_on)
                run.report(Phase.MERGE, merges[bucket].findings)
        run.notes[Phase.MERGE] = f"{len(merges)} buckets"
        return merges

    def _ingest(self, run: Run, merges: dict[Bucket, Merge]) -> dict[Bucket, Load]:
        loads = {}
        for bucket, merge in merges.items():
            with run.unit(Phase.INGEST, bucket):
                loads[bucket] = ingest.load(run.engine, merge)
                run.report(Phase.INGEST, loads[bucket].findings)
        return loads

    def _audit(self, run: Run, merges: dict[Bucket, Merge], loads: dict[Bucket, Load]) -> dict[Bucket, Verdict]:
        verdicts = {}
        run.metrics["buckets"] = {}
        for bucket, load in loads.items():
            verdict = ingest.audit(merges[bucket], load, self.choice.stores)
            verdicts[bucket] = verdict
            run.metrics["buckets"][bucket] = verdict.as_metrics()
            run.details.append(f"  - {bucket}: {verdict.counts['ingested_rows']} rows")
            run.report(Phase.AUDIT, verdict.findings)
            log.info(f"audit: {verdict.status}", bucket=bucket, counts=verdict.counts)
        return verdicts

    def _scrape(self, run: Run, client: Client) -> None:
        with run.engine.connect() as connection:
            names = ingest.known_stores(connection)

        def fetch(code: str) -> Dashboard:
            return client.dashboard(code, expected_on=run.ref.report_on, known_name=names.get(code))

        with terminal.progress("reading dashboards", len(self.choice.stores)) as step:
            for code, result in client.each(self.choice.stores, fetch):
                step()
                with run.unit(Phase.SCRAPE, code):
                    if isinstance(result, Exception):
                        raise result
                    self._store(run, result)
                    run.report(Phase.SCRAPE, result.findings)

    def _store(self, run: Run, dashboard: Dashboard) -> None:
        if not self.choice.dry_run:
            with run.engine.begin() as connection:
                ingest.store_dashboard(connection, dashboard, dates.now())
        run.record(Outcome(Phase.SCRAPE, Status.OK, dashboard.store_code))

    def _report(self, run: Run) -> None:
        made, failed = [], {}
        with terminal.progress("rendering PDFs", len(self.report_stores)) as step:
            for outcome in reports.build_daily(run.engine, run.ref, self.report_stores, self.settings):
                step()
                run.record(Outcome(Phase.REPORT, outcome.status, outcome.store_code, outcome.reason or ""))
                if outcome.path:
                    made.append({"store_code": outcome.store_code, "file_path": str(outcome.path)})
                else:
                    failed[outcome.store_code] = outcome.reason or "no reason given"
        run.metrics["stores"] |= {"report_success": sorted(r["store_code"] for r in made), "report_failures": failed}
        run.metrics["pdf"] = {"generated": len(made), "failed": len(failed), "records": made}
        run.notes[Phase.REPORT] = f"{len(made)}/{len(self.report_stores)} PDFs"


def _tell_nobody(run: Run) -> None:
    run.metrics["email"] = {"status": "not sent", "message": "--no-notify"}
    run.notes[Phase.NOTIFY] = "not asked to"
