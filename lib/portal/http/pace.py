"""Whether the portal serves the requests of one session side by side or one at a time. Pure.

PHP locks a session while a request of it runs, and works on for clients that have left. Then four
requests in flight take four times as long each, and time-outs add to the queue. Nothing in a reply
says so; the times do.

Source: docs/explanation/portal.md#one-request-at-a-time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from statistics import median
from threading import Lock


class Serving(Enum):
    """What the times of the replies say."""

    UNKNOWN = "unknown"
    ONE_AT_A_TIME = "one request of a session at a time"
    SIDE_BY_SIDE = "requests of a session side by side"


#: Replies quicker than this are not judged: a queue of them can never meet a time-out, and on a
#: busy machine their times say more about the machine.
MIN_ALONE_S = 0.1

#: Of the time that a page takes alone. A reply that follows another one so much sooner was worked
#: on together with it.
TOO_SOON = 0.25

#: Replies beyond which a verdict is made, divided by the square of the requests in flight: the more
#: of these, the sooner two of them overlap. Tried with the times of the real portal.
_SAMPLES = 160
_FEWEST_SAMPLES = 8

#: A verdict for "side by side" takes so many times the replies of one for "one at a time".
_MORE_SAMPLES = 2

#: And so many pages of the kind that were alone: the first page of a morning is often a slow one,
#: beside which every reply of a queue seems too soon.
_PAGES_ALONE = 2

#: Share of replies that may seem too soon by chance: a busy machine notices two at once.
_CHANCE = 0.1

#: Share of replies that are too soon where pages are served side by side.
_OVERLAP = 1 / 3


@dataclass(frozen=True)
class ReplyTimes:
    """The times of one good reply, in seconds of one monotonic clock."""

    #: Which page or export it is: those of one kind take about as long.
    kind: str
    sent: float
    done: float
    #: When the last reply of the session before this one ended; None for the first one.
    previous_done: float | None
    #: Requests of the session that were in flight when this one was sent.
    ahead: int


@dataclass
class PaceMeter:
    """Judges the replies of one session, from any thread.

    1. A request that is sent while no other one is in flight tells how long its page takes alone.
    2. One that is sent behind others is served, by a session that is locked, from the moment at
       which the reply before it ended. `alone / since then` is how many are served at once: in
       flight x time alone / time together, because the replies of a full pipe come one after
       another in time together / in flight.
    3. Nearer to 1 than to the number in flight, and hardly a reply too soon for a lock: one at a
       time.
    4. A third of them too soon for a lock: side by side. A wrong verdict would bring time-outs, so
       it takes twice as many replies, of kinds of which two pages were alone.
    5. Neither after twice as many: one more request should be sent alone; the least time counts.
    6. As soon as kinds of which two pages were alone have replies enough, only they count: a slow
       first page of another kind would speak for "side by side" with every reply of that kind.
    """

    in_flight: int
    serving: Serving = Serving.UNKNOWN
    _alone: dict[str, list[float]] = field(default_factory=dict)
    _together: list[tuple[str, float]] = field(default_factory=list)
    _doubted_at: int = 0
    _lock: Lock = field(default_factory=Lock)

    def record(self, reply: ReplyTimes) -> Serving:
        """Take the times of a reply into account; return what is known by now."""
        with self._lock:
            self._record(reply)

            if self.serving is Serving.UNKNOWN:
                self.serving = self._judge()

            return self.serving

    def is_in_doubt(self) -> bool:
        """Return True if the time alone should be taken again; once for as many replies."""
        with self._lock:
            count = len(self._together)
            enough = _MORE_SAMPLES * self._needed()

            if self.serving is not Serving.UNKNOWN or count - self._doubted_at < enough:
                return False

            self._doubted_at = count
            return True

    def effective(self) -> float | None:
        """Return how many requests are served at once; None where too little is known."""
        ratios, _ = self._judged()
        return median(ratios) if ratios else None

    def _record(self, reply: ReplyTimes) -> None:
        took = reply.done - reply.sent

        if reply.ahead == 0:
            self._alone.setdefault(reply.kind, []).append(took)
            return

        if reply.previous_done is not None:
            served = reply.done - max(reply.sent, reply.previous_done)
            self._together.append((reply.kind, served))

    def _needed(self) -> int:
        return max(_FEWEST_SAMPLES, _SAMPLES // self.in_flight**2)

    def _ratios(self, pages_alone: int = 1) -> list[float]:
        """Return for each reply behind others how many of its kind are served in its time.

        Only for kinds of which at least `pages_alone` pages were alone.
        """
        ratios = []

        for kind, served in self._together:
            alone = self._alone.get(kind, [])

            if len(alone) >= pages_alone and min(alone) >= MIN_ALONE_S:
                ratios.append(min(alone) / max(served, 1e-6))

        return ratios

    def _judged(self) -> tuple[list[float], bool]:
        """Return the ratios that count, and whether two pages of each kind were alone (rule 6)."""
        proven = self._ratios(_PAGES_ALONE)

        if len(proven) >= self._needed():
            return proven, True

        return self._ratios(), False

    def _judge(self) -> Serving:
        needed = self._needed()
        ratios, are_proven = self._judged()

        if len(ratios) < needed:
            return Serving.UNKNOWN

        too_soon = _too_soon(ratios)

        if too_soon <= _CHANCE and median(ratios) < self.in_flight**0.5:
            return Serving.ONE_AT_A_TIME

        if are_proven and len(ratios) >= _MORE_SAMPLES * needed and too_soon >= _OVERLAP:
            return Serving.SIDE_BY_SIDE

        return Serving.UNKNOWN


def _too_soon(ratios: list[float]) -> float:
    """Return the share of replies that came too soon for a queue."""
    return sum(ratio > 1 / TOO_SOON for ratio in ratios) / len(ratios)
