"""Which reports have had their time.

Pure: what lies there and what the rows say come in, a plan goes out.

A report is as old as the younger of its file and its row: one that was made again is young. A file
goes only after its rows say so, and rows say so only of files that nobody needs any more
(docs/adr/0017).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

from lib import files
from lib.model import Pipeline, Status
from lib.removal import (
    LEFTOVER_DAYS,
    Expired,
    Plan,
    Seen,
    expired,
    is_before,
    leftover,
)

#: The folders of REPORTS_ROOT that are ours (docs/reference/contract.md#pipelines-and-documents).
YEAR = re.compile(r"\d{4}", re.ASCII)
_DAY = r"\d{4}-\d{2}-\d{2}"
NAMES = {
    Pipeline.DAILY: re.compile(rf"[A-Z0-9]{{1,16}}_{_DAY}\.pdf", re.ASCII),
    Pipeline.WEEKLY: re.compile(rf"[A-Z0-9]{{1,16}}_week_{_DAY}_to_{_DAY}\.pdf", re.ASCII),
    Pipeline.MONTHLY: re.compile(r"[A-Z0-9]{1,16}_month_\d{4}-\d{2}\.pdf", re.ASCII),
}
BY_AGE = "REPORT_RETENTION_DAYS"

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
        """Tell whether the row says that the file is there."""
        return self.status == Status.OK


@dataclass(frozen=True)
class ReportPlan:
    """What becomes of the files and of the rows that claim them."""

    files: Plan
    #: Those to mark before the file of that path goes; also of files that are gone already.
    rows: Mapping[Path, tuple[Registered, ...]]


def pipeline_of(path: Path) -> Pipeline | None:
    """Return whose report has that name, also while it is unfinished; None for a name that is not ours."""
    name = (files.finished(path) or path).name
    return next((pipeline for pipeline, pattern in NAMES.items() if pattern.fullmatch(name)), None)


def is_old(seen: Seen, now: datetime, days: int) -> bool:
    """Tell whether the name is worth a decision: old for what it is, or not of our making."""
    return _is_foreign(seen) or is_before(
        seen, now, LEFTOVER_DAYS if files.finished(seen.path) else days
    )


def plan(
    seen: Collection[Seen],
    rows: Iterable[Registered],
    needed: Mapping[Span, str],
    now: datetime,
    days: int,
) -> ReportPlan:
    """Decide about names that `is_old` picked and about rows that are old or name one of them.

    `needed` has the reason why the reports of a span are not to go yet.
    """
    decided = _Decided(needed, now, now - timedelta(days=days))
    by_name: dict[str, list[Registered]] = {}

    for row in rows:
        by_name.setdefault(row.name, []).append(row)

    for one in seen:
        decided.about(one, by_name.get(one.path.name, []))

    there = {one.path for one in seen}

    for path, claiming in _by_path(chain(*by_name.values())).items():
        if path not in there and not any(row.is_there for row in claiming):
            decided.may_go(path, claiming)

    return decided.plan()


class _Decided:
    def __init__(self, needed: Mapping[Span, str], now: datetime, limit: datetime) -> None:
        self._needed, self._now, self._limit = needed, now, limit
        self._expired: list[Expired] = []
        self._spared: list[tuple[Path, str]] = []
        self._foreign: list[Path] = []
        self._rows: dict[Path, tuple[Registered, ...]] = {}

    def plan(self) -> ReportPlan:
        return ReportPlan(
            Plan(tuple(self._expired), tuple(self._spared), tuple(self._foreign)), self._rows
        )

    def about(self, one: Seen, named: list[Registered]) -> None:
        if _is_foreign(one):
            self._foreign.append(one.path)
        elif files.finished(one.path):
            self._expired += leftover(one, "report", self._now)
        else:
            self._about_report(one, named)

    def _about_report(self, one: Seen, named: list[Registered]) -> None:
        mine = [row for row in named if row.path == one.path]
        claiming = [row for row in mine if row.claims]

        if not mine and any(row.claims for row in named):
            self._spared.append((one.path, "its row names another place; was REPORTS_ROOT moved?"))
        elif not claiming:
            self._expired.append(expired(one, "report", "no row claims it", self._now))
        elif self.may_go(one.path, claiming):
            since = max(one.modified_at, *(row.made_at for row in claiming))
            self._expired.append(expired(one, "report", BY_AGE, self._now, since=since))

    def may_go(self, path: Path, rows: Iterable[Registered]) -> bool:
        """Tell whether the rows that claim the path are old and about nothing that is needed; they are marked then."""
        claiming = tuple(row for row in rows if row.claims)
        if not claiming or any(row.made_at >= self._limit for row in claiming):
            return False

        if reason := next(
            (self._needed[row.span] for row in claiming if row.span in self._needed), None
        ):
            self._spared.append((path, reason))
            return False

        self._rows[path] = claiming
        return True


def _is_foreign(seen: Seen) -> bool:
    return not seen.is_file or pipeline_of(seen.path) is None


def _by_path(rows: Iterable[Registered]) -> dict[Path, list[Registered]]:
    found: dict[Path, list[Registered]] = {}

    for row in rows:
        if row.path:
            found.setdefault(row.path, []).append(row)

    return found
