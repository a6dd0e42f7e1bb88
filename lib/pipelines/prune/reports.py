"""The PDFs: first their rows say that they are gone, then they go, so that no row ever claims what is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine

from lib import dates, log, notify, removal
from lib.config import Settings
from lib.errors import ExitCode
from lib.model import Pipeline
from lib.pipelines.prune.chore import Tally, rehearsed
from lib.removal import Seen
from lib.reports.documents import retention, retention_queries
from lib.reports.documents.retention import BY_AGE, Registered, ReportPlan
from lib.run.lock import LockHeld, locked
from lib.run.record import most_serious
from lib.run.retention import open_spans

#: Files for which a pipeline's lock is held: a run that starts at that moment waits for its next
#: attempt.
AT_ONCE = 200
#: Files that are decided about, oldest year first: years of a large chain would take more memory
#: than a job has.
A_NIGHT = 100_000
OWED = "a mail about them is owed or uncertain"
OPEN = "a run of their period may still go on"


@dataclass(frozen=True)
class Reports:
    """REPORTS_ROOT and the rows of `documents` about it."""

    engine: Engine
    settings: Settings
    now: datetime
    name: str = "reports"

    @property
    def root(self) -> Path:
        return self.settings.volumes.reports_root.absolute()

    @property
    def days(self) -> int:
        return self.settings.retention.report_days

    def rehearse(self) -> ExitCode:
        return rehearsed(self.name, self.root, self._plan().files)

    def do(self) -> ExitCode:
        plan, tally = self._plan(), Tally(self.name, self.root, "removed")
        codes = [
            self._unless_held(partial(self._remove_those_of, pipeline, plan, tally))
            for pipeline in Pipeline
        ]

        codes.append(self._unless_held(self._remove_empty_years))
        return most_serious([*codes, tally.tell(plan.files)])

    def _unless_held(self, attempt: Callable[[], None]) -> ExitCode:
        """Leave to the next time what a run at work keeps away from, and nothing else."""
        try:
            attempt()
        except LockHeld as error:
            log.warning(f"{self.name}: some are left for the next time: {error}")
            return error.exit_code

        return ExitCode.OK

    def _remove_those_of(self, pipeline: Pipeline, plan: ReportPlan, tally: Tally) -> None:
        files = {gone.seen.path: gone for gone in plan.files.expired}

        paths = [
            path for path in sorted({*files, *plan.rows}) if retention.pipeline_of(path) is pipeline
        ]
        for part in _parts(paths):
            with locked(self.engine, pipeline):
                marked = self._mark(pipeline, part, plan.rows)
                for gone in (files[path] for path in part if path in files and path in marked):
                    tally.take(gone, partial(removal.take_away, self.root, gone.seen))

    def _plan(self) -> ReportPlan:
        seen = removal.look(self.root, retention.YEAR, self._is_old)
        if (count := len(seen) - A_NIGHT) > 0:
            del seen[A_NIGHT:]
            log.info(f"{self.name}: {count} more are looked at the next time")

        names = {one.path.name for one in seen}

        with self.engine.connect() as connection:
            before = self.now - timedelta(days=self.days)
            rows = retention_queries.registered(connection, self.root, names, before, A_NIGHT)

            return retention.plan(seen, rows, self._needed(connection), self.now, self.days)

    def _is_old(self, seen: Seen) -> bool:
        return retention.is_old(seen, self.now, self.days)

    def _needed(self, connection: Connection) -> dict[tuple[str, date], str]:
        today = dates.today(self.settings.zone, self.now)
        oldest = today - timedelta(days=self.settings.catch_up.max_age_days)
        is_open = dict.fromkeys(open_spans(connection, oldest), OPEN)

        return is_open | dict.fromkeys(notify.owed_spans(connection), OWED)

    def _mark(
        self, pipeline: Pipeline, paths: Sequence[Path], rows: Mapping[Path, tuple[Registered, ...]]
    ) -> set[Path]:
        """Let the rows say that their file is gone; return the paths of which nobody has begun to owe a mail since."""
        why = f"removed by jobs.prune on {dates.today(self.settings.zone, self.now)} ({BY_AGE}={self.days})"

        with self.engine.begin() as connection:
            notify.lock_planning(connection, pipeline)
            owed = notify.owed_spans(connection)
            free = {
                path for path in paths if not any(row.span in owed for row in rows.get(path, ()))
            }

            retention_queries.mark_pruned(
                connection, [row.id for path in free for row in rows.get(path, ())], why
            )

        return free

    def _remove_empty_years(self) -> None:
        if not removal.empty_folders(self.root, retention.YEAR):
            return

        with ExitStack() as stack:
            for pipeline in Pipeline:
                stack.enter_context(locked(self.engine, pipeline))

            for name in removal.empty_folders(self.root, retention.YEAR):
                removal.remove_folder(self.root, name)


def _parts(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(paths), AT_ONCE):
        yield paths[start : start + AT_ONCE]
