"""One TMS session as HTTP sees it: its connections, its cookies, and its queue at the portal."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from threading import Condition

import httpx

from lib.portal.http import decompression
from lib.portal.session import cookies
from lib.portal.session.storage_state import SessionState


@dataclass
class Turn:
    """One request on a channel; times are those of `time.monotonic`."""

    #: Requests of the session that the portal may work on before this one: those in flight, and
    #: those that were given up.
    ahead: int
    sent: float
    #: No other request of the run was in flight when it was sent.
    is_alone: bool
    #: Set by the sender: there is a whole reply.
    is_answered: bool = False
    #: Set by the sender: there was none in time, and the portal may still work on it.
    is_given_up: bool = False
    #: When it ended.
    done: float = 0.0
    #: When the reply before its end had ended.
    previous_done: float | None = None

    def waited_s(self) -> float:
        """Return how long a session that is locked has let this request wait for others."""
        if self.previous_done is None:
            return 0.0

        return max(0.0, self.previous_done - self.sent)


class Channel:
    """The connections of one TMS session."""

    def __init__(
        self,
        state: SessionState,
        host: str,
        connections: int,
        certificates: ssl.SSLContext,
    ) -> None:
        self._state = state
        self.jar: CookieJar = cookies.make_jar(state, host)

        self.in_flight = 0
        #: When the requests were sent that the portal may still work on for nothing.
        self._given_up: list[float] = []
        self._last_done: float | None = None

        headers = {"accept-encoding": decompression.ENCODINGS}
        if state.user_agent:
            headers["user-agent"] = state.user_agent

        self.http = httpx.Client(
            limits=httpx.Limits(
                max_connections=None,
                max_keepalive_connections=connections,
            ),
            verify=certificates,
            follow_redirects=False,
            headers=headers,
            cookies=self.jar,
        )

    def state(self) -> SessionState:
        """Return the session as proven replies have left it."""
        return cookies.with_jar_values(self._state, self.jar)

    def begin(self, *, is_alone: bool) -> Turn:
        """Count a request that is about to be sent."""
        ahead = self.in_flight + len(self._given_up)
        turn = Turn(ahead, time.monotonic(), is_alone)
        self.in_flight += 1
        return turn

    def end(self, turn: Turn) -> None:
        """Count its end."""
        self.in_flight -= 1
        turn.done = time.monotonic()
        turn.previous_done = self._last_done

        if turn.is_answered:
            self._last_done = turn.done
            # A session that is locked answers in the order of the requests.
            self._given_up = [sent for sent in self._given_up if sent > turn.sent]
        elif turn.is_given_up:
            self._given_up.append(turn.sent)


class ChannelPool:
    """The channels of a run, and how many requests may be in flight on each and in all."""

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight
        self._per_channel = in_flight
        self._next_goes_alone = False
        self._free = Condition()
        self._channels: list[Channel] = []

    def replace(self, channel: Channel) -> None:
        """Let this be the only channel from now on; requests in flight on others may end."""
        with self._free:
            self._channels = [channel]
            self._free.notify_all()

    def add(self, channel: Channel) -> None:
        """Let requests go out on this channel, too."""
        with self._free:
            self._channels.append(channel)
            self._free.notify_all()

    def retire(self, channel: Channel) -> bool:
        """Use the channel no more; return False if it is not in use or the only one."""
        with self._free:
            if channel not in self._channels or len(self._channels) == 1:
                return False

            self._channels.remove(channel)
            return True

    def limit_each(self, in_flight: int) -> None:
        """Have at most so many requests in flight on each channel."""
        with self._free:
            self._per_channel = in_flight
            self._free.notify_all()

    @property
    def in_flight_each(self) -> int:
        """How many requests may be in flight on each channel."""
        return self._per_channel

    def send_next_alone(self) -> None:
        """Let one request go out while no other is in flight, so that it shows its own time."""
        with self._free:
            self._next_goes_alone = True

    @property
    def main(self) -> Channel:
        """The channel that was opened first of those in use."""
        return self._channels[0]

    def __len__(self) -> int:
        return len(self._channels)

    @contextmanager
    def turn(
        self,
        unlike: Channel | None = None,
    ) -> Iterator[tuple[Channel, Turn]]:
        """Wait for a free place, on another channel than `unlike` where there is one."""
        with self._free:
            while (channel := self._next(unlike)) is None:
                self._free.wait()

            turn = channel.begin(is_alone=self._total_in_flight() == 0)

        try:
            yield channel, turn
        finally:
            with self._free:
                channel.end(turn)

                if turn.is_alone:
                    self._next_goes_alone = False

                self._free.notify_all()

    def _next(self, unlike: Channel | None) -> Channel | None:
        """Return the channel with the fewest requests in flight that may have one more."""
        limit = 1 if self._next_goes_alone else self._in_flight

        if self._total_in_flight() >= limit:
            return None

        others = [channel for channel in self._channels if channel is not unlike]
        candidates = [
            channel for channel in others or self._channels if channel.in_flight < self._per_channel
        ]

        return min(
            candidates,
            key=lambda channel: channel.in_flight,
            default=None,
        )

    def _total_in_flight(self) -> int:
        return sum(channel.in_flight for channel in self._channels)
