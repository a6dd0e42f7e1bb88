"""Where a fault can strike.

The external operations of a run, told apart so that one of them can be named again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Door(StrEnum):
    """What a run uses that is not its own memory."""

    FILE = "file"
    SQL = "sql"
    SMTP = "smtp"
    PORTAL = "portal"
    BROWSER = "browser"
    IMAP = "imap"
    PROCESS = "process"
    """The one that reads a PDF which came back."""


class Fault(StrEnum):
    """What happens when the run comes to the point."""

    ERROR = "error"
    """The operation fails, once.

    EIO, a deadlock's victim, a dropped link, a browser that does not start.
    """
    SIGKILL = "sigkill"
    """The process is gone; of a write, half of the bytes are there."""
    SIGTERM = "sigterm"
    """The process is asked to stop."""
    RESTART = "restart"
    """Every session at the database ends and the next attempts to connect are refused."""
    CRASH = "crash"
    """One of our server processes is killed, at which PostgreSQL restarts itself.

    A second of recovery, then it is back.
    """
    DISK_FULL = "disk full"
    """From here to the end of the run our volumes, or the server's, take no byte more.

    Of a write, half fits.
    """
    LOST_ANSWER = "lost answer"
    """The other side does what was asked, and the link breaks before it can say so."""
    CLOCK_FORWARD = "clock forward"
    """The clock jumps a day and an hour ahead: over midnight, over every back-off."""
    CLOCK_BACK = "clock back"
    """The clock jumps two days back: before the run began."""


class Point(NamedTuple):
    """One operation of a run.

    The `nth` one with this label, so its name does not depend on the order of threads.
    """

    door: Door
    label: str
    nth: int

    def __str__(self) -> str:
        return f"{self.door}: {self.label}" + (f" ({self.nth})" if self.nth > 1 else "")


OF_DEADLINE = "deadline: "
"""Begins the labels of what is done by the thread that watches a deadline."""
WRITES_FILE = ("open", "write", "fsync", "rename", "mkdir")
WRITES_SQL = ("INSERT", "UPDATE", "COPY", "CREATE", "WITH", "ALTER")


def can_strike(fault: Fault, point: Point) -> bool:
    """Tell whether the fault means something at the point."""
    if fault is Fault.LOST_ANSWER:
        return point.door is Door.PORTAL or (
            point.door is Door.SQL and point.label.removeprefix(OF_DEADLINE) == "COMMIT"
        )
    if fault is Fault.DISK_FULL:
        verbs = {Door.FILE: WRITES_FILE, Door.SQL: WRITES_SQL}.get(point.door, ())
        return point.label.removeprefix(OF_DEADLINE).startswith(verbs)
    return True


@dataclass(frozen=True)
class Arm:
    """The one fault of a run."""

    fault: Fault
    point: Point


class Trap:
    """Counts the operations of a run and springs once, at the point it is armed for.

    Without an arm it only counts.
    """

    def __init__(self, arm: Arm | None, on_spring: Callable[[Arm], object]) -> None:
        self.trace: list[Point] = []
        self.sprung: Fault | None = None
        """The fault, from the moment at which it struck."""
        self._arm = arm
        self._on_spring = on_spring
        self._seen: Counter[tuple[Door, str]] = Counter()
        self._lock = threading.Lock()

    def reach(self, door: Door, label: str) -> Fault | None:
        """Note the operation that is about to happen; return the fault that strikes it, once."""
        if threading.current_thread().name == "deadline":
            label = OF_DEADLINE + label

        with self._lock:
            self._seen[door, label] += 1
            point = Point(door, label, self._seen[door, label])
            self.trace.append(point)
            if self._arm is None or self.sprung or point != self._arm.point:
                return None
            self.sprung = self._arm.fault
        self._on_spring(self._arm)
        return self.sprung

    @property
    def is_disk_full(self) -> bool:
        return self.sprung is Fault.DISK_FULL and self._arm is not None


def numbered(trace: Iterable[Point]) -> list[Point]:
    """Return the points of an undisturbed run in an order that does not depend on threads.

    Its N is its number.
    """
    return sorted(set(trace))
