"""The report of all stores together, of one day, week or month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lib import dates
from lib.config import Settings
from lib.dates import Period
from lib.domain.period_headline import to_json
from lib.domain.stores import ALL
from lib.model import Pipeline, RunRef, Status
from lib.reports.build import make, rendering, versions
from lib.reports.build.make import NothingStored, ReportOutcome, ReportPage
from lib.reports.combined.context import (
    CombinedContext,
    combined_context,
    store_standing,
    stored_since,
)
from lib.reports.documents import pdf_file
from lib.reports.metrics.standing import Standing
from lib.reports.period.context import UNNAMED
from lib.reports.render.pdf_check import Expected
from lib.reports.view import restated

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


def build_combined_daily(
    engine: Engine,
    run: RunRef,
    store_codes: Sequence[str],
    settings: Settings,
) -> Iterator[ReportOutcome]:
    """Make the report `ALL` of `run.report_on`; yield its outcome.

    It is made from what is stored then, so after the dashboards of the day are read; stores without
    one are named on it. Where no store has one, the outcome is `warning` without a path. Otherwise
    as `build_daily`.
    """
    report = combined_daily_report(engine, run, store_codes, settings)

    return make.make(
        engine,
        run,
        [report],
        rendering.chosen(settings),
    )


def combined_daily_report(
    engine: Engine,
    run: RunRef,
    store_codes: Sequence[str],
    settings: Settings,
) -> CombinedReport:
    """Return the report `ALL` of `run.report_on`, of each store once."""
    codes = tuple(dict.fromkeys(store_codes))
    return CombinedReport(engine, run, dates.day_of(run.report_on), codes, settings)


@dataclass(frozen=True)
class CombinedReport:
    """The report of all stores, which says which of them have no data."""

    engine: Engine
    run: RunRef
    #: One day for a daily run.
    period: Period
    codes: tuple[str, ...]
    settings: Settings
    store_code = ALL
    without_data = Status.WARNING

    def path(self) -> Path:
        root = self.settings.volumes.reports_root.absolute()

        return pdf_file.report_path(
            root,
            ALL,
            self.run.pipeline,
            self.period,
        )

    def page(self) -> ReportPage:
        from lib.reports.build.html import combined_html

        context = self._context()
        version = None

        # The report of a day has no versions.
        if self.run.pipeline is not Pipeline.DAILY:
            version = versions.version_of(
                self.engine,
                self.run,
                self.period,
                ALL,
                context.headline,
            )
            context = replace(context, restated=restated.lines(version.restated))

        return ReportPage(
            combined_html(context, self.settings.pdf),
            _expected(context),
            to_json(context.headline),
            version,
        )

    def _context(self) -> CombinedContext:
        known: dict[str, Standing] = {}

        for code in self.codes:
            found = self._standing(code)
            if found:
                known[code] = found

        if not known:
            days = f"from {self.period}" if self._has_days else f"for {self.period.last}"
            raise NothingStored(f"no dashboard of any store {days} is stored: no report")

        absent = [code for code in self.codes if code not in known]

        with self.engine.connect() as connection:
            names = names_of(connection, absent)

        return combined_context(
            list(known.values()),
            self.run,
            self.period,
            self.settings.zone,
            absent=names,
        )

    @property
    def _has_days(self) -> bool:
        return self.period.first != self.period.last

    def _standing(self, code: str) -> Standing | None:
        """Return how the store stands; its rows are let go of before the next store is read."""
        from lib.reports.facts import queries

        with self.engine.connect() as connection:
            facts = queries.standing_facts(
                connection,
                code,
                self.period,
                stored_since(self.run, self.period),
            )

        return store_standing(facts, self.run, self.period) if facts else None


def names_of(connection: Connection, store_codes: Sequence[str]) -> list[str]:
    """Return the stores' names in order; a code is on no page."""
    from lib.reports.facts import queries

    names = queries.store_names(connection, store_codes)

    return sorted(names.get(code, UNNAMED) for code in store_codes)


def _expected(context: CombinedContext) -> Expected:
    period = context.period
    first, last = period.first.isoformat(), period.last.isoformat()

    return Expected(
        store_code=context.store_code,
        period=last if first == last else f"{first}/{last}",
        run_id=context.run_id,
        fields=frozenset(),
    )
