"""Places on worker hosts, each a drawer, behind an executor of PEP 3148, whosever it is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError, Executor, Future, wait

from lib import errors, log
from lib.reports.hosts import pages
from lib.reports.hosts.pages import Answer, NotHere, PageToDraw
from lib.reports.render.drawer import PAGE_TIMEOUT_S, Drawn, HostLost, NotDrawn, PageFailed
from lib.reports.render.pdf_check import Expected

#: Until an answer is given up. There is a place more than processes, so a page may wait for another
#: one, and either may take as long as a page can.
ANSWER_TIMEOUT_S = 2 * PAGE_TIMEOUT_S + 30
#: How soon a thread that waits sees that the run stops or that the hosts are lost.
STEP_S = 0.5


class Loss:
    """Whether a run has lost the worker hosts. Once it has, it does not try them again.

    A second try would wait for hosts that come and go while this host could draw.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_declared = False
        self._has_page_back = False

    @property
    def is_declared(self) -> bool:
        return self._is_declared

    def declare(self, reason: str) -> None:
        """Have every place on the worker hosts give up; warn the first time."""
        with self._lock:
            is_first = not self._is_declared
            self._is_declared = True

        if is_first:
            log.warning(
                f"the worker hosts are lost: {reason}; this host draws the rest alone;"
                " look at the log of jobs.draw_scheduler"
            )

    def give_back(self, reason: str) -> None:
        """Warn the first time that a host did not draw a page, which is then drawn elsewhere."""
        with self._lock:
            is_first = not self._has_page_back
            self._has_page_back = True

        if is_first:
            log.warning(
                f"a worker host gave a page back: {reason}; it is drawn elsewhere;"
                " look at the log of jobs.draw there"
            )


class Remote:
    """Room for one page on the worker hosts. As `Drawer` says."""

    def __init__(
        self,
        executor: Executor,
        loss: Loss,
        *,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self._executor = executor
        self._loss = loss
        self._timeout_s = timeout_s
        self._is_killed = False

    def draw(
        self,
        html: str,
        expected: Expected,
    ) -> Drawn:
        """Return the page's PDF, drawn and checked on a worker host."""
        answer = self._answer(PageToDraw(html, expected))

        if isinstance(answer, NotDrawn):
            raise PageFailed(answer.reason)

        if isinstance(answer, NotHere):
            self._loss.give_back(answer.reason)
            raise HostLost(answer.reason)

        return answer

    def kill(self) -> None:
        """Have the draw that waits, and each later one, fail within STEP_S."""
        self._is_killed = True

    def stop(self) -> None:
        """Nothing is held here: the executor is its owner's."""

    def _answer(self, page: PageToDraw) -> Answer:
        deadline_s = time.monotonic() + self._timeout_s
        self._check(deadline_s)

        try:
            future = self._executor.submit(pages.draw, page)
        except Exception as error:
            raise self._lost(error) from error

        try:
            # `wait` alone would not see a future that is cancelled and tells nobody.
            while not future.done():
                self._check(deadline_s)
                wait([future], STEP_S)
        finally:
            # Of a page that is given up: nobody takes its PDF.
            future.cancel()

        return self._result(future)

    def _result(self, future: Future[Answer]) -> Answer:
        try:
            return future.result()
        except (Exception, CancelledError) as error:
            raise self._lost(error) from error

    def _check(self, deadline_s: float) -> None:
        if self._is_killed:
            raise PageFailed("stopped while a worker host drew the page")

        if time.monotonic() > deadline_s:
            self._loss.declare(f"no answer within {self._timeout_s:g} s")

        if self._loss.is_declared:
            raise HostLost("the worker hosts are lost")

    def _lost(self, error: BaseException) -> HostLost:
        # That is how an engine ends what it can say nothing more about.
        is_cut = isinstance(error, CancelledError)
        reason = "the connection to their scheduler is gone" if is_cut else errors.describe(error)
        self._loss.declare(reason)

        return HostLost("the worker hosts are lost")


def places(
    executor: Executor,
    loss: Loss,
    *,
    processes: int,
    most: int,
) -> list[Remote]:
    """Return room for pages on hosts with so many processes, `most` at most; none for none.

    There is one more than processes, so that a page is there already when a process is free.
    """
    size = min(processes + 1, most) if processes else 0

    return [Remote(executor, loss) for _ in range(size)]
