"""Which processes descend from one of ours, and their certain end."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress

import psutil

Process = psutil.Process

POLL_S = 0.02


def children() -> set[Process]:
    """Return our direct children, without those that have ended."""
    return set(filter(_is_alive, psutil.Process().children()))


def tree(root: Process) -> set[Process]:
    """Return `root` and its descendants, without those that have ended."""
    with suppress(psutil.Error):
        return set(filter(_is_alive, [root, *root.children(recursive=True)]))

    return set()


def command(process: Process) -> str:
    """Return its command line; empty when it is gone."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())

    return ""


def end(processes: Collection[Process], *, grace_s: float) -> None:
    """Wait `grace_s` for the processes to end, kill the others, and wait `grace_s` again."""
    _wait(processes, grace_s)
    kill(processes)
    _wait(processes, grace_s)


def kill(processes: Collection[Process]) -> None:
    """Send SIGKILL to those that have not ended, never to a later process of the same number."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


def _wait(processes: Collection[Process], timeout_s: float) -> None:
    # Not `psutil.wait_procs`: it would reap the driver, which Playwright waits for itself.
    deadline = time.monotonic() + timeout_s

    while any(map(_is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _is_alive(process: Process) -> bool:
    """Return False for a process that is gone or only waits to be reaped."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE

    return False
