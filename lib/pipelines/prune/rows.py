"""Content of rows that outlives its use: rejected rows and the text of mails.

The rows themselves stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from lib import log, notify
from lib.config import Settings
from lib.errors import ExitCode
from lib.ingest import retention as ingest_retention
from lib.removal import age_days

#: Rows a transaction: a job that wants one of them waits for a moment only.
AT_ONCE = 1000


@dataclass(frozen=True)
class Kept:
    """What is still stored and older than allowed."""

    rows: int
    size_bytes: int
    oldest_at: datetime | None
    remark: str = ""


@dataclass(frozen=True)
class Rows:
    """One kind of content in one table."""

    name: str
    why: str
    engine: Engine
    now: datetime
    days: int
    count: Callable[[Connection, datetime], Kept]
    forget: Callable[[Connection, datetime, int], int]

    @property
    def before(self) -> datetime:
        return self.now - timedelta(days=self.days)

    def rehearse(self) -> ExitCode:
        self._tell(self._kept(), "would be emptied")
        return ExitCode.OK

    def do(self) -> ExitCode:
        kept = self._kept()
        emptied = 0

        while done := self._forget():
            emptied += done

        self._tell(replace(kept, rows=emptied) if emptied else Kept(0, 0, None), "emptied")
        return ExitCode.OK

    def _kept(self) -> Kept:
        with self.engine.connect() as connection:
            return self.count(connection, self.before)

    def _forget(self) -> int:
        with self.engine.begin() as connection:
            return self.forget(connection, self.before, AT_ONCE)

    def _tell(self, kept: Kept, verb: str) -> None:
        oldest = (
            f", the oldest {age_days(kept.oldest_at, self.now)} days old" if kept.oldest_at else ""
        )
        log.ok(
            f"{self.name}: {kept.rows} {verb}, {kept.size_bytes} bytes{oldest}{kept.remark} ({self.why})",
            counts={"rows": kept.rows, "bytes": kept.size_bytes},
        )


def rejected_rows(engine: Engine, settings: Settings, now: datetime) -> Rows:
    """Return the chore of what `ingest_rejects` keeps of rows that were refused."""

    def count(connection: Connection, before: datetime) -> Kept:
        found = ingest_retention.kept_rows(connection, before)
        remark = (
            f", {found.waiting} of them never tried again by jobs.replay" if found.waiting else ""
        )

        return Kept(found.rows, found.size_bytes, found.oldest_at, remark)

    return Rows(
        "rejected rows",
        "REJECT_RETENTION_DAYS",
        engine,
        now,
        settings.retention.reject_days,
        count,
        ingest_retention.forget_rows,
    )


def mails(engine: Engine, settings: Settings, now: datetime) -> Rows:
    """Return the chore of what `notification_messages` keeps of settled mails."""

    def count(connection: Connection, before: datetime) -> Kept:
        found = notify.kept_mails(connection, before)
        return Kept(found.mails, found.size_bytes, found.oldest_at)

    return Rows(
        "texts of mails",
        "MAIL_RETENTION_DAYS",
        engine,
        now,
        settings.retention.mail_days,
        count,
        notify.forget_mails,
    )
