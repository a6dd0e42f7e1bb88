"""From the request for a report to its file and its row, each report on its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lib import errors, log
from lib.domain import restatement
from lib.errors import ExitCode, JobError
from lib.model import Phase, RunRef, Status
from lib.reports.build import versions
from lib.reports.build.rendering import Rendering
from lib.reports.build.versions import Version
from lib.reports.documents import pdf_file, row
from lib.reports.documents.pdf_file import StoredFile
from lib.reports.render.drawer import Cancelled
from lib.reports.render.pdf_check import Expected, WrongReport
from lib.reports.render.worker_pool import WorkerPool

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.reports.documents.queries import StoredVersion


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
class ReportPage:
    """A report ready to be drawn, and what its PDF must say about itself."""

    html: str
    expected: Expected
    #: What the row keeps of the page's figures, for the mails about it.
    figures: dict[str, Any] | None = None
    #: Of a week or month; None for a report that has no versions.
    version: Version | None = None


class Report(Protocol):
    """One report that was asked for."""

    @property
    def store_code(self) -> str: ...

    @property
    def without_data(self) -> Status:
        """Return what it means that there is nothing to report."""

    def path(self) -> Path:
        """Return where the PDF goes; raise UsageError if the code is no store code."""

    def page(self) -> ReportPage:
        """Return the page, composed from the database; raise NothingStored if it knows nothing."""


def make(
    engine: Engine,
    run: RunRef,
    reports: Sequence[Report],
    rendering: Rendering,
) -> Iterator[ReportOutcome]:
    """Make all reports, several at a time; yield an outcome each, in any order.

    When the caller closes the generator, pages that are being drawn are cancelled within a moment.
    """
    with report_queue(engine, run, rendering, most=len(reports)) as queue:
        for report in reports:
            queue.begin(report)

        yield from queue.outcomes()


@contextmanager
def report_queue(
    engine: Engine,
    run: RunRef,
    rendering: Rendering,
    *,
    most: int,
) -> Iterator[ReportQueue]:
    """Yield what makes reports beside the caller's own work, `most` of them in all.

    As many are made at a time as `rendering` can draw. A report that is not made when the block
    ends is given up: a page that is being drawn is cancelled within a moment.
    """
    with (
        rendering.pool(most) as (pool, size),
        ThreadPoolExecutor(size, thread_name_prefix="report") as threads,
    ):
        try:
            yield ReportQueue(_Maker(engine, run, pool), threads)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.cancel()


class ReportQueue:
    """Reports that are made in threads, each on its own. For one thread.

    1. Read the database and compose the page, in a thread of this process.
    2. Draw it and check the PDF, in a drawing process of this host or of a worker host.
    3. Compare the checksum of what arrived with that of what was checked.
    4. Store the file, then its row of `documents`.

    Whatever happens to one report ends as its own outcome and, if it failed, as a row with status
    `error`.
    """

    def __init__(self, maker: _Maker, threads: ThreadPoolExecutor) -> None:
        self._maker = maker
        self._threads = threads
        self._begun: list[Future[ReportOutcome]] = []

    def begin(self, report: Report) -> None:
        """Have the report made as soon as there is room; return at once."""
        future = self._threads.submit(self._maker.make, report)
        self._begun.append(future)

    def make(self, report: Report) -> ReportOutcome:
        """Have the report made as soon as a processor is free; return its outcome at its end."""
        return self._threads.submit(self._maker.make, report).result()

    def outcomes(self) -> Iterator[ReportOutcome]:
        """Yield the outcome of every report that was begun as it ends, in any order."""
        for future in as_completed(self._begun):
            yield future.result()


@dataclass(frozen=True)
class _Maker:
    engine: Engine
    run: RunRef
    pool: WorkerPool

    def make(self, report: Report) -> ReportOutcome:
        """Make one report. Never raises an Exception."""
        # Meanwhile the run may be in another phase.
        with log.phase_of_thread(Phase.REPORT):
            return self._make(report)

    def _make(self, report: Report) -> ReportOutcome:
        started_s = time.monotonic()

        try:
            file = self._store(report)
        except NothingStored as error:
            return self._without_data(report, error)
        except Cancelled as error:
            # The run stops: the report remains to be made, and has not failed.
            return ReportOutcome(
                report.store_code,
                Status.ERROR,
                None,
                str(error),
            )
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

    def _store(self, report: Report) -> StoredFile:
        path = report.path()
        page = report.page()

        drawn = self.pool.draw(page.html, page.expected)

        if pdf_file.checksum(drawn.content) != drawn.checksum:
            raise WrongReport(
                f"the PDF of {report.store_code} is not the one that its drawing process checked"
            )

        version = page.version or Version(1, ())
        kept = versions.keep(path, version.replaces) if version.replaces else None

        file = pdf_file.store(drawn.content, path)
        document = row.of_file(
            self.run,
            report.store_code,
            file,
            page.figures,
            version=version.number,
            restated=restatement.to_json(version.restated),
        )

        if version.replaces:
            self._record_version(document, kept)
        else:
            self._record(document)

        return file

    def _without_data(
        self,
        report: Report,
        error: NothingStored,
    ) -> ReportOutcome:
        if report.without_data is Status.ERROR:
            return self._failed(report, error)

        log.warning(
            str(error),
            store_code=report.store_code,
            report_date=self.run.report_on,
        )

        return ReportOutcome(
            report.store_code,
            report.without_data,
            None,
            str(error),
        )

    def _failed(
        self,
        report: Report,
        error: Exception,
    ) -> ReportOutcome:
        log.error(
            "the report failed",
            store_code=report.store_code,
            report_date=self.run.report_on,
            error=error,
        )

        try:
            self._record(
                row.of_failure(
                    self.run,
                    report.store_code,
                    report.path(),
                    error,
                )
            )
        except Exception as second:  # noqa: BLE001 - the outcome already says what failed first
            log.error(
                "the failed report has no documents row",
                store_code=report.store_code,
                error=second,
            )

        return ReportOutcome(
            store_code=report.store_code,
            status=Status.ERROR,
            path=None,
            reason=errors.describe(error),
            needs_person=errors.exit_code(error) is ExitCode.CONFIGURATION,
        )

    def _record_version(
        self,
        document: dict[str, Any],
        kept: tuple[StoredVersion, Path] | None,
    ) -> None:
        from lib.reports.documents import queries

        with self.engine.begin() as connection:
            queries.supersede(
                connection,
                self.run.pipeline,
                self.run.report_on,
                document["reference_id_3"],
                kept,
            )
            queries.replace_document(connection, document)

    def _record(
        self,
        document: dict[str, Any],
    ) -> None:
        from lib.reports.documents import queries

        with self.engine.begin() as connection:
            queries.replace_document(connection, document)
