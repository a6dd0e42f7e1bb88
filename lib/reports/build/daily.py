"""The daily reports of a run: one for each store, with the two lists that it works through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lib import dates
from lib.config import Settings
from lib.domain import report_form
from lib.domain.headline import to_json
from lib.domain.report_form import ListKind
from lib.model import RunRef, Status
from lib.reports.build import make, rendering
from lib.reports.build.combined import combined_daily_report
from lib.reports.build.make import NothingStored, ReportOutcome, ReportPage, ReportQueue
from lib.reports.daily.context import DailyContext, daily_context
from lib.reports.documents import pdf_file
from lib.reports.facts.model import DailyFacts
from lib.reports.render.pdf_check import Expected

if TYPE_CHECKING:
    from sqlalchemy import Engine


def build_daily(
    engine: Engine,
    run: RunRef,
    store_codes: Sequence[str],
    settings: Settings,
    *,
    without_data: Status = Status.ERROR,
) -> Iterator[ReportOutcome]:
    """Make the report of `run.report_on` for every store; yield an outcome each, in any order.

    Whatever happens to one store ends as its own outcome with status `error` and as a row of
    `documents` with status `error`; the others go on. A second call for the same run replaces files
    and rows, and unchanged data gives identical bytes. `without_data` says how a store without a
    dashboard of that day ends: `error` while a scrape may still bring one, `warning` (and no row)
    when none can.
    """
    # Each store once, in the order in which they were asked for.
    codes = dict.fromkeys(store_codes)
    reports = []

    for code in codes:
        reports.append(
            _DailyReport(
                engine,
                run,
                settings,
                code,
                without_data,
            )
        )

    return make.make(
        engine,
        run,
        reports,
        rendering.chosen(settings),
    )


class DailyReports:
    """The daily reports of a run that are made beside its other work, each as `build_daily` does.

    For the length of a `with` block; what is not made at its end is given up.
    """

    def __init__(
        self,
        engine: Engine,
        run: RunRef,
        settings: Settings,
        *,
        most: int,
    ) -> None:
        """Prepare; nothing is started before the first report. `most` stores have one in all."""
        self._engine = engine
        self._run = run
        self._settings = settings
        self._most = most

        self._resources = ExitStack()
        self._queue: ReportQueue | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.__exit__(kind, error, trace)

    def begin(self, store_code: str) -> None:
        """Have the store's report made as soon as a processor is free; return at once.

        Raise ConfigurationError as `rendering.chosen` does.
        """
        report = _DailyReport(
            self._engine,
            self._run,
            self._settings,
            store_code,
            Status.ERROR,
        )
        self._started_queue().begin(report)

    def combined(self, store_codes: Sequence[str]) -> Iterator[ReportOutcome]:
        """Make the report of all stores, `ALL`, as `build_combined_daily` does; yield its outcome.

        It is drawn by a process that has drawn others, if there is one: starting a process takes
        longer than drawing a page.
        """
        report = combined_daily_report(self._engine, self._run, store_codes, self._settings)
        yield self._started_queue().make(report)

    def outcomes(self) -> Iterator[ReportOutcome]:
        """Yield the outcome of every report that was begun as it ends, in any order."""
        if self._queue is not None:
            yield from self._queue.outcomes()

    def _started_queue(self) -> ReportQueue:
        if self._queue is None:
            queue = make.report_queue(
                self._engine,
                self._run,
                rendering.chosen(self._settings),
                most=self._most,
            )
            self._queue = self._resources.enter_context(queue)

        return self._queue


@dataclass(frozen=True)
class _DailyReport:
    engine: Engine
    run: RunRef
    settings: Settings
    store_code: str
    without_data: Status

    def path(self) -> Path:
        root = self.settings.volumes.reports_root.absolute()

        return pdf_file.report_path(
            root,
            self.store_code,
            self.run.pipeline,
            dates.day_of(self.run.report_on),
        )

    def page(self) -> ReportPage:
        from lib.reports.build.html import daily_html

        context = daily_context(self._facts(), self.run, self.settings.zone)

        return ReportPage(
            daily_html(context, self.settings.pdf),
            _expected(context),
            to_json(context.headline),
        )

    def _facts(self) -> DailyFacts:
        from lib.reports.facts import form_queries, queries

        with self.engine.connect() as connection:
            facts = queries.daily_facts(connection, self.store_code, self.run.report_on)

            if facts is None:
                raise NothingStored(
                    f"no dashboard of {self.store_code} for {self.run.report_on} is stored;"
                    " see the scrape phase"
                )

            return form_queries.with_answers(connection, facts, self.settings.zone)


def _expected(context: DailyContext) -> Expected:
    names: set[str] = set()

    for number in range(1, _orders(context) + 1):
        names |= report_form.names(ListKind.ORDER, number)

    for number in range(1, len(context.missed_leads_rows) + 1):
        names |= report_form.names(ListKind.LEAD, number)

    return Expected(
        store_code=context.store_code,
        period=context.report_on.isoformat(),
        run_id=context.run_id,
        fields=frozenset(names),
    )


def _orders(context: DailyContext) -> int:
    return len(context.undelivered_orders_rows) + len(context.earlier_orders_rows)
