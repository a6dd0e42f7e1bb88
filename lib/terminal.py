"""What a person at a terminal sees instead of JSON lines: one line for each phase.

While a phase lasts, its line has a bar and the time left. Units that end well are counted by the
bar; a store has a line of its own only for a warning or an error.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOBase, TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from loguru import Message, Record
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, TaskID

MARKS = {"ok": "✔", "info": "·", "warning": "!", "error": "✘"}
#: The longest name of a phase, `run_summary`.
PHASE_WIDTH = 11
#: Before every further line of a message: below its first word.
INDENT = " " * (PHASE_WIDTH + 3)
NOTE_WIDTH = 40
BAR_WIDTH = 28
#: The streams of the descriptors 0, 1 and 2.
_STANDARD = {"stdin": "r", "stdout": "w", "stderr": "w"}
#: What writing ends with once the pipe or the terminal is closed.
_CLOSED = frozenset({errno.EPIPE, errno.EIO})
_shown: list[tuple[Progress, TaskID]] = []


def line(record: Record) -> str:
    """Return loguru's template for one event, which is empty for what a bar counts."""
    event: Mapping[str, Any] = record["extra"]["event"]

    ending = record["extra"].get("ending")
    if ending:
        status, note = ending
        text = phase_line(
            event["phase"],
            status,
            note,
            event["duration_ms"],
        )
    elif _shown and event["status"] in {"ok", "info"}:
        text = ""
    elif event["phase"] == "run_summary" and event["status"] == "info":
        took = f"; {event['duration_ms'] / 1000:.0f} s" if "duration_ms" in event else ""
        text = folded(event["message"] + took, indent="")
    else:
        text = event_line(event)

    record["extra"]["line"] = text
    return "{extra[line]}\n" if text or not event["message"] else "{extra[line]}"


def event_line(event: Mapping[str, Any]) -> str:
    """Return an event in lines of the terminal's width.

    Order: mark, phase, store and bucket, message and error.
    """
    parts = [MARKS.get(event["status"], "·")]

    is_of_a_phase = event["phase"] != "preflight"
    if is_of_a_phase:
        parts.append(f"{event['phase']:<{PHASE_WIDTH}}")

    for name in ("store_code", "bucket"):
        if name in event:
            parts.append(str(event[name]))

    parts.append(event["message"])

    if "error" in event and event["error"] not in event["message"]:
        parts.append(f"— {event['error']}")

    return folded(" ".join(parts), indent=INDENT if is_of_a_phase else "  ")


def phase_line(
    phase: str,
    status: str,
    note: str,
    duration_ms: int,
) -> str:
    """Return the line that stays of a phase."""
    if phase == "run_summary":
        return ""

    took = f"{duration_ms / 1000:.1f} s"
    return f"{MARKS[status]} {phase:<{PHASE_WIDTH}} {note:<{NOTE_WIDTH}} {took:>8}"


def folded(text: str, *, indent: str) -> str:
    """Return the text in lines that fit the terminal, broken between words."""
    width = shutil.get_terminal_size().columns
    # A path or address stays in one piece, however long, for people copy it.
    return textwrap.fill(
        text,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )


def prepare() -> None:
    """Make the standard streams take any text.

    What was closed leads nowhere, what has no encoding is escaped. A closed descriptor would else
    be given to the next file or connection, which then gets the log.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)

    while nowhere < len(_STANDARD):
        os.set_inheritable(nowhere, True)
        nowhere = os.open(os.devnull, os.O_RDWR)

    os.close(nowhere)

    for name, mode in _STANDARD.items():
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode)  # noqa: SIM115 - as long as the process
            setattr(sys, name, stream)

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(message: str) -> None:
    """Write to stdout, above a bar that is being shown; do nothing once stdout is closed."""
    if not message:
        return

    if _shown:
        bar, _ = _shown[-1]
        bar.console.print(
            message.rstrip("\n"),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )

        return

    _put(message)


def say(text: str) -> None:
    """Write a line that the job was asked for, as `write` does."""
    write(f"{text}\n")


def say_lines(text: str) -> None:
    """Write lines for people; on a terminal each wide line is folded below its beginning."""
    if not sys.stdout.isatty():
        say(text)
        return

    for each in text.splitlines():
        indent = len(each) - len(each.lstrip()) + 2
        say(folded(each, indent=" " * indent))


def write_aside(message: Message) -> None:
    """Write to stderr."""
    sys.stderr.write(message)
    sys.stderr.flush()


def mute() -> None:
    """Send stdout and stderr of a worker process to nowhere.

    Warnings, tracebacks and C libraries quote the data of its work.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)

    for stream in (1, 2):
        os.dup2(nowhere, stream)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Show on a terminal that the phase is at work; `progress` inside says how far it is.

    Inside `progress` nothing is shown: that phase is at work, too, and its bar stays.
    """
    if _shown or not sys.stdout.isatty():
        yield
        return

    with _bar(name, None):
        yield


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar of `total` steps on a terminal and nothing elsewhere.

    Yield the function that makes a step. Inside `phase` the bar is the phase's.
    """
    if not sys.stdout.isatty():
        yield lambda: None
    elif _shown:
        bar, task = _shown[-1]
        bar.update(task, total=total, completed=0)
        yield lambda: bar.advance(task)
    else:
        with _bar(what, total) as (bar, task):
            yield lambda: bar.advance(task)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    """Show a bar for as long as the block; without a `total` it only moves."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn(f"  {{task.description:<{PHASE_WIDTH}}}"),
        BarColumn(bar_width=BAR_WIDTH),
        how_far(),
    )

    shown = Progress(
        *columns,
        console=console(),
        transient=True,
        # Rich would else take stdout's place, and what `_Screen` writes would come back to it.
        redirect_stdout=False,
        redirect_stderr=False,
    )

    with shown as bar:
        task = bar.add_task(what, total=total)
        _shown.append((bar, task))

        try:
            yield bar, task
        finally:
            _shown.pop()


def console() -> Console:
    """Return rich's view of this terminal."""
    from rich.console import Console

    return Console(
        file=cast("IO[str]", _Screen()),
        width=shutil.get_terminal_size().columns,
    )


def how_far() -> ProgressColumn:
    """Return the column behind a bar: `7/16  0:21 left`, `16/16  40 s`.

    It is empty while the number of steps is unknown.
    """
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class HowFar(ProgressColumn):
        def render(self, task: Task) -> Text:
            if task.total is None:
                return Text("")

            count = f"{task.completed:.0f}/{task.total:.0f}"

            if task.finished:
                return Text(f"{count}  {task.finished_time or 0:.0f} s")

            if task.time_remaining is None:
                return Text(count)

            minutes, seconds = divmod(round(task.time_remaining), 60)
            return Text(f"{count}  {minutes}:{seconds:02d} left")

    return HowFar()


class _Screen(TextIOBase):
    """Stdout for a bar, whose own thread must not fail when the terminal is closed."""

    def write(self, text: str) -> int:
        _put(text)
        return len(text)

    def isatty(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return sys.stdout.encoding


def _put(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _CLOSED:
            raise

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
