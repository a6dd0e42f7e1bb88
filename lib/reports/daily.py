"""The daily reports of a run: for each store facts, page, PDF, check, file and row, independent of the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import errors, log
from lib.config import Settings
from lib.errors import JobError
from lib.model import RunRef, Status
from lib.reports import backends, documents, files, workers
from lib.reports.backends import Draw
from lib.reports.context import DailyContext, daily_context
from lib.reports.files import Expected, StoredFile

if TYPE_CHECKING:
    from sqlalchemy import Engine


class NothingStored(JobError):
    """There is no dashboard of that store and day in the database, so there is nothing to report."""


@dataclass(frozen=True)
class ReportOutcome:
    """How one store's report ended."""

    store_code: str
    status: Status
    path: Path | None
    """Absolute; None when there is no report."""
    reason: str | None = None
    """Why there is none, in words without personal data."""


def build_daily(engine: Engine, run: RunRef, store_codes: Sequence[str], settings: Settings) -> Iterator[ReportOutcome]:
    """Make the report of `run.report_on` for every store; yield an outcome each as they finish, in any order.

    Whatever happens to one store ends as its own outcome with status `error` and as a row of `documents` with status
    `error`; the others go on. A second call for the same run replaces files and rows, and unchanged data gives
    identical bytes. Raises ConfigurationError at once for a backend that cannot make reports.
    """
    return _outcomes(_Builder(engine, run, settings), list(dict.fromkeys(store_codes)), backends.chosen(settings.pdf))


def _outcomes(builder: _Builder, store_codes: list[str], draw: Draw) -> Iterator[ReportOutcome]:
    if not store_codes:
        return
    size = min(len(store_codes), workers.cores())
    with workers.crew(draw, size) as crew, ThreadPoolExecutor(size, thread_name_prefix="report") as threads:
        reports = [threads.submit(builder.build, code, crew.draw) for code in store_codes]
        try:
            for report in as_completed(reports):
                yield report.result()
        finally:
            threads.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Builder:
    engine: Engine
    run: RunRef
    settings: Settings

    def build(self, store_code: str, draw: Draw) -> ReportOutcome:
        """Make one report. Never raises an Exception."""
        started_s = time.monotonic()
        try:
            file = self._make(store_code, draw)
        except Exception as error:  # noqa: BLE001 - one store's failure never stops another
            log.error("the daily report failed", store_code=store_code, report_date=self.run.report_on, error=error)
            self._record_failure(store_code, error)
            return ReportOutcome(store_code, Status.ERROR, None, errors.describe(error))
        duration_ms = round(1000 * (time.monotonic() - started_s))
        log.ok("the daily report is made", store_code=store_code, path=file.path, duration_ms=duration_ms)
        return ReportOutcome(store_code, Status.OK, file.path)

    def _make(self, store_code: str, draw: Draw) -> StoredFile:
        from lib.reports.page import daily_html

        path = self._path(store_code)
        context = self._context(store_code)
        content = draw(daily_html(context))
        files.check(content, _expected(context))
        file = files.store(content, path)
        self._record(documents.of_file(self.run, store_code, file))
        return file

    def _path(self, store_code: str) -> Path:
        return files.daily_path(self.settings.volumes.reports_root.absolute(), store_code, self.run.report_on)

    def _context(self, store_code: str) -> DailyContext:
        from lib.reports import queries

        with self.engine.connect() as connection:
            facts = queries.daily_facts(connection, store_code, self.run.report_on)
        if facts is None:
            raise NothingStored(
                f"no dashboard of {store_code} for {self.run.report_on} is stored; see the scrape phase"
            )
        return daily_context(facts, self.run, self.settings.zone)

    def _record(self, document: dict[str, Any]) -> None:
        from lib.reports import queries

        with self.engine.begin() as connection:
            queries.replace_document(connection, document)

    def _record_failure(self, store_code: str, error: Exception) -> None:
        try:
            self._record(documents.of_failure(self.run, store_code, self._path(store_code), error))
        except Exception as second:  # noqa: BLE001 - the outcome already says what failed first
            log.error("the failed report has no documents row", store_code=store_code, error=second)


def _expected(context: DailyContext) -> Expected:
    orders = range(1, len(context.undelivered_orders_rows) + 1)
    leads = range(1, len(context.missed_leads_rows) + 1)
    names = [f"undelivered_{what}_{n}" for n in orders for what in ("delivered", "comment")]
    names += [f"missed_lead_{what}_{n}" for n in leads for what in ("converted", "comment")]
    return Expected(context.store_code, context.report_on.isoformat(), context.run_id, frozenset(names))
