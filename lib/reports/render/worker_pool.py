"""Processes that draw pages: reused, recycled, and replaced when a page kills or hangs them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from lib import errors, terminal
from lib.reports.render.engines import Draw

PAGE_TIMEOUT_S = 120.0
#: Then it is replaced: WeasyPrint keeps some memory of every page.
PAGES_A_WORKER = 200
#: What a terminal sends to every process that was started in it. When a worker ends is decided by
#: the process that started it.
STOPS_OF_A_TERMINAL = frozenset({signal.SIGINT, signal.SIGHUP})


class PageFailed(errors.JobError):
    """One page could not be drawn; the others are not concerned."""


class GivenUp(PageFailed):
    """The page was not drawn because the run stops: nothing is wrong with it."""


class Worker:
    """A process that draws one page after the other.

    It starts with its first page. For one thread at a time.
    """

    def __init__(
        self, draw: Draw, *, timeout_s: float = PAGE_TIMEOUT_S, pages: int = PAGES_A_WORKER
    ) -> None:
        self._draw = draw
        self._timeout_s = timeout_s
        self._pages = pages
        self._left = 0

        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def draw(self, html: str) -> bytes:
        """Return the page's PDF; PageFailed when the page cannot be drawn, ends the process or takes too long."""
        pipe = self._ready()
        self._left -= 1

        try:
            pipe.send(html)
            answer: bytes | str | None = pipe.recv() if pipe.poll(self._timeout_s) else None
        except (EOFError, OSError):
            self.stop()
            raise PageFailed("the process that drew the page ended (out of memory?)") from None

        if answer is None:
            self.stop()
            raise PageFailed(f"drawing took more than {self._timeout_s:g} s and was stopped")

        if isinstance(answer, str):
            raise PageFailed(answer)

        return answer

    def kill(self) -> None:
        """End the process; who waits for its page gets PageFailed.

        The only method for another thread.
        """
        if process := self._process:
            with suppress(ValueError):  # it has just ended by itself
                _kill(process)

    def stop(self) -> None:
        """End the process, whatever it is doing, and what it wrote; the next page starts another."""
        if self._pipe:
            self._pipe.close()

        if self._process:
            _kill(self._process)
            self._process.join()
            self._process.close()

        if self._directory:
            self._directory.cleanup()

        self._pipe = self._process = self._directory = None

    def _ready(self) -> Connection:
        if self._pipe and self._left > 0:
            return self._pipe

        self.stop()
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._directory = tempfile.TemporaryDirectory(
            prefix="report-worker-", ignore_cleanup_errors=True
        )
        self._process = spawn.Process(
            target=_serve, args=(theirs, self._draw, self._directory.name), daemon=True
        )

        # Its helper is started first: the start of that one lets the signals through again.
        resource_tracker.ensure_running()
        # A process inherits what is blocked, so the signals cannot end it while it still imports.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS_OF_A_TERMINAL)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

        theirs.close()
        self._left = self._pages

        return self._pipe


class Crew:
    """Some workers that threads borrow, each for one page."""

    def __init__(self, workers: list[Worker]) -> None:
        self._workers = workers
        self._given_up = False
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()

        for worker in workers:
            self._idle.put(worker)

    def draw(self, html: str) -> bytes:
        """Draw with the next idle worker; waits while there is none.

        Raise GivenUp after `give_up`.
        """
        worker = self._idle.get()

        try:
            if self._given_up:
                raise GivenUp("stopped before the page was drawn")

            return worker.draw(html)
        except PageFailed as error:
            if self._given_up and not isinstance(error, GivenUp):
                raise GivenUp("stopped while the page was drawn") from None
            raise
        finally:
            self._idle.put(worker)

    def give_up(self) -> None:
        """Let every page that is being drawn fail at once, and every later one; from any thread."""
        self._given_up = True
        for worker in self._workers:
            worker.kill()


@contextmanager
def crew(draw: Draw, size: int) -> Iterator[Crew]:
    """Yield a crew of `size` and end its processes afterwards; nobody may be drawing any more then."""
    workers = [Worker(draw) for _ in range(size)]

    try:
        yield Crew(workers)
    finally:
        for worker in workers:
            worker.stop()


def _kill(process: BaseProcess) -> None:
    """Kill the process and whatever it started, which is in its group once it has one of its own."""
    if process.pid:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    process.kill()


def _serve(pipe: Connection, draw: Draw, directory: str) -> None:
    """Answer every page with its PDF or, as text, with what went wrong; end when the other side is gone.

    Temporary files go into `directory`, which our parent removes, because nobody can tidy up in a
    killed process.
    """
    os.setsid()
    for number in STOPS_OF_A_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS_OF_A_TERMINAL)

    terminal.mute()
    tempfile.tempdir = directory

    gc.disable()

    with suppress(EOFError):
        while True:
            html = pipe.recv()

            try:
                answer: bytes | str = draw(html)
            except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this page only
                answer = errors.describe(error)

            pipe.send(answer)
            _clean_up()


def _clean_up() -> None:
    """Collect the page's garbage once, between pages: Python would look through a half-made page hundreds of times.

    What is alive now stays alive as long as the process, so it need not be looked through again.
    """
    gc.collect()
    gc.freeze()
