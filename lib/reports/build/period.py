"""The weekly or monthly reports of a run: one a store that has data, and the combined one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lib.config import Settings
from lib.dates import Period
from lib.domain.period_headline import to_json
from lib.model import RunRef, Status
from lib.reports.build import make, rendering, versions
from lib.reports.build.combined import CombinedReport
from lib.reports.build.make import NothingStored, Report, ReportOutcome, ReportPage
from lib.reports.documents import pdf_file
from lib.reports.facts.model import PeriodFacts
from lib.reports.period.context import PeriodContext, store_context, stored_since
from lib.reports.render.pdf_check import Expected
from lib.reports.view import restated

if TYPE_CHECKING:
    from sqlalchemy import Engine


def build_period(
    engine: Engine,
    run: RunRef,
    period: Period,
    store_codes: Sequence[str],
    settings: Settings,
    *,
    done: Collection[str] = (),
) -> Iterator[ReportOutcome]:
    """Make the reports of `period` for every store and the combined one, `ALL`.

    Yield an outcome each, in any order.

    `run.pipeline` says weekly or monthly, and `run.report_on` is `period.last`. A store without a
    stored day in the period ends with status `warning` and no path, and so does `ALL` when that is
    every store. Codes in `done`, which may hold `ALL`, are not made again; `ALL` covers all of
    `store_codes` nevertheless. Otherwise as `build_daily`.
    """
    codes = list(dict.fromkeys(store_codes))
    request = _Request(engine, run, period, settings)
    reports: list[Report] = []

    for code in codes:
        reports.append(_StoreReport(request, code))

    if codes:
        reports.append(CombinedReport(engine, run, period, tuple(codes), settings))

    wanted = []

    for report in reports:
        if report.store_code not in done:
            wanted.append(report)

    return make.make(
        engine,
        run,
        wanted,
        rendering.chosen(settings),
    )


@dataclass(frozen=True)
class _Request:
    """What every report of one call has in common."""

    engine: Engine
    run: RunRef
    period: Period
    settings: Settings

    def path(self, store_code: str) -> Path:
        root = self.settings.volumes.reports_root.absolute()
        return pdf_file.report_path(
            root,
            store_code,
            self.run.pipeline,
            self.period,
        )

    def facts(self, store_code: str) -> PeriodFacts | None:
        from lib.reports.facts import queries

        since = stored_since(self.period, self.run.pipeline)

        with self.engine.connect() as connection:
            return queries.period_facts(connection, store_code, self.period, since)

    def page(self, context: PeriodContext) -> ReportPage:
        from lib.reports.build.html import period_html

        expected = Expected(
            store_code=context.store_code,
            period=f"{self.period.first}/{self.period.last}",
            run_id=self.run.run_id,
            fields=frozenset(),
        )

        version = versions.version_of(
            self.engine,
            self.run,
            self.period,
            context.store_code,
            context.headline,
        )
        context = replace(context, restated=restated.lines(version.restated))

        return ReportPage(
            period_html(context, self.settings.pdf),
            expected,
            to_json(context.headline),
            version,
        )

    def nothing_stored(self, whose: str) -> NothingStored:
        return NothingStored(f"no dashboard of {whose} from {self.period} is stored: no report")


@dataclass(frozen=True)
class _StoreReport:
    request: _Request
    store_code: str
    without_data = Status.WARNING

    def path(self) -> Path:
        return self.request.path(self.store_code)

    def page(self) -> ReportPage:
        request = self.request

        facts = request.facts(self.store_code)

        if facts is None:
            raise request.nothing_stored(self.store_code)

        return request.page(
            store_context(
                facts,
                request.run,
                request.settings.zone,
            )
        )
