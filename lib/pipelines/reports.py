"""The daily reports of a past day once more, from the database alone (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.engine import Engine

from lib import dates
from lib.config import Settings
from lib.dates import Period
from lib.db import progress
from lib.db.engine import connect
from lib.domain.stores import ALL
from lib.errors import ExitCode
from lib.model import Phase, Pipeline, RunRef, Status
from lib.pipelines import combined_daily, notifications, report_outcomes
from lib.reports.build.combined import build_combined_daily
from lib.reports.build.daily import build_daily
from lib.reports.build.make import ReportOutcome
from lib.run import Run, Task, execute


@dataclass(frozen=True)
class RebuildRequest:
    """What the operator asked this run to make again."""

    stores: tuple[str, ...]
    #: The report date; None for T, the day before today.
    on: date | None = None
    notify: bool = True


def run(
    settings: Settings,
    run_id: str,
    request: RebuildRequest,
) -> ExitCode:
    """Make the reports of one day again.

    Raise UsageError if the day is not over in PIPELINE_TIMEZONE.

    Each report is signed by the run that made it first, so unchanged data gives the bytes that are
    there already. The run has a row of its own, holds the daily pipeline's lock, and never closes
    the day.
    """
    now = dates.now()
    today = dates.today(settings.zone, now)
    on = request.on or dates.report_day(today)

    dates.require_complete(Period(on, on), today)
    ref = RunRef(
        Pipeline.DAILY,
        run_id,
        settings.run_env,
        on,
        now,
    )

    engine = connect(settings.database_url, application_name=f"simplify reports {run_id}")
    work = _Rebuild(engine, settings, request, ref).work
    mails = notifications.mails(settings, is_wanted=request.notify)

    try:
        return execute(engine, ref.pipeline, run_id, lambda: [[Task(ref, work)]], mails)
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _Rebuild:
    engine: Engine
    settings: Settings
    request: RebuildRequest
    ref: RunRef

    def work(self, run: Run) -> None:
        codes = sorted(self.request.stores)
        run.metrics["stores"] = {"configured": codes, "expected": codes}

        with self.engine.connect() as connection:
            signers = progress.signers(
                connection,
                self.ref.pipeline,
                self.ref.report_on,
            )

        with run.phase(Phase.REPORT):
            drawn, missing = report_outcomes.draw(
                run,
                self._outcomes(signers),
                len(self.request.stores),
            )
            of_all, without_all = combined_daily.draw(
                run,
                self.settings.report_stores,
                partial(
                    build_combined_daily,
                    self.engine,
                    signers.get(ALL, self.ref),
                    settings=self.settings,
                ),
                is_whole={*self.request.stores} >= {*self.settings.report_stores},
            )

        files = drawn | of_all
        wanted = {*self.request.stores, *files, *without_all}

        report_outcomes.note(run, files, missing | without_all)
        run.notes[Phase.REPORT] = f"{len(files)}/{len(wanted)} PDFs made again"

    def _outcomes(self, signers: Mapping[str, RunRef]) -> Iterator[ReportOutcome]:
        """Yield the outcomes, signer by signer.

        A store that never had a report gets one that this run signs.
        """
        signed: dict[RunRef, list[str]] = {}

        for code in self.request.stores:
            signed.setdefault(signers.get(code, self.ref), []).append(code)

        for signer, codes in signed.items():
            yield from build_daily(
                self.engine,
                signer,
                codes,
                self.settings,
                without_data=Status.WARNING,
            )
