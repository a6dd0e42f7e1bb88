"""What a person at a terminal sees instead of JSON lines: short lines, and a bar for what takes long."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loguru import Message, Record
    from rich.progress import Progress

_MARKS = {"ok": "✔", "info": "·", "warning": "!", "error": "✘"}
#: The streams of the descriptors 0, 1 and 2.
_STANDARD = {"stdin": "r", "stdout": "w", "stderr": "w"}
_shown: list[Progress] = []


def line(record: Record) -> str:
    """Return loguru's template for one event: time, mark, phase, store, message and error."""
    event = record["extra"]["event"]
    parts = [
        f"{record['time']:HH:mm:ss}",
        _MARKS.get(event["status"], "·"),
        f"{event['phase']:<11}",
        *(str(event[name]) for name in ("store_code", "bucket") if name in event),
        event["message"],
    ]

    if "error" in event and event["error"] not in event["message"]:
        parts.append(f"— {event['error']}")

    record["extra"]["line"] = " ".join(parts)
    return "{extra[line]}\n"


def prepare() -> None:
    """Make the standard streams take any text: what was closed leads nowhere, what has no encoding is escaped.

    A closed descriptor would else be given to the next file or connection, which then gets the log.
    """
    while (nowhere := os.open(os.devnull, os.O_RDWR)) < len(_STANDARD):
        os.set_inheritable(nowhere, True)

    os.close(nowhere)

    for name, mode in _STANDARD.items():
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as the process

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(message: str) -> None:
    """Write to stdout, above a bar that is being shown; say nothing any more once nobody reads it."""
    if _shown:
        _shown[-1].console.print(
            message.rstrip("\n"), markup=False, highlight=False, soft_wrap=True
        )
        return

    try:
        sys.stdout.write(message)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Write a line that the job was asked for, as `write` does."""
    write(f"{text}\n")


def write_aside(message: Message) -> None:
    """Write to stderr."""
    sys.stderr.write(message)
    sys.stderr.flush()


def mute() -> None:
    """Send stdout and stderr of a worker process to nowhere: warnings, tracebacks and C libraries quote its work."""
    nowhere = os.open(os.devnull, os.O_WRONLY)

    for stream in (1, 2):
        os.dup2(nowhere, stream)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar of `total` steps on a terminal and nothing elsewhere; yields the function that makes a step."""
    if not sys.stdout.isatty():
        yield lambda: None
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(what, total=total)
        _shown.append(bar)

        try:
            yield lambda: bar.advance(task)
        finally:
            _shown.pop()
