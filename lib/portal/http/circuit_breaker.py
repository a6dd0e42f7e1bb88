"""Ends a run early when the network is dead, and only then."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from lib.portal.site.errors import PortalAway, Unreachable


class CircuitBreaker:
    """Counts network failures in a row, over all threads.

    At `limit` it asks once whether anything answers at all. One store whose connections always
    break therefore never stops the others.
    """

    def __init__(
        self,
        limit: int,
        is_answering: Callable[[], bool],
    ) -> None:
        self._limit = limit
        self._is_answering = is_answering

        self._lock = Lock()
        self._failures = 0
        self._reason: PortalAway | None = None

    def check(self) -> None:
        """Raise PortalAway once the circuit is open."""
        if self._reason:
            raise self._reason

    def record_success(self) -> None:
        """Count an answer, whatever it says."""
        with self._lock:
            self._failures = 0

    def record_failure(self) -> None:
        """Count a connection that was refused, broken or silent.

        Raise PortalAway if that was one too many and nothing answers.
        """
        with self._lock:
            self._failures += 1
            if self._failures < self._limit or self._reason:
                return

            if self._is_answering():
                self._failures = 0
                return

            self._reason = Unreachable(
                f"the portal is out of reach: {self._failures} network failures in a row and then"
                " no answer to a simple question; check the network of this machine, run again"
                " later"
            )

            raise self._reason

    def close(self) -> None:
        """Let requests through again, now that the portal answers."""
        with self._lock:
            self._failures = 0
            self._reason = None

    def open(self, reason: PortalAway) -> None:
        """Let no request through any more; each raises `reason`."""
        self._reason = reason
