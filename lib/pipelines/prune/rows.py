"""Emptying of rows whose content is old; the rows themselves stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from lib import log
from lib.db.old_content import ContentRule, OldContent
from lib.errors import ExitCode
from lib.removal import age_days

#: Rows a transaction: a job that wants one of them waits for a moment only.
AT_ONCE = 1000


@dataclass(frozen=True)
class OldRows:
    """A table whose old content is emptied by a rule."""

    name: str
    setting: str
    days: int
    rule: ContentRule
    engine: Engine
    now: datetime
    #: What is said of the rows that the rule notes.
    remark: str = ""

    def run(self, *, dry_run: bool) -> ExitCode:
        """Empty what is old, or only say so."""
        before = self.now - timedelta(days=self.days)

        with self.engine.connect() as connection:
            old = self.rule.measure(connection, before)

        if dry_run:
            self._log(old, old.rows, "would be emptied")
            return ExitCode.OK

        # Rows that another transaction holds are left out, so they are counted as they go.
        rows = 0

        while done := self._empty_some(before):
            rows += done

        self._log(
            old
            if rows
            else OldContent(
                0,
                0,
                0,
                None,
            ),
            rows,
            "emptied",
        )
        return ExitCode.OK

    def _empty_some(self, before: datetime) -> int:
        with self.engine.begin() as connection:
            return self.rule.empty(connection, before, AT_ONCE)

    def _log(self, old: OldContent, rows: int, verb: str) -> None:
        parts = [f"{rows} {verb}", f"{old.size_bytes} bytes"]

        if old.oldest_at:
            parts.append(f"the oldest {age_days(old.oldest_at, self.now)} days old")

        if old.noted and self.remark:
            parts.append(f"{old.noted} of them {self.remark}")

        log.ok(
            f"{self.name}: {', '.join(parts)} ({self.setting})",
            counts={"rows": rows, "bytes": old.size_bytes},
        )
