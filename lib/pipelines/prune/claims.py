"""Which old reports are removed. Pure: old files and rows come in, a decision goes out.

A report is as old as the younger of its file and its row: one that was made again is young. A file
is removed only after its rows say so, and rows say so only of files that nothing needs any more
(docs/adr/0017-pruned-not-deleted.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from lib import files
from lib.removal import Expired, age_days

UNCLAIMED = "no row claims it"
MOVED = "its row names another place; was REPORTS_ROOT moved?"


@dataclass(frozen=True)
class Claim:
    """A row of `documents` that says that its file is there."""

    id: int
    name: str
    #: Below REPORTS_ROOT; None when it leads elsewhere.
    path: Path | None
    #: Something lies at that path.
    is_there: bool
    made_at: datetime
    #: Why the report is not to go yet; None if nothing needs it.
    needed: str | None = None


@dataclass(frozen=True)
class ReportDecision:
    """What becomes of old reports."""

    #: Are to say that their file is gone, before it goes; also of files that are gone already.
    marked: tuple[Claim, ...]
    expired: tuple[Expired, ...]
    #: Why old files stay, a reason each.
    retained: tuple[str, ...]


def decide(
    old: Iterable[Expired],
    claims: Collection[Claim],
    now: datetime,
    days: int,
) -> ReportDecision:
    """Return which of the `old` files go, and which of the `claims` to their names are marked."""
    limit = now - timedelta(days=days)
    unclaimed = {one.seen.path: one for one in old}
    by_path = defaultdict(list)

    for claim in claims:
        if claim.path:
            by_path[claim.path].append(claim)

    marked: list[Claim] = []
    expired: list[Expired] = []
    retained: list[str] = []

    for path, claiming in by_path.items():
        file = unclaimed.pop(path, None)
        made_at = max(claim.made_at for claim in claiming)
        # A row whose file somebody else removed is marked, too.
        is_due = file or not any(claim.is_there for claim in claiming)

        if not is_due or made_at >= limit:
            continue

        if reasons := [claim.needed for claim in claiming if claim.needed]:
            retained.append(reasons[0])
            continue

        marked += claiming
        if file:
            expired.append(replace(file, age_days=min(file.age_days, age_days(made_at, now))))

    claimed_names = {claim.name for claim in claims}

    for path, file in unclaimed.items():
        if files.finished(path):
            expired.append(file)
        elif path.name in claimed_names:
            retained.append(MOVED)
        else:
            expired.append(replace(file, reason=UNCLAIMED))

    return ReportDecision(tuple(marked), tuple(expired), tuple(retained))
