"""From the question for a report to its file and its row: page, PDF, check, file, row; each report on its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lib import errors, log
from lib.errors import ExitCode, JobError
from lib.model import RunRef, Status
from lib.reports.documents import pdf_file, row
from lib.reports.documents.pdf_file import Expected, StoredFile
from lib.reports.render import cpu_count, worker_pool
from lib.reports.render.engines import Draw

if TYPE_CHECKING:
    from sqlalchemy import Engine


class NothingStored(JobError):
    """The database has no dashboard of that store and time, so there is nothing to report."""


@dataclass(frozen=True)
class ReportOutcome:
    """How one report ended."""

    #: `ALL` for the combined report of a period.
    store_code: str
    status: Status
    #: Absolute; None when there is no report.
    path: Path | None
    #: Why there is none, in words without personal data.
    reason: str | None = None
    #: Running again makes none either.
    needs_person: bool = False


@dataclass(frozen=True)
class Page:
    """A report ready to be drawn."""

    html: str
    expected: Expected


class Report(Protocol):
    """One report that somebody asked for."""

    @property
    def store_code(self) -> str: ...

    @property
    def without_data(self) -> Status:
        """What it means that there is nothing to report."""

    def path(self) -> Path:
        """Return where the PDF goes; UsageError for what is no store code."""

    def page(self) -> Page:
        """Read the database and compose the page; NothingStored when it knows nothing."""


def make(
    engine: Engine, run: RunRef, reports: Sequence[Report], draw: Draw
) -> Iterator[ReportOutcome]:
    """Make all reports on as many cores as there are; yield an outcome each as they finish, in any order.

    Whatever happens to one ends as its own outcome and, if it failed, as a row of `documents` with
    status `error`. When the caller stops listening, pages that are being drawn are given up within
    a moment.
    """
    if not reports:
        return

    maker, size = _Maker(engine, run), min(len(reports), cpu_count.available())
    with (
        worker_pool.crew(draw, size) as crew,
        ThreadPoolExecutor(size, thread_name_prefix="report") as threads,
    ):
        futures: list[Future[ReportOutcome]] = [
            threads.submit(maker.make, report, crew.draw) for report in reports
        ]

        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            crew.give_up()


@dataclass(frozen=True)
class _Maker:
    engine: Engine
    run: RunRef

    def make(self, report: Report, draw: Draw) -> ReportOutcome:
        """Make one report. Never raises an Exception."""
        started_s = time.monotonic()

        try:
            file = self._made(report, draw)
        except NothingStored as error:
            return self._without_data(report, error)
        except worker_pool.GivenUp as error:
            # The run stops: the report remains to be made, and has not failed.
            return ReportOutcome(report.store_code, Status.ERROR, None, str(error))
        except Exception as error:  # noqa: BLE001 - one report's failure never stops another
            return self._failed(report, error)

        duration_ms = round(1000 * (time.monotonic() - started_s))
        log.ok(
            "the report is made",
            store_code=report.store_code,
            path=file.path,
            duration_ms=duration_ms,
        )

        return ReportOutcome(report.store_code, Status.OK, file.path)

    def _made(self, report: Report, draw: Draw) -> StoredFile:
        path, page = report.path(), report.page()
        content = draw(page.html)
        pdf_file.check(content, page.expected)

        file = pdf_file.store(content, path)
        self._record(row.of_file(self.run, report.store_code, file))

        return file

    def _without_data(self, report: Report, error: NothingStored) -> ReportOutcome:
        if report.without_data is Status.ERROR:
            return self._failed(report, error)

        log.warning(str(error), store_code=report.store_code, report_date=self.run.report_on)
        return ReportOutcome(report.store_code, report.without_data, None, str(error))

    def _failed(self, report: Report, error: Exception) -> ReportOutcome:
        log.error(
            "the report failed",
            store_code=report.store_code,
            report_date=self.run.report_on,
            error=error,
        )

        try:
            self._record(row.of_failure(self.run, report.store_code, report.path(), error))
        except Exception as second:  # noqa: BLE001 - the outcome already says what failed first
            log.error(
                "the failed report has no documents row", store_code=report.store_code, error=second
            )

        needs_person = errors.exit_code(error) is ExitCode.CONFIGURATION
        return ReportOutcome(
            report.store_code, Status.ERROR, None, errors.describe(error), needs_person
        )

    def _record(self, document: dict[str, Any]) -> None:
        from lib.reports.documents import queries

        with self.engine.begin() as connection:
            queries.replace_document(connection, document)
