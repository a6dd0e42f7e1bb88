"""The report of all stores of one day, made when those of the single stores are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lib.db import progress
from lib.db.progress import CombinedReportState
from lib.domain.stores import ALL
from lib.pipelines import report_outcomes
from lib.reports.build.make import ReportOutcome
from lib.run import Run


def draw(
    run: Run,
    store_codes: Sequence[str],
    make: Callable[[Sequence[str]], Iterator[ReportOutcome]],
    *,
    is_whole: bool,
) -> tuple[dict[str, str], dict[str, str]]:
    """Have `make` make the report `ALL` of the report stores where one is due.

    It is about every report store, so a run of all of them makes it (`is_whole`). Any run makes it
    again when a store's report is newer than it, also one that an earlier run left at that point.

    Return, by the code `ALL`, the file that is there and the reason why there is none.
    """
    with run.engine.connect() as connection:
        state = progress.combined_report(
            connection,
            run.ref.pipeline,
            run.ref.report_on,
        )

    if state.is_current or not store_codes or not _is_due(state, is_whole=is_whole):
        return ({ALL: str(state.path)} if state.path else {}), {}

    return report_outcomes.draw(run, make(store_codes), 1)


def _is_due(
    state: CombinedReportState,
    *,
    is_whole: bool,
) -> bool:
    """Return True where it is to be made: never before some store has a report."""
    return state.has_stores and (is_whole or state.path is not None)
