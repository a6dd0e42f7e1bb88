"""Removal of the scratch schemas that a killed jobs.replay_run left: they hold customers' rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from lib import log
from lib.db import scratch
from lib.errors import ExitCode


@dataclass(frozen=True, kw_only=True)
class UnusedSchemas:
    """The scratch schemas of processes that are gone, however young."""

    #: For people.
    name: str
    engine: Engine

    def run(self, _now: datetime, *, dry_run: bool) -> ExitCode:
        """Drop them, or only say how many there are."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if dry_run:
                removed = len(list(scratch.unused(connection)))
            else:
                removed = scratch.remove_unused(connection)

        if removed:
            verb = "would go" if dry_run else "removed"
            log.ok(f"{self.name}: {removed} {verb}", counts={"schemas": removed})

        return ExitCode.OK
