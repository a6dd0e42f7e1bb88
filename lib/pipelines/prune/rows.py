"""Emptying of rows whose content is old; the rows themselves stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from lib import log
from lib.errors import ExitCode
from lib.pipelines.prune import queries
from lib.removal import age_days

#: Rows a transaction: a job that wants one of them waits for a moment only.
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class OldRows:
    """A table whose old content is emptied. All texts of its columns are SQL of ours."""

    #: For people: `texts of mails`.
    name: str
    engine: Engine
    #: The setting that says how long content is kept.
    setting: str
    days: int
    table: str
    key: str
    #: The column with the instant of writing.
    written_at: str
    #: By column, what it becomes.
    emptied: Mapping[str, str]
    #: True for a row that is old and not yet empty; `%(before)s` is the instant to compare with.
    is_old: str
    #: True for an old row of which people are to know, and what is said of such rows.
    noted: tuple[str, str] = ("false", "")

    def run(self, now: datetime, *, dry_run: bool) -> ExitCode:
        """Empty what is old, or only say so."""
        before = now - timedelta(days=self.days)

        with self.engine.connect() as connection:
            old = queries.measure(connection, self, before)

        # Rows that another transaction holds are left out, so they are counted as they go.
        rows = old.rows if dry_run else self._empty(before)
        size = old.size_bytes if rows else 0
        parts = [f"{rows} {'would be emptied' if dry_run else 'emptied'}", f"{size} bytes"]

        if rows:
            parts.append(f"the oldest {age_days(old.oldest_at, now)} days old")

        if rows and old.noted:
            parts.append(f"{old.noted} of them {self.noted[1]}")

        log.ok(
            f"{self.name}: {', '.join(parts)} ({self.setting})",
            counts={"rows": rows, "bytes": size},
        )
        return ExitCode.OK

    def _empty(self, before: datetime) -> int:
        rows = 0

        while True:
            with self.engine.begin() as connection:
                done = queries.empty(connection, self, before, AT_ONCE)

            if not done:
                return rows

            rows += done
