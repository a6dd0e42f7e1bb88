"""The one session of a run, shared by all threads: probed, opened, renewed once for all of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from lib import dates, log
from lib.config import PortalSettings
from lib.errors import JobError, TemporaryError
from lib.portal.http.reply import ReplyKind
from lib.portal.http.time_budget import StoreOutOfTime
from lib.portal.http.transport import NotConnected, TooLarge, Transport, Unanswered
from lib.portal.login import browser_login
from lib.portal.session import storage_state
from lib.portal.session.storage_state import SessionState
from lib.portal.site.errors import PortalAway, Unreachable
from lib.portal.site.facts import dashboard_path
from lib.portal.site.login_outcomes import LoginOutcome

#: How often the login form is sent in one run: the portal counts logins.
MAX_SUBMISSIONS = 2

#: How often a lost session is replaced in one run.
MAX_RENEWALS = 4

#: Stores whose dashboards are asked for, one after another, until one proves the session: one
#: store alone may be at fault.
PROBES = 3

NO_REPLY = (Unanswered, TooLarge, StoreOutOfTime)


class SessionManager:
    """Owner of the session. Only a dashboard proves that a session is good.

    1. The saved session is probed, and used if it is good.
    2. Otherwise a browser follows the single sign-on link, or sends the login form first.
    3. A session that is lost later is renewed in the same way, once for all threads.
    """

    def __init__(
        self,
        settings: PortalSettings,
        transport: Transport,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._lock = Lock()

        self._stores: tuple[str, ...] = ()
        self._proven_by: str | None = None
        self._proven_at: datetime | None = None
        self._probe_page: tuple[str, bytes] | None = None

        self._submissions = 0
        self._renewals = 0
        self._final_error: JobError | None = None

        #: How many sessions there have been. Read it before a request, and hand it to `renew` after
        #: a reply that puts the session in doubt.
        self.generation = 0

    def open(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session; the dashboards of `stores` prove it. Raise LoginRefused or PortalAway."""
        self._stores = tuple(stores)

        try:
            return self._open()
        except Unreachable as error:
            wait_s = self._settings.network_wait_s
            log.warning(
                f"waiting up to {wait_s:g} s for the network",
                error=error,
            )

            if not self._transport.await_network():
                raise

            return self._open()

    def open_by_hand(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session from a person who logs in in a window; else as `open`."""
        self._stores = tuple(stores)
        saved = storage_state.load(self._settings.storage_state)

        return self._log_in(saved, by_hand=True)

    def take_probe_page(self, store_code: str) -> bytes | None:
        """Return, once, the store's dashboard if it proved the session: no need to ask twice."""
        with self._lock:
            if self._probe_page is None or self._probe_page[0] != store_code:
                return None

            _, body = self._probe_page
            self._probe_page = None
            return body

    def renew(self, generation: int) -> None:
        """Replace the session, unless `generation` was replaced already.

        The first thread does it for all. Raise LoginRefused or PortalAway, then and ever after.
        """
        with self._lock:
            if self._final_error:
                raise self._final_error

            if self.generation != generation:
                return

            try:
                self._renew()
            except JobError as error:
                self._final_error = error
                raise

    def further_sessions(
        self,
        state: SessionState,
        count: int,
    ) -> list[SessionState]:
        """Return up to `count` more TMS sessions from the same login. Never raises."""
        try:
            return browser_login.further_sessions(self._settings, state, count)
        except JobError as error:
            log.warning("no further TMS session was opened", error=error)
            return []

    def record_proof(self, store_code: str) -> None:
        """Remember the store whose page has just proven the session: the best one to probe with."""
        self._proven_by = store_code
        self._proven_at = dates.now()

    def save(self) -> None:
        """Save the session as proven replies have left it, unless there is none.

        Never raises: the run's work is done, and the next run can log in.
        """
        if self.generation == 0 or self._final_error:
            return

        state = replace(self._transport.state(), proven_at=self._proven_at)

        try:
            storage_state.save(self._settings.storage_state, state)
        except JobError as error:
            log.warning(
                "the session was not kept for the next run",
                error=error,
            )

    def _open(self) -> LoginOutcome:
        saved = storage_state.load(self._settings.storage_state)

        if saved and self._probe(saved):
            made, proven = _age(saved.made_at), _age(saved.proven_at)
            log.info(f"the saved session is {made} old, last proven {proven} ago")
            self._adopt(self._transport.state())

            return LoginOutcome.REUSED

        return self._log_in(saved)

    def _renew(self) -> None:
        state = self._transport.state()
        if self._probe(state):
            return

        if self._renewals == MAX_RENEWALS:
            raise PortalAway(
                f"the portal lost the session {MAX_RENEWALS + 1} times in this run; run again later"
            )

        self._renewals += 1
        outcome = self._log_in(state)
        log.warning(f"the portal lost the session; {outcome.message}")

    def _log_in(
        self,
        saved: SessionState | None,
        *,
        by_hand: bool = False,
    ) -> LoginOutcome:
        result = browser_login.log_in(
            self._settings,
            saved,
            may_submit=self._may_submit,
            proves=self._probe,
            by_hand=by_hand,
        )

        if result.state is None:
            raise result.outcome.error()

        self._adopt(result.state)
        return result.outcome

    def _may_submit(self) -> bool:
        """Return True if the login form may be sent once more, and count that it is."""
        self._submissions += 1
        return self._submissions <= MAX_SUBMISSIONS

    def _adopt(self, state: SessionState) -> None:
        """Use the session from now on and save it for the next run; a failed save is a warning."""
        self._proven_at = dates.now()
        proven = replace(state, proven_at=self._proven_at)

        try:
            storage_state.save(self._settings.storage_state, proven)
        except TemporaryError as error:
            log.warning(
                "the session was not kept for the next run",
                error=error,
            )

        self.generation += 1

    def _probe(self, state: SessionState) -> bool:
        """Return True if TMS shows a dashboard to `state`, which is used from now on.

        Raise PortalAway if there is no answer at all.
        """
        self._transport.use(state)
        problem: TemporaryError | None = None
        is_answered = False

        for store_code in self._probe_stores():
            path = dashboard_path(self._settings, store_code)
            fields = log.Fields(store_code=store_code)

            try:
                kind, reply = self._transport.get(
                    path,
                    into=io.BytesIO(),
                    fields=fields,
                )
            except NO_REPLY as error:
                problem = error
                continue

            if kind is ReplyKind.PAGE:
                # Only the first session of a run: later every store may have been read already.
                if self.generation == 0:
                    self._probe_page = (store_code, reply.body)

                return True

            is_answered = True

        if problem and not is_answered:
            text = f"the portal does not say whether we are logged in: {problem}; run again later"
            raise (
                Unreachable(text)
                if isinstance(
                    problem,
                    NotConnected,
                )
                else PortalAway(text)
            )

        return False

    def _probe_stores(self) -> list[str]:
        """Return the stores to probe with, first the one that proved the session last."""
        candidates = filter(None, (self._proven_by, *self._stores))
        return list(dict.fromkeys(candidates))[:PROBES]


def _age(since: datetime | None) -> str:
    if since is None:
        return "an unknown time"

    return str(timedelta(seconds=int((dates.now() - since).total_seconds())))
