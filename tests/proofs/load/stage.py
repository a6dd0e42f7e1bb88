"""A chain of any size for runs that are watched.

Its portal in a process of its own, the rest real, nothing shared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from demo import recipients
from demo.mailbox import run_mailbox
from demo.portal.remote import RemotePortal, spawn_portal
from demo.portal.world import World
from lib.db.engine import connect
from tests.plugins.chain import environment_of

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Stage:
    """Where a job runs, and how to look at what it leaves."""

    portal: RemotePortal
    engine: Engine
    """Ours; its sessions are called WATCHER."""
    environment: dict[str, str]
    directory: Path

    @property
    def temporary(self) -> Path:
        """What the job takes for /tmp: nothing else writes there."""
        return self.directory / "tmp"

    @property
    def reports(self) -> Path:
        return self.directory / "reports"

    @property
    def mails(self) -> Path:
        return self.directory / "mails"

    def log_in_beforehand(self) -> None:
        """Leave a saved session that is good, so that no browser starts."""
        state = self.directory / "profiles" / "storage_state.json"
        state.parent.mkdir()
        state.touch(mode=0o600)
        state.write_text(json.dumps(self.portal.control.storage_state()))


WATCHER = "watcher"


@contextmanager
def staged(
    directory: Path, database_url: str, world: World, *, report_stores: int
) -> Iterator[Stage]:
    """Yield a chain on a migrated database.

    The first `report_stores` stores get reports, and each has a reader.
    """
    codes = world.codes[:report_stores]
    (directory / "tmp").mkdir()
    with spawn_portal(world) as portal, run_mailbox(directory / "mails") as mailbox:
        engine = connect(database_url, application_name=WATCHER)
        with engine.begin() as connection:
            recipients.add(connection, codes)
        environment = environment_of(portal.settings, mailbox, database_url, directory) | {
            "REPORT_STORES_LIST": ",".join(codes),
            "TMPDIR": str(directory / "tmp"),
            "RUN_ENV": "local",
        }
        try:
            yield Stage(portal, engine, environment, directory)
        finally:
            engine.dispose()


def files_in(directory: Path) -> list[str]:
    """Return every file below the directory, by its path in it."""
    return sorted(
        str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir()
    )


def size_mib(directory: Path) -> float:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 2**20
