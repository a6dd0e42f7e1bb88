"""HTTP at the TMS site: whole replies, with retries of what may pass and limits for everything."""

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
from lib.portal.http.circuit_breaker import CircuitBreaker
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
TRANSIENT = frozenset({ReplyKind.RATE_LIMITED, ReplyKind.SERVER_ERROR})

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


class Transport:
    """One pool of connections for all threads, with `settings.concurrency` requests in flight."""

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._host = urlsplit(settings.tms_base).hostname or ""
        self._state = SessionState(())

        self._slots = BoundedSemaphore(settings.concurrency)
        self._budget = TimeBudget(
            run_s=settings.budget_s,
            store_s=STORE_TIMEOUTS * settings.timeout_s,
        )
        self._breaker = CircuitBreaker(
            settings.concurrency + ATTEMPTS,
            self._is_answering,
        )

        self._http = httpx.Client(
            limits=httpx.Limits(
                max_connections=None,
                max_keepalive_connections=settings.concurrency,
            ),
            follow_redirects=False,
            headers={"accept-encoding": decompression.ENCODINGS},
        )

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def stop(self) -> None:
        """Let the requests in flight end and begin no other."""
        self._breaker.open(PortalAway("the run was stopped; the next one asks for the rest"))

    def await_network(self) -> bool:
        """Wait `settings.network_wait_s` at most until TMS answers; return True if it does."""
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
        self._state = state
        self._http.cookies = cookies.make_jar(state, self._host)

        if state.user_agent:
            self._http.headers["user-agent"] = state.user_agent

    def state(self) -> SessionState:
        """Return the session as proven replies have left it."""
        return cookies.with_jar_values(self._state, self._http.cookies.jar)

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
                    return self._get_once(path, into, export, fields["store_code"])
                except Unanswered as error:
                    problem = error
                    raise

        raise AssertionError("a retry context ends with a reply or an error")

    def _get_once(
        self,
        path: str,
        into: BinaryIO,
        export: Export | None,
        store_code: str,
    ) -> tuple[ReplyKind, Reply]:
        with self._slots, self._budget.spend(store_code) as left_s:
            self._breaker.check()
            jar = self._http.cookies.jar

            try:
                response = self._read(path, into, left_s)
            except httpx.RequestError as error:
                self._record_failure(error)
                raise self._unanswered(error) from error

        self._breaker.record_success()

        into.seek(0)
        reply = Reply(response.status_code, response.headers, into.read())
        kind = http_reply.classify(reply, export)

        if kind in TRANSIENT:
            reason = f"{kind.value} (status {reply.status})"
            raise Unanswered(reason, _retry_after_s(response))

        # Not where another session has been put in place meanwhile.
        if kind in PROOFS and jar is self._http.cookies.jar:
            cookies.store_reply_cookies(response, jar)

        return kind, reply

    def _read(
        self,
        path: str,
        into: BinaryIO,
        left_s: float,
    ) -> httpx.Response:
        """Return the response, its body written to `into`, within `left_s` and two time-outs."""
        into.seek(0)
        into.truncate()

        timeout_s = self._settings.timeout_s
        deadline = time.monotonic() + min(2 * timeout_s, left_s)
        timeout = httpx.Timeout(
            min(
                timeout_s,
                left_s,
            ),
            connect=min(
                CONNECT_S,
                timeout_s,
            ),
        )

        with self._http.stream(
            "GET",
            self._settings.tms_base + path,
            timeout=timeout,
        ) as response:
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
            self._http.stream("GET", self._settings.tms_base, timeout=CONNECT_S),
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
        return max(0.0, (parsedate_to_datetime(text) - dates.now()).total_seconds())

    return None


def _is_certificate_problem(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True

        error = error.__cause__ or error.__context__

    return False
