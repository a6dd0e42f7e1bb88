"""What a worker host does with a page, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lib import errors, log
from lib.reports.render import worker_pool
from lib.reports.render.drawer import Cancelled, Drawn, NotDrawn, PageFailed
from lib.reports.render.engines import Draw
from lib.reports.render.pdf_check import Expected
from lib.reports.render.worker_pool import WorkerPool


@dataclass(frozen=True)
class PageToDraw:
    """A page to draw. Its text is customers' data, and no log shows it by showing the page."""

    html: str = field(repr=False)
    expected: Expected


@dataclass(frozen=True)
class NotHere:
    """Why a host did not draw a page that another one may draw, in words without its content."""

    reason: str


Answer = Drawn | NotDrawn | NotHere


class _Offered:
    """What this process draws with for others; None where it draws for nobody."""

    pool: WorkerPool | None = None


@contextmanager
def offered(draw: Draw, processes: int) -> Iterator[WorkerPool]:
    """Have `draw` below use a pool of so many processes, for the length of the block."""
    with worker_pool.worker_pool(draw, processes) as pool:
        _Offered.pool = pool

        try:
            yield pool
        finally:
            _Offered.pool = None


def draw(page: PageToDraw) -> Answer:
    """Draw a page for another host with what is `offered` here.

    Never raises an Exception: an engine would log it with what it was given.
    """
    pool = _Offered.pool
    if pool is None:
        return NotHere("the host does not draw any more")

    started_s = time.monotonic()

    try:
        drawn = pool.draw(page.html, page.expected)
    except Cancelled as error:
        return NotHere(errors.describe(error))
    except PageFailed as error:
        reason = errors.describe(error)
        log.warning("a page cannot be drawn", store_code=page.expected.store_code, error=error)

        return NotDrawn(reason)
    except Exception as error:  # noqa: BLE001 - another host may have what is missing here
        log.error(
            "this host cannot draw; another one draws the page",
            store_code=page.expected.store_code,
            error=error,
        )

        return NotHere(errors.describe(error))

    log.ok(
        "a page is drawn",
        store_code=page.expected.store_code,
        duration_ms=round(1000 * (time.monotonic() - started_s)),
    )

    return drawn
