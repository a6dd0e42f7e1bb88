"""How and where the pages of a run are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lib.config import Settings
from lib.reports.render import cpu_count, engines, worker_pool
from lib.reports.render.drawer import Drawer
from lib.reports.render.engines import Draw
from lib.reports.render.worker_pool import WorkerPool

#: Places on worker hosts at most. Pages are composed in this process, which keeps some thirty
#: processors busy, and the thread of each place takes its turn at the database (lib.db.engine).
MOST_PLACES = 64


@dataclass(frozen=True)
class Rendering:
    """The engine of a run, and the settings that say how many pages are drawn at a time."""

    draw: Draw
    settings: Settings

    @contextmanager
    def pool(self, most: int) -> Iterator[tuple[WorkerPool, int]]:
        """Yield a pool for `most` pages in all, and how many it draws at a time.

        Worker hosts are asked only where this one cannot draw all pages at once.
        """
        processes = self.settings.draw.processes or cpu_count.available()
        here = max(1, min(most, processes))

        with (
            _places(self.settings, min(most - here, MOST_PLACES)) as further,
            worker_pool.worker_pool(self.draw, here, further) as pool,
        ):
            yield pool, here + len(further)


def chosen(settings: Settings) -> Rendering:
    """Return how the settings have pages drawn; raise ConfigurationError as `engines.chosen`."""
    return Rendering(engines.chosen(settings), settings)


@contextmanager
def _places(settings: Settings, most: int) -> Iterator[Sequence[Drawer]]:
    if not settings.draw.scheduler or most < 1:
        yield []
        return

    # Only here: a host that draws alone neither needs the engine nor waits for its import.
    from lib.reports.hosts import connection

    with connection.places(settings, most) as places:
        yield places
