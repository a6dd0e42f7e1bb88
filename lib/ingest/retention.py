"""Customer data that nothing else took away: files that an audit kept, rows that were rejected.

Source: lesson 103.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lib import files
from lib.domain.exports import EXPORTS
from lib.removal import Expired, Plan, Seen, expired, leftover

if TYPE_CHECKING:
    from sqlalchemy import Connection

BY_AGE = "DATA_RETENTION_DAYS"
_BUCKETS = "|".join(EXPORTS)
_PARTS = "|".join(export.file_part for export in EXPORTS.values())
MERGED = re.compile(rf"merged_(?:{_BUCKETS})_(\d{{8}})\.csv", re.ASCII)
EXPORT = re.compile(rf"[A-Z0-9]{{1,16}}-(?:{_PARTS})\.csv", re.ASCII)


def plan(seen: Iterable[Seen], now: datetime, days: int) -> Plan:
    """Decide about every name in DATA_DIR.

    A merged file is as old as the younger of its bytes and its name's day.
    """
    gone: list[Expired] = []
    foreign = []

    for one in seen:
        unfinished = files.finished(one.path)

        what = _kind((unfinished or one.path).name)
        if not one.is_file or what is None:
            foreign.append(one.path)
        elif unfinished:
            gone += leftover(one, what, now)
        elif (since := _since(one)) < now - timedelta(days=days):
            gone.append(expired(one, what, BY_AGE, now, since=since))

    return Plan(tuple(gone), foreign=tuple(foreign))


def _kind(name: str) -> str | None:
    if MERGED.fullmatch(name):
        return "merged file"

    return "export" if EXPORT.fullmatch(name) else None


def _since(one: Seen) -> datetime:
    named = MERGED.fullmatch(one.path.name)

    with suppress(ValueError):  # eight digits need not be a day
        return max(
            one.modified_at,
            datetime.strptime(named[1] if named else "", "%Y%m%d").replace(tzinfo=UTC),
        )

    return one.modified_at


@dataclass(frozen=True)
class KeptRows:
    """What is stored of rejected rows and older than allowed."""

    rows: int
    #: Of which nobody has tried again.
    waiting: int
    size_bytes: int
    oldest_at: datetime | None


OLD = "row_json IS NOT NULL AND created_at < %(before)s"
COUNT = f"""
    SELECT count(*) AS rows, count(*) FILTER (WHERE replayed_at IS NULL) AS waiting,
           coalesce(sum(pg_column_size(row_json)), 0) AS size_bytes, min(created_at) AS oldest_at
    FROM ingest_rejects WHERE {OLD}
"""  # noqa: S608 - a constant
FORGET = f"""
    UPDATE ingest_rejects SET row_json = NULL
    WHERE id IN (SELECT id FROM ingest_rejects WHERE {OLD} ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""  # noqa: S608 - a constant


def kept_rows(connection: Connection, before: datetime) -> KeptRows:
    """Count the rejected rows from before that instant whose content is still there."""
    found = connection.exec_driver_sql(COUNT, {"before": before}).one()
    return KeptRows(found.rows, found.waiting, int(found.size_bytes), found.oldest_at)


def forget_rows(connection: Connection, before: datetime, most: int) -> int:
    """Empty up to `most` of them, leaving out what somebody else is at; return how many.

    That a row was rejected, where and why, stays in the books.
    """
    return connection.exec_driver_sql(FORGET, {"before": before, "most": most}).rowcount
