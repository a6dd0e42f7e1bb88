"""What a process and all that it starts hold while it runs.

Memory, processes, sessions at the database.
"""

from __future__ import annotations

import resource
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, text

from tests.proofs.load.stage import WATCHER

PAUSE_S = 0.25
ENDING_S = 60.0
"""The server ends a session a moment after its client has closed it."""
SESSIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    " AND application_name LIKE 'simplify%'"
)
"""Every job's sessions are named so (lib.db.engine), and so are the server's own parallel workers for them."""


class Watch:
    """The most that was seen inside the block, looking every PAUSE_S.

    `pid` is the root of the tree.
    """

    def __init__(self, pid: int, engine: Engine) -> None:
        self.tree_mib = 0.0
        """Resident memory of all processes. What they share is counted once for each of them."""
        self.root_mib = 0.0
        self.processes = 0
        self.sessions = 0
        self._pid = pid
        self._engine = engine
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=WATCHER)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.is_set():
            tree = processes_of(self._pid)
            self.tree_mib = max(self.tree_mib, sum(map(resident_mib, tree)))
            self.root_mib = max(self.root_mib, resident_mib(self._pid))
            self.processes = max(self.processes, len(tree))
            self.sessions = max(self.sessions, sessions(self._engine))
            self._done.wait(PAUSE_S)


def sessions(engine: Engine) -> int:
    """Return how many sessions the jobs have at the engine's database."""
    with engine.connect() as connection:
        return connection.execute(SESSIONS).scalar_one()


def sessions_left(engine: Engine) -> int:
    """Return how many sessions of the jobs outlive their clients by more than ENDING_S."""
    until = time.monotonic() + ENDING_S
    while (left := sessions(engine)) and time.monotonic() < until:
        time.sleep(0.01)
    return left


def processes_of(root: int) -> list[int]:
    """Return `root` and all that descend from it, as long as they live.

    A process that lost its parent is not found.
    """
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = (
                stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            )
            children[int(parent)].append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def resident_mib(pid: int) -> float:
    """Return what the process holds in memory; nothing once it has ended."""
    with suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 2**20
    return 0.0


def left_behind(temporary: Path) -> list[int]:
    """Return the processes that were started with `temporary` as their TMPDIR and still live, whoever owns them now."""
    mark = f"TMPDIR={temporary}".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
    return found
