"""Removal of old reports.

First the rows say that the files are gone, then the files go, so that no row ever claims what is
not there (docs/adr/0017-pruned-not-deleted.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine

from lib import dates, log, notify, removal
from lib.config import Settings
from lib.errors import ExitCode
from lib.model import Pipeline
from lib.pipelines.prune.files import RemovalLog
from lib.removal import FileRule, RemovalPlan, Seen
from lib.reports.documents import retention, retention_queries
from lib.run.lock import LockHeld, locked
from lib.run.record import most_serious
from lib.run.retention import open_spans

#: Files for which a pipeline's lock is held: a run that starts at that moment waits for its next
#: attempt.
AT_ONCE = 200
#: Files that are decided about, oldest year first: years of a large chain would take more memory
#: than a job has.
A_NIGHT = 100_000
MAIL_IS_OPEN = "a mail about them is owed or uncertain"
RUN_IS_OPEN = "a run of their period may still go on"


@dataclass(frozen=True)
class OldReports:
    """REPORTS_ROOT and the rows of `documents` about it."""

    name: str
    root: Path
    rule: FileRule
    now: datetime
    engine: Engine
    settings: Settings

    def run(self, *, dry_run: bool) -> ExitCode:
        """Remove what is old, or only say so.

        Return TEMPORARY if a run at work or an error keeps some of it for the next time.
        """
        log_of = RemovalLog(self.name, self.root, dry_run=dry_run)
        is_listed = partial(self.rule.is_listed, now=self.now)
        seen = removal.scan(self.root, retention.YEAR, is_listed)

        more = len(seen) - A_NIGHT
        if more > 0:
            del seen[A_NIGHT:]
            log.info(f"{self.name}: {more} more are looked at the next time")

        before = self.now - timedelta(days=self.rule.days)

        with self.engine.connect() as connection:
            claimed = retention_queries.old_names(
                connection,
                before,
                A_NIGHT,
            )

        codes = [
            self._unless_held(
                partial(
                    self._prune,
                    pipeline,
                    seen,
                    claimed,
                    log_of,
                )
            )
            for pipeline in Pipeline
        ]

        if not dry_run:
            codes.append(self._unless_held(self._remove_empty_years))

        log_of.unrecognised += self.rule.plan(seen, self.now).unrecognised
        codes.append(log_of.end())

        return most_serious(codes)

    def _unless_held(self, attempt: Callable[[], None]) -> ExitCode:
        try:
            attempt()
        except LockHeld as error:
            log.warning(f"{self.name}: some are left for the next time: {error}")
            return error.exit_code

        return ExitCode.OK

    def _prune(
        self,
        pipeline: Pipeline,
        seen: Sequence[Seen],
        claimed: Collection[str],
        log_of: RemovalLog,
    ) -> None:
        """Decide about the reports of one pipeline, mark their rows, remove their files."""
        by_name: dict[str, list[Seen]] = {name: [] for name in claimed}

        for one in seen:
            by_name.setdefault(one.path.name, []).append(one)

        names = sorted(name for name in by_name if retention.pipeline_of(Path(name)) is pipeline)

        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            files = list(chain.from_iterable(by_name[name] for name in part))

            with nullcontext() if log_of.dry_run else locked(self.engine, pipeline):
                plan = self._mark(
                    pipeline,
                    part,
                    files,
                    dry_run=log_of.dry_run,
                )
                log_of.retained += plan.retained

                for old in plan.expired:
                    log_of.attempt(
                        old,
                        partial(
                            removal.remove_if_unchanged,
                            self.root,
                            old.seen,
                        ),
                    )

    def _mark(
        self,
        pipeline: Pipeline,
        names: Sequence[str],
        seen: Sequence[Seen],
        *,
        dry_run: bool,
    ) -> RemovalPlan:
        """Return what becomes of the files, after the rows of those that go say so."""
        today = dates.today(self.settings.zone, self.now)
        oldest = today - timedelta(days=self.settings.catch_up.max_age_days)
        why = f"removed by jobs.prune on {today} ({self.rule.setting}={self.rule.days})"

        with self.engine.begin() as connection:
            # No mail becomes owed between the look at the outbox and the mark.
            notify.lock_planning(connection, pipeline)

            needed = dict.fromkeys(open_spans(connection, oldest), RUN_IS_OPEN)
            needed |= dict.fromkeys(notify.dates_with_open_mail(connection), MAIL_IS_OPEN)

            rows = retention_queries.registered(
                connection,
                self.root,
                names,
            )

            old = self.rule.plan(seen, self.now)
            plan = retention.plan(
                old,
                rows,
                needed,
                self.now,
                self.rule.days,
            )

            if not dry_run:
                marked = chain.from_iterable(plan.rows.values())
                retention_queries.mark_pruned(
                    connection,
                    [row.id for row in marked],
                    why,
                )

        return plan.files

    def _remove_empty_years(self) -> None:
        if not removal.empty_folders(self.root, retention.YEAR):
            return

        with ExitStack() as stack:
            for pipeline in Pipeline:
                stack.enter_context(locked(self.engine, pipeline))

            for name in removal.empty_folders(self.root, retention.YEAR):
                removal.remove_folder(self.root, name)
