"""The weekly or monthly reports of a run: one for each store that has data, and the combined one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.config import Settings
from lib.dates import Period, month_of
from lib.model import RunRef, Status
from lib.reports.build import make
from lib.reports.build.make import NothingStored, Page, Report, ReportOutcome
from lib.reports.documents import pdf_file
from lib.reports.documents.pdf_file import Expected
from lib.reports.facts.model import PeriodFacts
from lib.reports.period.context import (
    ALL,
    PeriodContext,
    combined_context,
    store_context,
)
from lib.reports.period.wording import before_of
from lib.reports.render import engines

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
    """Make the reports of `period` for every store and the combined one, `ALL`; yield outcomes in any order.

    `run.pipeline` says weekly or monthly, and `run.report_on` is `period.last`. A store without a
    stored day in the period ends with status `warning` and no path, and so does `ALL` when that is
    every store. Codes in `done`, which may hold `ALL`, are not made again; `ALL` covers all of
    `store_codes` nevertheless. Otherwise as `build_daily`.
    """
    codes = list(dict.fromkeys(store_codes))
    ask = _Ask(engine, run, period, settings)
    everything: list[Report] = [_OfStore(ask, code) for code in codes]

    if codes:
        everything.append(_OfAll(ask, tuple(codes)))

    wanted = [report for report in everything if report.store_code not in done]
    return make.make(engine, run, wanted, engines.chosen(settings))


@dataclass(frozen=True)
class _Ask:
    """What every report of the call has in common."""

    engine: Engine
    run: RunRef
    period: Period
    settings: Settings

    def path(self, store_code: str) -> Path:
        root = self.settings.volumes.reports_root.absolute()
        return pdf_file.period_path(root, store_code, self.run.pipeline, self.period)

    def facts(self, store_code: str) -> PeriodFacts | None:
        from lib.reports.facts import queries

        since = month_of(before_of(self.period, self.run.pipeline).first).first

        with self.engine.connect() as connection:
            return queries.period_facts(connection, store_code, self.period, since)

    def page(self, context: PeriodContext) -> Page:
        from lib.reports.build.html import period_html

        period = f"{self.period.first}/{self.period.last}"

        return Page(
            period_html(context, self.settings.pdf),
            Expected(context.store_code, period, self.run.run_id, frozenset()),
        )

    def nothing(self, who: str) -> NothingStored:
        return NothingStored(f"no dashboard of {who} from {self.period} is stored: no report")


@dataclass(frozen=True)
class _OfStore:
    ask: _Ask
    store_code: str
    without_data = Status.WARNING

    def path(self) -> Path:
        return self.ask.path(self.store_code)

    def page(self) -> Page:
        if (facts := self.ask.facts(self.store_code)) is None:
            raise self.ask.nothing(self.store_code)

        return self.ask.page(store_context(facts, self.ask.run, self.ask.settings.zone))


@dataclass(frozen=True)
class _OfAll:
    ask: _Ask
    codes: tuple[str, ...]
    store_code = ALL
    without_data = Status.WARNING

    def path(self) -> Path:
        return self.ask.path(ALL)

    def page(self) -> Page:
        facts = [known for code in self.codes if (known := self.ask.facts(code))]
        if not facts:
            raise self.ask.nothing("any store")

        absent = len(self.codes) - len(facts)
        return self.ask.page(
            combined_context(facts, self.ask.run, self.ask.settings.zone, absent=absent)
        )
