"""How long the portal may take in all: for one store, and for the run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from lib.errors import TemporaryError
from lib.portal.site.errors import PortalAway


class StoreOutOfTime(TemporaryError):
    """A store's requests have taken so long that nothing more is asked about it in this run."""


class TimeBudget:
    """Seconds of requests, over all threads.

    The run's seconds count from the first request; a store's are those of its own requests. Pauses
    between attempts and waits for a free slot count for the run only: they are not the store's
    fault.
    """

    def __init__(
        self,
        *,
        run_s: float,
        store_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run_s = run_s
        self._store_s = store_s
        self._clock = clock

        self._lock = Lock()
        self._ends: float | None = None
        self._spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def spend(self, store_code: str) -> Iterator[float]:
        """Count the block as a request about the store; yield the seconds that it may take.

        Raise PortalAway if the run's time is over, StoreOutOfTime if the store's is.
        """
        started = self._clock()
        left_s = self._left_s(store_code, started)

        try:
            yield left_s
        finally:
            with self._lock:
                self._spent[store_code] += self._clock() - started

    def give_back(self, store_code: str, seconds: float) -> None:
        """Take seconds off a store's account: its request waited for those of other stores."""
        with self._lock:
            self._spent[store_code] -= seconds

    def _left_s(self, store_code: str, now: float) -> float:
        with self._lock:
            if self._ends is None:
                self._ends = now + self._run_s

            run_left_s = self._ends - now
            store_left_s = self._store_s - self._spent[store_code]

        if run_left_s <= 0:
            raise PortalAway(
                "the portal's time for one run"
                f" (PORTAL_BUDGET_SECONDS, {self._run_s:g} s) is used up;"
                " the next run asks for the rest"
            )

        if store_left_s <= 0:
            raise StoreOutOfTime(
                f"its requests took {self._store_s:g} s already; the next run asks again"
            )

        return min(run_left_s, store_left_s)
