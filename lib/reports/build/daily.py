"""The daily reports of a run: one for each store, with the two lists that it works through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.config import Settings
from lib.model import RunRef, Status
from lib.reports.build import make
from lib.reports.build.make import NothingStored, Page, ReportOutcome
from lib.reports.daily.context import DailyContext, daily_context
from lib.reports.documents import pdf_file
from lib.reports.documents.pdf_file import Expected
from lib.reports.render import engines

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
    """Make the report of `run.report_on` for every store; yield an outcome each as they finish, in any order.

    Whatever happens to one store ends as its own outcome with status `error` and as a row of
    `documents` with status `error`; the others go on. A second call for the same run replaces files
    and rows, and unchanged data gives identical bytes. `without_data` says how a store without a
    dashboard of that day ends: `error` while a scrape may still bring one, `warning` (and no row)
    when none can.
    """
    reports = [
        _Daily(engine, run, settings, code, without_data) for code in dict.fromkeys(store_codes)
    ]
    return make.make(engine, run, reports, engines.chosen(settings))


@dataclass(frozen=True)
class _Daily:
    engine: Engine
    run: RunRef
    settings: Settings
    store_code: str
    without_data: Status

    def path(self) -> Path:
        return pdf_file.daily_path(
            self.settings.volumes.reports_root.absolute(), self.store_code, self.run.report_on
        )

    def page(self) -> Page:
        from lib.reports.build.html import daily_html

        context = self._context()

        return Page(daily_html(context, self.settings.pdf), _expected(context))

    def _context(self) -> DailyContext:
        from lib.reports.facts import queries

        with self.engine.connect() as connection:
            facts = queries.daily_facts(connection, self.store_code, self.run.report_on)

        if facts is None:
            raise NothingStored(
                f"no dashboard of {self.store_code} for {self.run.report_on} is stored; see the scrape phase"
            )

        return daily_context(facts, self.run, self.settings.zone)


def _expected(context: DailyContext) -> Expected:
    orders = range(1, len(context.undelivered_orders_rows) + 1)
    leads = range(1, len(context.missed_leads_rows) + 1)
    names = [f"undelivered_{what}_{n}" for n in orders for what in ("delivered", "comment")]

    names += [f"missed_lead_{what}_{n}" for n in leads for what in ("converted", "comment")]
    return Expected(
        context.store_code, context.report_on.isoformat(), context.run_id, frozenset(names)
    )
