"""Which processes stem from one of ours, and their certain end.

Linux: reads /proc, needs no package.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PAUSE_S = 0.02


class Process(NamedTuple):
    """One process; `started` (clock ticks since boot) tells it from a later one with the same number."""

    pid: int
    started: str


def children(pid: int) -> set[Process]:
    """Return the direct children of `pid`, without those that have ended."""
    return {process for process, parent in _table().items() if parent == pid}


def tree(root: Process) -> set[Process]:
    """Return `root` and everything that stems from it and lives."""
    parents = _table()

    found = {root} & parents.keys()
    while (
        more := {
            process for process, parent in parents.items() if parent in {one.pid for one in found}
        }
        - found
    ):
        found |= more

    return found


def command(process: Process) -> str:
    """Return its command line; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process.pid}/cmdline").read_text(errors="replace").replace("\0", " ")

    return ""


def end(processes: Collection[Process], *, grace_s: float) -> None:
    """Wait `grace_s` for the processes to end by themselves, then kill those that did not, and see them gone."""
    deadline = time.monotonic() + grace_s
    while (living := set(processes) & _table().keys()) and time.monotonic() < deadline:
        time.sleep(PAUSE_S)

    kill(living)

    deadline = time.monotonic() + grace_s
    while living & _table().keys() and time.monotonic() < deadline:
        time.sleep(PAUSE_S)


def kill(processes: Collection[Process]) -> None:
    """Send SIGKILL to those that still live."""
    for process in set(processes) & _table().keys():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)


def _table() -> dict[Process, int]:
    """Return every living process with the number of its parent; those waiting to be reaped are not living."""
    rows = (_stat(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {
        Process(pid, started): parent
        for pid, state, parent, started in filter(None, rows)
        if state not in "ZX"
    }


def _stat(entry: Path) -> tuple[int, str, int, str] | None:
    try:
        text = (entry / "stat").read_text(errors="replace")
    except OSError:
        return None

    fields = text.rpartition(")")[2].split()
    return int(entry.name), fields[0], int(fields[1]), fields[19]
