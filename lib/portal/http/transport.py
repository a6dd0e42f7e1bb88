"""HTTP at the portal: whole replies, politely asked for; what may pass is retried.

Source: lessons 47 to 51, 56.
"""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import BoundedSemaphore
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
from lib.portal.http.circuit_breaker import Breaker
from lib.portal.http.reply import Kind, Reply
from lib.portal.http.time_budget import Budget
from lib.portal.session import cookies
from lib.portal.session.storage_state import State
from lib.portal.site.errors import PortalAway
from lib.portal.site.login_outcomes import LoginOutcome

ATTEMPTS = 3
BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 20.0
RETRY_AFTER_MAX_S = 30.0
CONNECT_S = 10.0
LOOK_AGAIN_MAX_S = 15.0
#: A store's requests together may take as long as so many time-outs.
STORE_TIMEOUTS = 10
LARGEST_BYTES = 64 * 1024 * 1024
MAY_PASS = frozenset({Kind.RATE_LIMITED, Kind.SERVER_ERROR})
PROOFS = frozenset({Kind.PAGE, Kind.CSV})


class Unanswered(TemporaryError):
    """No usable reply; the text says what was met in its place, without the address."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(reason)


class NotConnected(Unanswered):
    """Nobody took the connection: the name does not resolve, or the address does not answer."""


class TooLarge(TemporaryError):
    """The body is larger than anything the portal should send."""


class Transport:
    """One pool of connections for all threads, with at most `settings.concurrency` requests in flight."""

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._slots = BoundedSemaphore(settings.concurrency)
        self._budget = Budget(run_s=settings.budget_s, store_s=STORE_TIMEOUTS * settings.timeout_s)
        self._breaker = Breaker(settings.concurrency + ATTEMPTS, self._is_answering)
        self._http = httpx.Client(
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=settings.concurrency
            ),
            follow_redirects=False,
            headers={"accept-encoding": decompression.ENCODINGS},
        )

        self._host = urlsplit(settings.tms_base).hostname or ""
        self._state = State(())

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def abandon(self) -> None:
        """Let the requests in flight end and begin no other."""
        self._breaker.open(PortalAway("the run was stopped; the next one asks for the rest"))

    def await_network(self) -> bool:
        """Wait for any answer of TMS, `settings.network_wait_s` at most; return whether one came.

        Source: lesson 50.
        """
        with suppress(NotConnected):
            for attempt in stamina.retry_context(
                on=NotConnected,
                attempts=None,
                timeout=self._settings.network_wait_s,
                wait_initial=BACKOFF_FIRST_S,
                wait_max=LOOK_AGAIN_MAX_S,
            ):
                with attempt:
                    if not self._is_answering():
                        raise NotConnected("no connection")

            self._breaker.reset()
            return True

        return False

    def use(self, state: State) -> None:
        """Send these cookies from now on, and only what proven replies change of them."""
        self._state = state
        self._http.cookies = cookies.jar(state, self._host)

        if state.user_agent:
            self._http.headers["user-agent"] = state.user_agent

    def state(self) -> State:
        """Return the session as proven replies have left it."""
        return cookies.renewed(self._state, self._http.cookies.jar)

    def get(
        self, path: str, *, into: BinaryIO, fields: log.Fields, export: Export | None = None
    ) -> tuple[Kind, Reply]:
        """Ask TMS for `path` and say what came; the body is streamed through `into`, which holds it afterwards.

        Three attempts with back-off and jitter, or as Retry-After asks, within bounds. Raises
        Unanswered after them, TooLarge, StoreOutOfTime, or PortalAway when the network is dead or
        not to be trusted or the run's time is over. `fields` name the store and go with log lines.
        """
        met: Unanswered | None = None

        for attempt in stamina.retry_context(
            on=_pause,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=BACKOFF_FIRST_S,
            wait_max=BACKOFF_MAX_S,
        ):
            with attempt:
                if met:
                    again = fields | log.Fields(error=met)
                    log.warning(f"asking again, attempt {attempt.num} of {ATTEMPTS}", **again)

                try:
                    return self._once(path, into, export, fields["store_code"])
                except Unanswered as error:
                    met = error
                    raise

        raise AssertionError("a retry context ends with a reply or an error")

    def _once(
        self, path: str, into: BinaryIO, export: Export | None, store_code: str
    ) -> tuple[Kind, Reply]:
        with self._slots, self._budget.spend(store_code) as left_s:
            self._breaker.check()
            sent = self._http.cookies.jar

            try:
                response = self._read(path, into, left_s)
            except httpx.RequestError as error:
                self._note(error)
                raise self._unanswered(error) from error

        self._breaker.succeeded()
        into.seek(0)
        reply = Reply(response.status_code, response.headers, into.read())

        kind = http_reply.classify(reply, export)
        if kind in MAY_PASS:
            raise Unanswered(f"{kind.value} (status {reply.status})", _retry_after_s(response))

        if kind in PROOFS and sent is self._http.cookies.jar:
            cookies.take(response, sent)

        return kind, reply

    def _read(self, path: str, into: BinaryIO, left_s: float) -> httpx.Response:
        into.seek(0)
        into.truncate()
        deadline = time.monotonic() + min(2 * self._settings.timeout_s, left_s)

        timeout = httpx.Timeout(
            min(self._settings.timeout_s, left_s), connect=min(CONNECT_S, self._settings.timeout_s)
        )
        with self._http.stream("GET", self._settings.tms_base + path, timeout=timeout) as response:
            for piece in decompression.pieces(response):
                if into.tell() + len(piece) > LARGEST_BYTES:
                    raise TooLarge(f"the reply is larger than {LARGEST_BYTES:,} bytes")

                if time.monotonic() > deadline:
                    # The time-out of httpx is one of silence: a body that trickles would never end.
                    raise httpx.ReadTimeout("the body does not end", request=response.request)

                into.write(piece)

        return response

    def _note(self, error: httpx.RequestError) -> None:
        if _is_certificate_problem(error):
            away = PortalAway(LoginOutcome.INSECURE.message)
            self._breaker.open(away)
            raise away from error

        self._breaker.failed()

    def _unanswered(self, error: httpx.RequestError) -> Unanswered:
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return NotConnected("no connection")

        if isinstance(error, httpx.TimeoutException):
            return Unanswered(
                f"no whole answer within PORTAL_TIMEOUT_SECONDS ({self._settings.timeout_s:g} s)"
            )

        return Unanswered("the connection broke")

    def _is_answering(self) -> bool:
        """Look for the head of any answer; its body, which may never end, is not read."""
        with (
            suppress(httpx.RequestError),
            self._http.stream("GET", self._settings.tms_base, timeout=CONNECT_S),
        ):
            return True

        return False


def _pause(error: Exception) -> bool | float:
    """Say whether to ask again: stamina's back-off, or the pause in seconds that the server asked for."""
    if not isinstance(error, Unanswered):
        return False

    return True if error.retry_after_s is None else min(error.retry_after_s, RETRY_AFTER_MAX_S)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Read seconds or a date; None where the header is missing or senseless."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])

    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(text) - dates.now()).total_seconds())

    return None


def _is_certificate_problem(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True

        error = error.__cause__ or error.__context__

    return False
