"""Drawers that threads borrow, each for one page: processes of this host, and worker hosts."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lib.reports.render.drawer import Cancelled, Drawer, Drawn, HostLost, PageFailed
from lib.reports.render.drawing_process import DrawingProcess
from lib.reports.render.engines import Draw
from lib.reports.render.pdf_check import Expected


class WorkerPool:
    """Some drawers, of which a lost one is not used again.

    At least one must be a process of this host, which is never lost: the page of a lost drawer
    waits for it.
    """

    def __init__(self, drawers: Sequence[Drawer]) -> None:
        self._drawers = drawers
        self._is_cancelled = False
        self._idle: queue.SimpleQueue[Drawer] = queue.SimpleQueue()

        for drawer in drawers:
            self._idle.put(drawer)

    def draw(
        self,
        html: str,
        expected: Expected,
    ) -> Drawn:
        """Return the page's PDF from the next idle drawer; wait while there is none.

        A page that is lost with its drawer is drawn by another one. Raise Cancelled after `cancel`,
        PageFailed if the page is to blame, TemporaryError if no process can be started for it.
        """
        while True:
            drawn = self._drawn_by(self._idle.get(), html, expected)
            if drawn is not None:
                return drawn

    def cancel(self) -> None:
        """Make every page that is drawn now fail at once, and every later one; from any thread."""
        self._is_cancelled = True

        for drawer in self._drawers:
            drawer.kill()

    def _drawn_by(
        self,
        drawer: Drawer,
        html: str,
        expected: Expected,
    ) -> Drawn | None:
        """Return the PDF, or None if the drawer is lost."""
        is_lost = False

        try:
            if self._is_cancelled:
                raise Cancelled("stopped before the page was drawn")

            return drawer.draw(html, expected)
        except HostLost:
            is_lost = True
            return None
        except PageFailed as error:
            if self._is_cancelled and not isinstance(error, Cancelled):
                raise Cancelled("stopped while the page was drawn") from None

            raise
        finally:
            if not is_lost:
                self._idle.put(drawer)


@contextmanager
def worker_pool(
    draw: Draw,
    size: int,
    further: Sequence[Drawer] = (),
) -> Iterator[WorkerPool]:
    """Yield a pool of `size` processes of this host and of `further` drawers; end all afterwards.

    No thread may be drawing any more when the block ends.
    """
    drawers: list[Drawer] = [DrawingProcess(draw) for _ in range(size)]
    drawers += further

    try:
        yield WorkerPool(drawers)
    finally:
        for drawer in drawers:
            drawer.stop()
