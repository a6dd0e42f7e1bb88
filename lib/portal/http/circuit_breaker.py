"""Stops a run early when the network is dead, and only then (lesson 49)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from lib.portal.site.errors import PortalAway, Unreachable


class Breaker:
    """Counts network failures in a row, over all threads; at `limit` it looks once whether anything answers at all.

    One store whose connections always break therefore never stops the others.
    """

    def __init__(self, limit: int, is_answering: Callable[[], bool]) -> None:
        self._limit = limit
        self._is_answering = is_answering
        self._lock = Lock()
        self._failures = 0

        self._away: PortalAway | None = None

    def check(self) -> None:
        """Raise PortalAway once the portal has been found away."""
        if self._away:
            raise self._away

    def succeeded(self) -> None:
        """Note an answer, whatever it says."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note a connection that was refused, broken or silent.

        Raises PortalAway when that was one too many.
        """
        with self._lock:
            self._failures += 1
            if self._failures < self._limit or self._away:
                return

            if self._is_answering():
                self._failures = 0
                return

            self._away = Unreachable(
                f"the portal is out of reach: {self._failures} network failures in a row and then no answer to a"
                " simple question; check the network of this machine, run again later"
            )

            raise self._away

    def reset(self) -> None:
        """Begin anew, now that the portal answers."""
        with self._lock:
            self._failures = 0
            self._away = None

    def open(self, reason: PortalAway) -> None:
        """Let nothing through any more."""
        self._away = reason
