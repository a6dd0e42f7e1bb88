"""The demo on a terminal: a line a phase, with a bar and the time left; else log lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from lib import terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from demo.jobs import Event


class Row(StrEnum):
    """One line, in the order in which they stand."""

    START = "database"
    PAST = "past"
    LOGIN = "login"
    FETCH = "fetch"
    REPORT = "report"
    MAIL = "mail"
    PERIODS = "weeks"


WHAT = {
    Row.START: "PostgreSQL, its tables",
    Row.PAST: "dashboards of four weeks",
    Row.LOGIN: "a real browser",
    Row.FETCH: "exports and dashboards",
    Row.REPORT: "one PDF a store",
    Row.MAIL: "one mail a store",
    Row.PERIODS: "a week and a month",
}


class Screen:
    """Shows the morning. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.started_s = time.monotonic()
        #: The first PDF and the seconds until it was there.
        self.first_report: tuple[Path, float] | None = None
        self.is_terminal = sys.stdout.isatty()
        self._lock = Lock()

        self._bars: Progress | None = None
        self._tasks: dict[Row, TaskID] = {}

    @contextmanager
    def shown(self, totals: dict[Row, int]) -> Iterator[None]:
        """Show all rows for as long as the block; each stays with what it has reached."""
        if not self.is_terminal:
            yield
            return

        from rich.progress import BarColumn, Progress, TextColumn

        columns = (
            TextColumn("{task.description:<9}{task.fields[what]:<25}"),
            BarColumn(bar_width=20),
            terminal.how_far(),
        )

        bars = Progress(
            *columns,
            console=terminal.console(),
            redirect_stdout=False,
            redirect_stderr=False,
        )

        for row, total in totals.items():
            self._tasks[row] = bars.add_task(row, start=False, total=total, what=WHAT[row])

        with bars:
            self._bars = bars

            try:
                yield
            finally:
                self._bars = None

    def say(self, text: str) -> None:
        """Say a step to whoever reads the log; on a terminal the rows say it."""
        if not self.is_terminal:
            with self._lock:
                print(f"demo: {text}", flush=True)

    def begin(self, row: Row) -> None:
        """Let the row's time run."""
        if self._bars:
            self._bars.start_task(self._tasks[row])

    def step(self, row: Row) -> None:
        """Move the row's bar by one."""
        if self._bars:
            self._bars.start_task(self._tasks[row])
            self._bars.advance(self._tasks[row])

    def end(self, row: Row) -> None:
        """Let the row's time stand; its bar stays short where units failed."""
        if self._bars:
            self._bars.stop_task(self._tasks[row])

    def stepper(self, row: Row) -> Callable[[], None]:
        """Return the function that moves the row's bar by one."""
        return lambda: self.step(row)

    def hear(self, event: Event, line: str) -> None:
        """Take one log line of a job: elsewhere it is printed as it is, here it moves a bar."""
        path = event.get("path")

        is_report = event["phase"] == "report" and event["status"] == "ok" and path
        if is_report and not self.first_report:
            self.first_report = Path(str(path)), time.monotonic() - self.started_s
            self.say(f"the first report is there after {self.first_report[1]:.1f} s: {path}")

        if not self.is_terminal:
            with self._lock:
                sys.stdout.write(line)
                sys.stdout.flush()
        elif event["status"] in {"warning", "error"}:
            # Of a stop the demo itself says what is left.
            if event.get("error_type") != "Interrupted":
                self._above(terminal.event_line(event))
        elif event["status"] == "ok" and (row := _row_of(event)):
            self.step(row)

    def _above(self, text: str) -> None:
        if self._bars:
            self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _row_of(event: Event) -> Row | None:
    """Return the row whose unit has just ended well."""
    is_daily = event["pipeline_name"] == "simplify_dashboard_daily"

    if event["phase"] == "report" and "path" in event:
        return Row.REPORT if is_daily else Row.PERIODS

    if event["phase"] in {"download", "scrape"} and "store_code" in event:
        return Row.FETCH

    if event["phase"] == "notify" and event["message"].startswith("mail "):
        return Row.MAIL

    return None
