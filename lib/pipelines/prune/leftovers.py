"""Removal of what replays, drills and dry runs leave if they are killed: customers' data.

Their next start removes it, too; that may be months away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from lib import log, scratch_directory
from lib.db import scratch
from lib.drill import leftovers, scratch_database
from lib.errors import ExitCode
from lib.scratch_directory import Purpose


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """Something of processes that are gone, however young; a lock says that they are."""

    #: For people.
    name: str
    #: Removes it, unless it is a dry run, and returns how many there were.
    remove: Callable[[bool], int]

    def run(self, _now: datetime, *, dry_run: bool) -> ExitCode:
        """Remove it, or only say how many there are."""
        removed = self.remove(dry_run)

        if removed:
            verb = "would go" if dry_run else "removed"
            log.ok(f"{self.name}: {removed} {verb}", counts={"removed": removed})

        return ExitCode.OK


def kinds(engine: Engine) -> list[Leftovers]:
    """Return what may have been left, beside the engine's database and in TMPDIR."""
    return [
        Leftovers(name="scratch schemas", remove=partial(_schemas, engine)),
        Leftovers(name="scratch databases", remove=partial(_databases, engine)),
        Leftovers(name="scratch directories", remove=_directories),
    ]


def _schemas(engine: Engine, dry_run: bool) -> int:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if dry_run:
            return len(list(scratch.unused(connection)))

        return scratch.remove_unused(connection)


def _databases(engine: Engine, dry_run: bool) -> int:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return scratch_database.drop_left(connection, dry_run=dry_run)


def _directories(dry_run: bool) -> int:
    found = 0

    for purpose in Purpose:
        if dry_run:
            found += len(list(scratch_directory.unused(purpose)))
        else:
            found += scratch_directory.remove_unused(purpose, release=leftovers.release)

    return found
