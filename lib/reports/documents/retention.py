"""Which old reports are removed. Pure: old files and rows come in, a plan goes out.

A report is as old as the younger of its file and its row: one that was made again is young. A file
is removed only after its rows say so, and rows say so only of files that nothing needs any more
(docs/adr/0017-pruned-not-deleted.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from lib import files
from lib.domain.pipelines import PIPELINES
from lib.model import Pipeline, Status
from lib.removal import Expired, RemovalPlan, age_days

#: The folders of REPORTS_ROOT that are ours (docs/reference/contract.md#pipelines-and-documents).
YEAR = re.compile(r"\d{4}", re.ASCII)
SETTING = "REPORT_RETENTION_DAYS"
UNCLAIMED = "no row claims it"
MOVED = "its row names another place; was REPORTS_ROOT moved?"

#: A pipeline and a report date.
Span = tuple[str, date]


@dataclass(frozen=True)
class Registered:
    """A row of `documents` that has a file path."""

    id: int
    name: str
    #: Below REPORTS_ROOT; None when it leads elsewhere.
    path: Path | None
    #: Something lies at that path.
    is_there: bool
    span: Span
    status: str
    made_at: datetime

    @property
    def claims(self) -> bool:
        """True if the row says that the file is there."""
        return self.status == Status.OK


@dataclass(frozen=True)
class ReportPlan:
    """What becomes of the files and of the rows that claim them."""

    files: RemovalPlan
    #: Those to mark before the file of that path goes; also of files that are gone already.
    rows: Mapping[Path, tuple[Registered, ...]]


def pipeline_of(path: Path) -> Pipeline | None:
    """Return whose report has that name, unfinished or not; None for a name that is not ours."""
    name = (files.finished(path) or path).name

    for facts in PIPELINES.values():
        if facts.is_file_name(name):
            return facts.pipeline

    return None


def kind_of_file(name: str) -> str | None:
    """Return what a file of that name below REPORTS_ROOT is; None for a name that is not ours."""
    return "report" if pipeline_of(Path(name)) else None


def plan(
    old: RemovalPlan,
    rows: Collection[Registered],
    needed: Mapping[Span, str],
    now: datetime,
    days: int,
) -> ReportPlan:
    """Return which of the `old` files go, and which rows are to say so.

    `rows` are those that are old or about one of the files; `needed` has the reason why the reports
    of a span are not to go yet.
    """
    limit = now - timedelta(days=days)
    old_paths = {one.seen.path for one in old.expired}
    known_paths = {row.path for row in rows}
    claimed_names = {row.name for row in rows if row.claims}

    claims = _by_path(row for row in rows if row.claims)

    expired: list[Expired] = []
    retained: list[tuple[Path, str]] = []
    marked: dict[Path, tuple[Registered, ...]] = {}

    for path, claiming in claims.items():
        # A row whose file somebody else removed is marked, too.
        is_due = path in old_paths or not any(row.is_there for row in claiming)

        if is_due and all(row.made_at < limit for row in claiming):
            reason = next(
                (needed[row.span] for row in claiming if row.span in needed),
                None,
            )
            if reason:
                retained.append((path, reason))
            else:
                marked[path] = tuple(claiming)

    for one in old.expired:
        path = one.seen.path

        if path in marked:
            since = max(one.seen.modified_at, *(row.made_at for row in marked[path]))
            expired.append(replace(one, age_days=age_days(since, now)))
        elif files.finished(path):
            expired.append(one)
        elif path not in known_paths and path.name in claimed_names:
            retained.append((path, MOVED))
        elif path not in claims:
            expired.append(replace(one, reason=UNCLAIMED))

    return ReportPlan(
        RemovalPlan(
            tuple(expired),
            tuple(retained),
            old.unrecognised,
        ),
        marked,
    )


def _by_path(rows: Iterable[Registered]) -> dict[Path, list[Registered]]:
    found: dict[Path, list[Registered]] = {}

    for row in rows:
        if row.path:
            found.setdefault(row.path, []).append(row)

    return found
