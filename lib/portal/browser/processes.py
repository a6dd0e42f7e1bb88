"""Which processes descend from one of ours, and their certain end.

Linux: reads /proc.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

POLL_S = 0.02


class Process(NamedTuple):
    """One process; `started` (clock ticks since boot) tells it from a later one of its number."""

    pid: int
    started: str


def children(pid: int) -> set[Process]:
    """Return the direct children of `pid`, without those that have ended."""
    return {process for process, parent in _parents().items() if parent == pid}


def tree(root: Process) -> set[Process]:
    """Return `root` and its descendants, without those that have ended."""
    parents = _parents()
    found = {root} & parents.keys()

    while True:
        pids = {process.pid for process in found}
        more = {process for process, parent in parents.items() if parent in pids} - found

        if not more:
            return found

        found |= more


def command(process: Process) -> str:
    """Return its command line; empty when it is gone."""
    with suppress(OSError):
        return (
            Path(f"/proc/{process.pid}/cmdline")
            .read_text(errors="replace")
            .replace(
                "\0",
                " ",
            )
        )

    return ""


def end(processes: Collection[Process], *, grace_s: float) -> None:
    """Wait `grace_s` for the processes to end, kill the others, and wait `grace_s` again."""
    _wait(processes, grace_s)
    kill(processes)
    _wait(processes, grace_s)


def kill(processes: Collection[Process]) -> None:
    """Send SIGKILL to those that have not ended."""
    for process in set(processes) & _parents().keys():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)


def _wait(processes: Collection[Process], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s

    while set(processes) & _parents().keys() and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _parents() -> dict[Process, int]:
    """Return every process with its parent's number; not those that only wait to be reaped."""
    parents = {}

    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue

        try:
            text = (entry / "stat").read_text(errors="replace")
        except OSError:
            # It has ended since the directory was listed.
            continue

        # After the command's name, which may hold anything: state, parent, …, start time.
        fields = text.rpartition(")")[2].split()

        if fields[0] not in "ZX":
            parents[Process(int(entry.name), fields[19])] = int(fields[1])

    return parents
