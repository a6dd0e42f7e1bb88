"""The one session of a run, shared by all threads: probed, opened, and renewed once for everybody when it expires."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from lib import dates, log
from lib.config import PortalSettings
from lib.errors import JobError, TemporaryError
from lib.portal.http.reply import Kind
from lib.portal.http.time_budget import StoreOutOfTime
from lib.portal.http.transport import NotConnected, TooLarge, Transport, Unanswered
from lib.portal.login import browser_login
from lib.portal.session import storage_state
from lib.portal.session.storage_state import State
from lib.portal.site.errors import PortalAway, Unreachable
from lib.portal.site.facts import dashboard_path
from lib.portal.site.login_outcomes import LoginOutcome

SUBMISSIONS = 2
RENEWALS = 4
#: Stores whose dashboards are asked for, one after another, until one proves the session: one alone
#: may be at fault.
WITNESSES = 3


class Access:
    """State machine: saved state -> probe -> reuse | hop | log in | stop.

    Proof is a dashboard, nothing less.
    """

    def __init__(self, settings: PortalSettings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport
        self._lock = Lock()

        self._stores: tuple[str, ...] = ()
        self._trusted: str | None = None
        self._submissions = 0
        self._renewals = 0

        self._ended: JobError | None = None
        self._proof: tuple[str, bytes] | None = None
        self._proven_at: datetime | None = None

        #: How many sessions there have been. Read it before a request, hand it to `renew` after a
        #: bad reply.
        self.generation = 0

    def open(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session; the dashboards of `stores` prove it. Raises LoginRefused or PortalAway."""
        self._stores = tuple(stores)

        try:
            return self._open()
        except Unreachable as error:
            log.warning(
                f"waiting up to {self._settings.network_wait_s:g} s for the network", error=error
            )
            if not self._transport.await_network():
                raise

            return self._open()

    def open_by_hand(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session from a person who logs in in a window; else as `open`."""
        self._stores = tuple(stores)
        return self._by_browser(storage_state.load(self._settings.storage_state), by_hand=True)

    def take_proof(self, store_code: str) -> bytes | None:
        """Hand out, once, the store's dashboard if `open` was proven by it: the portal need not give it twice."""
        with self._lock:
            proof, self._proof = self._proof, None
            if proof and proof[0] == store_code:
                return proof[1]

            self._proof = proof
            return None

    def renew(self, generation: int) -> None:
        """Make sure that there is a session newer than `generation`, or that this one lives and the page is at fault.

        Whoever comes first does it for all. Raises LoginRefused or PortalAway, then and ever after.
        """
        with self._lock:
            if self._ended:
                raise self._ended

            if self.generation == generation:
                try:
                    self._renew()
                except JobError as error:
                    self._ended = error
                    raise

    def trust(self, store_code: str) -> None:
        """Note a store that has just proven the session: the best witness when it is in doubt."""
        self._trusted = store_code
        self._proven_at = dates.now()

    def keep(self) -> None:
        """Save the session as proven replies have left it, unless it was lost or never was.

        Never raises for it: the run's work is done, and the next run can log in.
        """
        if self.generation and not self._ended:
            try:
                storage_state.save(
                    self._settings.storage_state,
                    replace(self._transport.state(), proven_at=self._proven_at),
                )
            except JobError as error:
                log.warning("the session was not kept for the next run", error=error)

    def _open(self) -> LoginOutcome:
        saved = storage_state.load(self._settings.storage_state)
        if saved and self._proves(saved):
            log.info(
                f"the saved session is {_age(saved.made_at)} old, last proven {_age(saved.proven_at)} ago"
            )
            self._keep(self._transport.state())

            return LoginOutcome.REUSED

        return self._by_browser(saved)

    def _renew(self) -> None:
        state = self._transport.state()
        if self._proves(state):
            return

        if self._renewals == RENEWALS:
            raise PortalAway(
                f"the portal lost the session {RENEWALS + 1} times in this run; run again later"
            )

        self._renewals += 1
        outcome = self._by_browser(state)
        log.warning(f"the portal lost the session; {outcome.message}")

    def _by_browser(self, saved: State | None, *, by_hand: bool = False) -> LoginOutcome:
        ending = browser_login.log_in(
            self._settings, saved, may_submit=self._may_submit, proves=self._proves, by_hand=by_hand
        )
        if ending.state is None:
            raise ending.outcome.error()

        self._keep(ending.state)
        return ending.outcome

    def _may_submit(self) -> bool:
        """Tell whether the login form may be sent once more, and count that it is."""
        self._submissions += 1
        return self._submissions <= SUBMISSIONS

    def _keep(self, state: State) -> None:
        """Take the session as this run's and save it; where there is no room for it, only the next run is worse off."""
        self._proven_at = dates.now()

        try:
            storage_state.save(
                self._settings.storage_state, replace(state, proven_at=self._proven_at)
            )
        except TemporaryError as error:
            log.warning("the session was not kept for the next run", error=error)

        self.generation += 1

    def _proves(self, state: State) -> bool:
        """Say whether TMS shows a dashboard to `state`.

        Raises PortalAway when it says nothing at all.
        """
        self._transport.use(state)
        problem: Unanswered | TooLarge | StoreOutOfTime | None = None
        answered = False

        for store_code in self._witnesses():
            path = dashboard_path(self._settings, store_code)

            try:
                kind, reply = self._transport.get(
                    path, into=io.BytesIO(), fields=log.Fields(store_code=store_code)
                )
            except (Unanswered, TooLarge, StoreOutOfTime) as error:
                problem = error
                continue

            if kind is Kind.PAGE:
                if not self.generation:
                    self._proof = (store_code, reply.body)

                return True

            answered = True

        if problem and not answered:
            kind_of_error = Unreachable if isinstance(problem, NotConnected) else PortalAway
            raise kind_of_error(
                f"the portal does not say whether we are logged in: {problem}; run again later"
            )

        return False

    def _witnesses(self) -> list[str]:
        """Return the stores to ask, the one that proved the session last before all others."""
        return list(dict.fromkeys([*filter(None, [self._trusted]), *self._stores]))[:WITNESSES]


def _age(since: datetime | None) -> str:
    return (
        "an unknown time"
        if since is None
        else str(timedelta(seconds=int((dates.now() - since).total_seconds())))
    )
