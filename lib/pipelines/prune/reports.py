"""Removal of old reports.

First the rows say that the files are gone, then the files go, so that no row ever claims what is
not there (docs/adr/0017-pruned-not-deleted.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from sqlalchemy import Engine

from lib import dates, log, notify, removal
from lib.config import Settings
from lib.domain.pipelines import PIPELINES
from lib.errors import ExitCode
from lib.model import Pipeline
from lib.pipelines.prune import claims, queries
from lib.pipelines.prune.files import RemovalLog
from lib.removal import Expired, FileKind
from lib.run.lock import LockHeld, locked
from lib.run.record import most_serious

#: Files for which a pipeline's lock is held: a run that starts at that moment waits for its next
#: attempt.
AT_ONCE = 200
#: Files that are decided about, oldest year first: years of a large chain would take more memory
#: than a job has.
A_NIGHT = 100_000


@dataclass(frozen=True, kw_only=True)
class OldReports(FileKind):
    """REPORTS_ROOT and the rows of `documents` about it."""

    engine: Engine
    settings: Settings

    def run(self, now: datetime, *, dry_run: bool) -> ExitCode:
        """Remove what is old, or only say so.

        Return TEMPORARY if a run at work or an error keeps some of it for the next time.
        """
        expired, unrecognised = self.scan(now)
        removed = RemovalLog(self, dry_run=dry_run, unrecognised=unrecognised)

        more = len(expired) - A_NIGHT
        if more > 0:
            log.info(f"{self.name}: {more} more are looked at the next time")

        by_name: dict[str, list[Expired]] = defaultdict(list)

        for one in expired[:A_NIGHT]:
            by_name[one.seen.finished_name].append(one)

        # Also of files that are gone already.
        with self.engine.connect() as connection:
            for name in queries.claimed_names(connection, now - timedelta(days=self.days), A_NIGHT):
                by_name[name] += []

        codes = []

        for pipeline in Pipeline:
            step = partial(self._prune, pipeline, by_name, now, removed)
            codes.append(self._unless_held(step))

        if not dry_run:
            codes.append(self._unless_held(self._remove_empty_years))

        return most_serious([*codes, removed.end()])

    def _unless_held(self, step: Callable[[], None]) -> ExitCode:
        try:
            step()
        except LockHeld as error:
            log.warning(f"{self.name}: some are left for the next time: {error}")
            return error.exit_code

        return ExitCode.OK

    def _prune(
        self,
        pipeline: Pipeline,
        by_name: Mapping[str, Sequence[Expired]],
        now: datetime,
        removed: RemovalLog,
    ) -> None:
        """Decide about the reports of one pipeline, mark their rows, remove their files."""
        names = sorted(filter(PIPELINES[pipeline].is_file_name, by_name))

        for start in range(0, len(names), AT_ONCE):
            part = {}

            for name in names[start : start + AT_ONCE]:
                part[name] = by_name[name]

            with nullcontext() if removed.dry_run else locked(self.engine, pipeline):
                decision = self._decide(pipeline, part, now, dry_run=removed.dry_run)
                removed.retained += decision.retained
                removed.attempt(decision.expired, removal.remove_if_unchanged)

    def _decide(
        self,
        pipeline: Pipeline,
        by_name: Mapping[str, Sequence[Expired]],
        now: datetime,
        *,
        dry_run: bool,
    ) -> claims.ReportDecision:
        """Return what becomes of the files, after the rows of those that go say so."""
        today = dates.today(self.settings.zone, now)
        oldest = today - timedelta(days=self.settings.catch_up.max_age_days)
        old = list(chain.from_iterable(by_name.values()))

        with self.engine.begin() as connection:
            # No mail becomes owed between the look at the outbox and the mark.
            notify.lock_planning(connection, pipeline)

            claimed = queries.claims(connection, self.root, by_name, oldest)
            decision = claims.decide(old, claimed, now, self.days)

            if not dry_run:
                why = f"removed by jobs.prune on {today} ({self.setting}={self.days})"
                queries.mark_pruned(connection, [claim.id for claim in decision.marked], why)

        return decision

    def _remove_empty_years(self) -> None:
        if not self.folders or not removal.empty_folders(self.root, self.folders):
            return

        with ExitStack() as stack:
            for pipeline in Pipeline:
                stack.enter_context(locked(self.engine, pipeline))

            for name in removal.empty_folders(self.root, self.folders):
                (self.root / name).rmdir()
