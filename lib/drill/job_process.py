"""A job as the scheduler starts it: a process of its own, whose log lines are read as they come."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lib.drill.model import Event

#: As TimeoutStartSec= of deploy/systemd/simplify@.service.
LONGEST_RUN_S = 3 * 3600
#: For what a killed job has started to notice and to end: it may be drawing a page.
CHILDREN_GONE_S = 60.0
#: Set for a job and inherited by all that it starts, in whichever session.
MARK = "SIMPLIFY_DRILL_START"
#: Beside it, the directory of the drill that started the job.
OWNER = "SIMPLIFY_DRILL"


@dataclass
class JobEnding:
    """How one start of a job ended."""

    job: str
    #: Minus the signal that ended it, if one did.
    code: int = 0
    events: list[Event] = field(default_factory=list)
    #: Lines on stdout or stderr that are no events, of which a healthy job has none.
    strays: int = 0
    #: Of `time.monotonic`.
    ended_s: float = 0.0
    #: A process that the job had started outlived it.
    left_process: bool = False

    @property
    def has_error(self) -> bool:
        """True if the job said what failed."""
        return any(event.get("level") == "error" for event in self.events)


def run(
    job: str,
    flags: tuple[str, ...],
    environment: Mapping[str, str],
    hear: Callable[[Event, subprocess.Popen[str]], None],
) -> JobEnding:
    """Run `python -m jobs.<job>` to its end; `hear` gets each log line when it comes.

    Whatever ends this call, the job and all that it started have ended then, too.
    """
    mark = secrets.token_hex(16)
    process = subprocess.Popen(
        [sys.executable, "-m", f"jobs.{job}", *flags],
        env={**environment, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Ctrl-C is for us alone.
        start_new_session=True,
    )
    ending = JobEnding(job)

    try:
        _read(process, ending, hear)
        ending.code = process.wait(LONGEST_RUN_S)
        ending.ended_s = time.monotonic()
        ending.left_process = not _are_gone(mark)
    finally:
        process.kill()
        process.wait()
        _kill(_with_variable(MARK, mark))

    return ending


def end_started_from(directory: Path) -> None:
    """End what a killed drill had started: it works on a directory that nobody owns any more."""
    _kill(started_from(directory))


def started_from(directory: Path) -> list[int]:
    """Return the processes that the drill with this directory has started and that are at work."""
    return _with_variable(OWNER, str(directory))


def _read(
    process: subprocess.Popen[str],
    ending: JobEnding,
    hear: Callable[[Event, subprocess.Popen[str]], None],
) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for

    with process.stdout as lines:
        for line in lines:
            event = _event(line)

            if event is None:
                ending.strays += 1
            else:
                ending.events.append(event)
                hear(event, process)


def _event(line: str) -> Event | None:
    """Return the line as an event; None if it is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return None

    return found if isinstance(found, dict) else None


def _are_gone(mark: str) -> bool:
    """Return True once no process with the mark is left, False if one stays."""
    deadline = time.monotonic() + CHILDREN_GONE_S

    while _with_variable(MARK, mark):
        if time.monotonic() > deadline:
            return False

        time.sleep(0.05)

    return True


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _with_variable(name: str, value: str) -> list[int]:
    """Return the processes of this machine that have the variable in their environment."""
    entry = f"{name}={value}".encode()
    found = []

    for path in Path("/proc").glob("[0-9]*/environ"):
        # One that has ended meanwhile, or that is somebody else's, is none of ours.
        with suppress(OSError):
            if entry in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))

    return found
