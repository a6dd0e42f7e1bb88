"""What a whole tree of processes costs.

Its time, whoever died meanwhile included, and its memory.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
KIBI = 1024
LOOK_EVERY_S = 0.1


def adopt_orphans() -> None:
    """Let what a dead browser leaves behind become our children, so that its time is counted with theirs."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans() -> None:
    """Collect the children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def cpu_s() -> float:
    """Return the CPU seconds of this process, of its descendants, and of those of them that have ended."""
    own = os.times()
    return (
        own.user
        + own.system
        + own.children_user
        + own.children_system
        + sum(map(used_s, descendants()))
    )


def descendants() -> list[int]:
    """Return the processes below this one, the browser's own children included."""
    parents = {}
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents.setdefault(int(_stat(int(directory.name))[1]), []).append(int(directory.name))
    found, look_below = [], [os.getpid()]
    while look_below:
        below = parents.get(look_below.pop(), [])
        found += below
        look_below += below
    return found


def resident(pid: int) -> int:
    """Return the bytes that a process holds, what it shares included; 0 when it has ended."""
    return _line(Path(f"/proc/{pid}/status"), "VmRSS:")


@contextmanager
def most_held() -> Iterator[Callable[[], int]]:
    """Yield what tells afterwards how many bytes the tree held at most, what is shared counted once."""
    seen, done = [0], threading.Event()

    def inspect_state() -> None:
        while not done.wait(LOOK_EVERY_S):
            tree = [os.getpid(), *descendants()]
            seen.append(sum(_line(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in tree))

    watch = threading.Thread(target=inspect_state)
    watch.start()
    try:
        yield lambda: max(seen)
    finally:
        time.sleep(LOOK_EVERY_S)
        done.set()
        watch.join()


def children_s() -> float:
    """Return the CPU seconds of the children that have ended, and of those that they waited for."""
    own = os.times()
    return own.children_user + own.children_system


def name(pid: int) -> str:
    """Return the name of a process's program; empty once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def used_s(pid: int) -> float:
    """Return the CPU seconds of a process and of the children that it has waited for.

    0 once it has ended.
    """
    with suppress(OSError):
        return sum(map(int, _stat(pid)[11:15])) / TICKS
    return 0.0


def _line(file: Path, name: str) -> int:
    with suppress(OSError):
        found = [line.split()[1] for line in file.read_text().splitlines() if line.startswith(name)]
        return int(found[0]) * KIBI if found else 0
    return 0
