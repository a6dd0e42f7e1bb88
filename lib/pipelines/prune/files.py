"""Files that no row knows: customer data on disk, unknown pages, storage states."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from lib import removal
from lib.config import Settings
from lib.errors import ExitCode
from lib.ingest import retention as ingest_retention
from lib.model import Pipeline
from lib.pipelines.prune.chore import Tally, rehearsed
from lib.portal import retention as portal_retention
from lib.removal import Plan, Seen
from lib.run.lock import locked


@dataclass(frozen=True)
class Files:
    """One directory."""

    name: str
    root: Path
    decide: Callable[[list[Seen]], Plan]
    #: Keeps the writers of these files away.
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    take_away: Callable[[Path, Seen], bool] = removal.take_away

    def rehearse(self) -> ExitCode:
        return rehearsed(self.name, self.root, self._plan())

    def do(self) -> ExitCode:
        plan, tally = self._plan(), Tally(self.name, self.root, "removed")
        if plan.expired:
            with self.guard():
                for gone in plan.expired:
                    tally.take(gone, partial(self.take_away, self.root, gone.seen))

        return tally.tell(plan)

    def _plan(self) -> Plan:
        return self.decide(removal.look(self.root))


def customer_files(engine: Engine, settings: Settings, now: datetime) -> Files:
    """Return the chore of exports and merged files; only the daily run writes them, so its lock is held."""
    return Files(
        "customer files",
        settings.volumes.data_dir.absolute(),
        partial(ingest_retention.plan, now=now, days=settings.retention.data_days),
        guard=partial(locked, engine, Pipeline.DAILY),
    )


def artefacts(settings: Settings, now: datetime) -> Files:
    """Return the chore of unknown pages, each of which is written once and never again."""
    directory = settings.portal.artefacts_dir or settings.volumes.logs_dir / "portal"
    decide = partial(
        portal_retention.plan_artefacts, now=now, days=settings.retention.artefact_days
    )

    return Files("unknown pages", directory.absolute(), decide)


def storage_states(settings: Settings, now: datetime) -> Files:
    """Return the chore of storage states; each is removed under its own lease."""
    state = settings.portal.storage_state
    return Files(
        "storage states",
        state.parent.absolute(),
        partial(
            portal_retention.plan_states,
            configured=state.name,
            now=now,
            days=settings.retention.storage_state_days,
        ),
        take_away=portal_retention.remove_state,
    )
