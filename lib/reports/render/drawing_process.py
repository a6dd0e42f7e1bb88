"""A process that draws and checks pages: reused, recycled, replaced when a page kills or hangs it.

What a kept library would have to do as well, and pebble 5 does not: end what a page started (a
browser) with its process, and remove what a killed process wrote.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from lib import errors, terminal
from lib.reports.render import pdf_check
from lib.reports.render.drawer import PAGE_TIMEOUT_S, Drawn, NotDrawn, PageFailed
from lib.reports.render.engines import Draw
from lib.reports.render.pdf_check import Expected

#: Then a process is replaced: WeasyPrint keeps some memory of every page.
PAGES_A_PROCESS = 200
#: What a terminal sends to every process that was started in it. When a drawing process ends is
#: decided by the process that started it.
STOPS_OF_A_TERMINAL = frozenset({signal.SIGINT, signal.SIGHUP})


class DrawingProcess:
    """A process that draws one page after the other.

    It starts with its first page. Only one thread at a time may use it, but for `kill`.
    """

    def __init__(
        self,
        draw: Draw,
        *,
        timeout_s: float = PAGE_TIMEOUT_S,
        pages: int = PAGES_A_PROCESS,
    ) -> None:
        self._draw = draw
        self._timeout_s = timeout_s
        self._pages = pages
        self._pages_left = 0
        self._is_killed = False

        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def draw(
        self,
        html: str,
        expected: Expected,
    ) -> Drawn:
        """Return the page's PDF once it was checked.

        Raise PageFailed if the page cannot be drawn, is not what is expected, ends the process or
        takes too long; TemporaryError if no process can be started for it.
        """
        pipe = self._ready()
        self._pages_left -= 1

        try:
            pipe.send((html, expected))
            answer: Drawn | NotDrawn | None = pipe.recv() if pipe.poll(self._timeout_s) else None
        except (EOFError, OSError):
            self.stop()
            raise PageFailed("the process that drew the page ended (out of memory?)") from None

        if answer is None:
            self.stop()
            raise PageFailed(f"drawing took more than {self._timeout_s:g} s and was stopped")

        if isinstance(answer, NotDrawn):
            raise PageFailed(answer.reason)

        return answer

    def kill(self) -> None:
        """End the process for good; the draw that waits for it, and each later one, fails.

        What is raised there is PageFailed. The only method for another thread.
        """
        self._is_killed = True
        if process := self._process:
            # It may have been closed since: then it has ended.
            with suppress(ValueError):
                _kill_group(process)

    def stop(self) -> None:
        """End the process, whatever it is doing, and remove what it wrote.

        The next page starts another.
        """
        if self._pipe:
            self._pipe.close()

        if self._process:
            _kill_group(self._process)
            self._process.join()
            self._process.close()

        if self._directory:
            self._directory.cleanup()

        self._pipe = self._process = self._directory = None

    def _ready(self) -> Connection:
        """Return the pipe to a process that has pages left, started now if need be."""
        if self._pipe and self._pages_left > 0:
            return self._pipe

        self.stop()

        try:
            self._pipe = self._start()
        except OSError as error:
            # Nothing of a half-made process is kept: the next page tries again.
            self.stop()
            raise errors.TemporaryError(
                f"no drawing process could be started ({error.strerror});"
                " look at the machine's memory and its limit of processes"
            ) from error

        if self._is_killed:
            # `kill` came while there was nothing to end yet.
            self.stop()
            raise PageFailed("stopped while the process started")

        self._pages_left = self._pages
        return self._pipe

    def _start(self) -> Connection:
        """Start the process; return our end of its pipe."""
        spawn = multiprocessing.get_context("spawn")
        self._directory = tempfile.TemporaryDirectory(
            prefix="report-worker-",
            ignore_cleanup_errors=True,
        )

        pipe, other_end = spawn.Pipe()

        process = spawn.Process(
            target=_serve,
            args=(other_end, self._draw, self._directory.name),
            daemon=True,
        )

        try:
            _start_out_of_reach(process)
        except OSError:
            pipe.close()
            raise
        finally:
            other_end.close()

        # Only now: a process that did not start can neither be killed nor waited for.
        self._process = process

        return pipe


def _start_out_of_reach(process: BaseProcess) -> None:
    """Start the process where Ctrl-C and the terminal's end never reach it."""
    # Both processes inherit what is blocked, so that the signals cannot end one while it imports.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS_OF_A_TERMINAL)

    try:
        # First the helper that is started with it: its start lets Ctrl-C through again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS_OF_A_TERMINAL)
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _kill_group(process: BaseProcess) -> None:
    """Kill the process and what it started, which is in its group once it has one."""
    if process.pid:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    process.kill()


def _serve(
    pipe: Connection,
    draw: Draw,
    directory: str,
) -> None:
    """Answer every page with its PDF or the reason why there is none, until the other side is gone.

    Temporary files go into `directory`, which the parent removes, for a killed process cannot. Of a
    parent that was killed this process notices the end of the pipe, and removes them itself.
    """
    os.setsid()

    for number in STOPS_OF_A_TERMINAL:
        signal.signal(number, signal.SIG_IGN)

    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS_OF_A_TERMINAL)

    terminal.mute()
    tempfile.tempdir = directory

    gc.disable()

    try:
        # Of a parent that is gone there is nothing to read, and nobody takes the answer.
        with suppress(EOFError, ConnectionError):
            while True:
                html, expected = pipe.recv()
                pipe.send(_draw_and_check(draw, html, expected))
                _collect_garbage()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _draw_and_check(
    draw: Draw,
    html: str,
    expected: Expected,
) -> Drawn | NotDrawn:
    try:
        content = draw(html)
        pdf_check.check(content, expected)
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this page only
        return NotDrawn(errors.describe(error))

    return Drawn(content, hashlib.sha256(content).hexdigest())


def _collect_garbage() -> None:
    """Collect the page's garbage once, between pages.

    Within a page Python would look through half-made boxes hundreds of times. What is alive now
    stays alive as long as the process, so later looks leave it out.
    """
    gc.collect()
    gc.freeze()
