"""HTTP at the TMS site: whole replies, with retries of what may pass and limits for everything."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
import stamina

from lib import dates, log
from lib.config import PortalSettings
from lib.domain.exports import Export
from lib.errors import TemporaryError
from lib.portal.http import decompression
from lib.portal.http import reply as http_reply
from lib.portal.http.channel import Channel, ChannelPool, Turn
from lib.portal.http.circuit_breaker import CircuitBreaker
from lib.portal.http.pace import PaceMeter, ReplyTimes, Serving
from lib.portal.http.reply import Reply, ReplyKind
from lib.portal.http.time_budget import TimeBudget
from lib.portal.session import cookies
from lib.portal.session.storage_state import SessionState
from lib.portal.site.errors import PortalAway
from lib.portal.site.login_outcomes import LoginOutcome

ATTEMPTS = 3
BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 20.0
RETRY_AFTER_MAX_S = 30.0
CONNECT_S = 10.0
NETWORK_POLL_MAX_S = 15.0

#: A store's requests together may take as long as so many time-outs.
STORE_TIMEOUTS = 10

#: Of a body; the largest exports have a few megabytes.
LARGEST_BYTES = 64 * 1024 * 1024

#: Replies that another attempt may replace by a useful one.
TRANSIENT = frozenset(
    {
        ReplyKind.RATE_LIMITED,
        ReplyKind.SERVER_ERROR,
        ReplyKind.CUT_SHORT,
    }
)

#: Replies after which the session is probed, and the page is asked for once more.
IN_DOUBT = frozenset({ReplyKind.LOGGED_OUT, ReplyKind.UNKNOWN})

#: Replies that prove the session, so their cookies may renew it.
PROOFS = frozenset({ReplyKind.PAGE, ReplyKind.CSV})


class Unanswered(TemporaryError):
    """No usable reply; the text says what came in its place, without the address."""

    def __init__(
        self,
        reason: str,
        retry_after_s: float | None = None,
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(reason)


class NotConnected(Unanswered):
    """No connection: the name does not resolve, or the address does not answer."""


class TooLarge(TemporaryError):
    """The body is larger than anything the portal should send."""


@dataclass(frozen=True)
class Pace:
    """How the portal serves requests, and what follows from it; said once in a run."""

    #: Requests in flight from now on, and the TMS sessions that they go out on.
    in_flight: int
    sessions: int
    #: Requests of one session that the portal served at once.
    effective: float

    def __str__(self) -> str:
        return (
            f"the portal serves one request of a session at a time ({self.effective:.1f} at once);"
            f" went on with {self.in_flight} in flight on {self.sessions} TMS session(s)"
        )


class Transport:
    """HTTP for all threads; at most `settings.concurrency` requests in flight.

    A request's time-out counts from when the portal can serve it: with others of its session in
    flight, unless these are known to be served side by side, it has as many time-outs more.
    """

    def __init__(
        self,
        settings: PortalSettings,
        further_sessions: Callable[[SessionState, int], list[SessionState]] | None = None,
    ) -> None:
        """Prepare; `further_sessions` opens so many TMS sessions more from the same login."""
        self._settings = settings
        self._host = urlsplit(settings.tms_base).hostname or ""
        self._further_sessions = further_sessions

        self._pool = ChannelPool(settings.concurrency)
        self._opened: list[Channel] = []
        self._meter = PaceMeter(settings.concurrency)
        self._pace_lock = Lock()
        self._pace: Pace | None = None

        self._budget = TimeBudget(
            run_s=settings.budget_s,
            store_s=STORE_TIMEOUTS * settings.timeout_s,
        )
        self._breaker = CircuitBreaker(
            settings.concurrency + ATTEMPTS,
            self._is_answering,
        )

        # Read once for all clients: it takes each of them longer than all else of its start.
        self._certificates = httpx.create_ssl_context()

        # Without cookies: the question whether anything answers must not wait for a session.
        self._anonymous = httpx.Client(verify=self._certificates, follow_redirects=False)
        self.use(SessionState(()))

    def close(self) -> None:
        """End all connections."""
        self._anonymous.close()

        for channel in self._opened:
            channel.http.close()

    def stop(self) -> None:
        """Let the requests in flight end and begin no other."""
        self._breaker.open(PortalAway("the run was stopped; the next one asks for the rest"))

    def await_network(self) -> bool:
        """Wait until TMS answers; return True if it does.

        The last question comes up to one pause (NETWORK_POLL_MAX_S) after `settings.network_wait_s`
        are over.
        """
        retries = stamina.retry_context(
            on=NotConnected,
            attempts=None,
            timeout=self._settings.network_wait_s,
            wait_initial=BACKOFF_FIRST_S,
            wait_max=NETWORK_POLL_MAX_S,
        )

        with suppress(NotConnected):
            for attempt in retries:
                with attempt:
                    if not self._is_answering():
                        raise NotConnected("no connection")

            self._breaker.close()
            return True

        return False

    def use(self, state: SessionState) -> None:
        """Send these cookies from now on, and only what proven replies change of them."""
        self._pool.replace(self._open_channel(state))

    def state(self) -> SessionState:
        """Return the session as proven replies have left it."""
        return self._pool.main.state()

    def pace(self) -> Pace | None:
        """Return how the portal serves requests, if that changed the way they are sent."""
        return self._pace

    def get(
        self,
        path: str,
        *,
        into: BinaryIO,
        fields: log.Fields,
        export: Export | None = None,
    ) -> tuple[ReplyKind, Reply]:
        """Return what TMS sends for `path`; the body is streamed through `into` and stays there.

        `fields` name the store and go with log lines. Three attempts with back-off and jitter, or
        as Retry-After asks, within bounds.

        Raise Unanswered after them, TooLarge, StoreOutOfTime, or PortalAway if the network is dead
        or not to be trusted or the run's time is over.
        """
        retries = stamina.retry_context(
            on=_pause,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=BACKOFF_FIRST_S,
            wait_max=BACKOFF_MAX_S,
        )
        problem: Unanswered | None = None

        for attempt in retries:
            with attempt:
                if problem:
                    again = fields | log.Fields(error=problem)
                    log.warning(
                        f"asking again, attempt {attempt.num} of {ATTEMPTS}",
                        **again,
                    )

                try:
                    return self._get_from_any(path, into, export, fields)
                except Unanswered as error:
                    problem = error
                    raise

        raise AssertionError("a retry context ends with a reply or an error")

    def _get_from_any(
        self,
        path: str,
        into: BinaryIO,
        export: Export | None,
        fields: log.Fields,
    ) -> tuple[ReplyKind, Reply]:
        """Ask on one session; if that one may be lost and there is another, ask there, too."""
        kind, reply, channel = self._get_once(path, into, export, fields, None)

        if kind in IN_DOUBT and len(self._pool) > 1:
            kind, reply, _ = self._get_once(path, into, export, fields, channel)

            if kind not in IN_DOUBT and self._pool.retire(channel):
                log.warning(f"the portal lost one of its TMS sessions; {len(self._pool)} left")

        return kind, reply

    def _get_once(
        self,
        path: str,
        into: BinaryIO,
        export: Export | None,
        fields: log.Fields,
        unlike: Channel | None,
    ) -> tuple[ReplyKind, Reply, Channel]:
        store_code = fields["store_code"]

        with self._pool.turn(unlike) as (channel, turn), self._budget.spend(store_code) as left_s:
            self._breaker.check()

            try:
                response = self._read(channel, turn, path, into, left_s)
            except httpx.RequestError as error:
                turn.is_given_up = isinstance(error, httpx.ReadTimeout)
                self._record_failure(error)
                raise self._unanswered(error) from error

            turn.is_answered = True

        self._breaker.record_success()

        into.seek(0)
        is_whole = decompression.has_proven_end(response)
        reply = Reply(
            response.status_code,
            response.headers,
            into.read(),
            is_whole,
        )
        kind = http_reply.classify(reply, export)

        if self._meter.serving is not Serving.SIDE_BY_SIDE:
            self._budget.give_back(store_code, turn.waited_s())

        if kind in TRANSIENT:
            reason = f"{kind.value} (status {reply.status})"
            raise Unanswered(reason, _retry_after_s(response))

        if kind in PROOFS:
            cookies.store_reply_cookies(response, channel.jar)
            self._measure(turn, fields.get("bucket", "dashboard"))

        return kind, reply, channel

    def _read(
        self,
        channel: Channel,
        turn: Turn,
        path: str,
        into: BinaryIO,
        left_s: float,
    ) -> httpx.Response:
        """Return the response, its body written to `into`, within `left_s` and its time-outs."""
        into.seek(0)
        into.truncate()

        timeout_s = self._settings.timeout_s
        waits_s = 0.0

        if self._meter.serving is not Serving.SIDE_BY_SIDE:
            # Requests that are sent a moment later may arrive sooner, as many as may be in flight.
            waits_s = timeout_s * max(turn.ahead, self._pool.in_flight_each - 1)

        silence = httpx.Timeout(
            min(waits_s + timeout_s, left_s),
            connect=min(CONNECT_S, timeout_s),
        )
        deadline = time.monotonic() + min(waits_s + 2 * timeout_s, left_s)
        address = self._settings.tms_base + path

        with channel.http.stream("GET", address, timeout=silence) as response:
            for piece in decompression.pieces(response):
                if into.tell() + len(piece) > LARGEST_BYTES:
                    raise TooLarge(f"the reply is larger than {LARGEST_BYTES:,} bytes")

                # The time-out of httpx is one of silence: a slow trickle would never end.
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout(
                        "the body does not end",
                        request=response.request,
                    )

                into.write(piece)

        return response

    def _measure(self, turn: Turn, kind: str) -> None:
        """Find out whether the portal serves one request at a time, and then go on accordingly."""
        if self._settings.concurrency == 1 or self._meter.serving is not Serving.UNKNOWN:
            return

        times = ReplyTimes(
            kind,
            turn.sent,
            turn.done,
            turn.previous_done,
            turn.ahead,
        )

        serving = self._meter.record(times)

        if self._meter.is_in_doubt():
            self._pool.send_next_alone()

        if serving is not Serving.ONE_AT_A_TIME:
            return

        with self._pace_lock:
            if self._pace is None:
                self._slow_down()

    def _slow_down(self) -> None:
        """Have one request in flight on each session; open more sessions if settings allow it."""
        self._pool.limit_each(1)

        wanted = min(self._settings.sessions, self._settings.concurrency) - 1
        if wanted > 0 and self._further_sessions is not None:
            for state in self._further_sessions(self.state(), wanted):
                self._pool.add(self._open_channel(state))

        sessions = len(self._pool)
        self._pace = Pace(sessions, sessions, self._meter.effective() or 1.0)
        log.info(str(self._pace))

    def _open_channel(self, state: SessionState) -> Channel:
        channel = Channel(state, self._host, self._settings.concurrency, self._certificates)
        self._opened.append(channel)
        return channel

    def _record_failure(self, error: httpx.RequestError) -> None:
        if _is_certificate_problem(error):
            away = PortalAway(LoginOutcome.INSECURE.message)
            self._breaker.open(away)
            raise away from error

        self._breaker.record_failure()

    def _unanswered(self, error: httpx.RequestError) -> Unanswered:
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return NotConnected("no connection")

        if isinstance(error, httpx.TimeoutException):
            return Unanswered(
                f"no whole answer within PORTAL_TIMEOUT_SECONDS ({self._settings.timeout_s:g} s)"
            )

        return Unanswered("the connection broke")

    def _is_answering(self) -> bool:
        """Return True if any answer begins; its body, which may never end, is not read."""
        with (
            suppress(httpx.RequestError),
            self._anonymous.stream(
                "GET",
                self._settings.tms_base,
                timeout=CONNECT_S,
            ),
        ):
            return True

        return False


def _pause(error: Exception) -> bool | float:
    """Return False not to ask again, True for the usual back-off, or a pause in seconds."""
    if not isinstance(error, Unanswered):
        return False

    if error.retry_after_s is None:
        return True

    return min(error.retry_after_s, RETRY_AFTER_MAX_S)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After header, which may be a date; None without one."""
    text = response.headers.get("retry-after", "").strip()

    if text.isascii() and text.isdigit():
        return float(text[:6])

    with suppress(ValueError, TypeError):
        return max(
            0.0,
            (parsedate_to_datetime(text) - dates.now()).total_seconds(),
        )

    return None


def _is_certificate_problem(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True

        error = error.__cause__ or error.__context__

    return False
