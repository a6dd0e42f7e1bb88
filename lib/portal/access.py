"""The one session of a run, shared by all threads: probed, opened, and renewed once for everybody when it expires."""

from __future__ import annotations

import io
from collections.abc import Sequence
from threading import Lock

from lib import log
from lib.config import PortalSettings
from lib.errors import ConfigurationError, JobError
from lib.portal import session, storage
from lib.portal.errors import PortalAway
from lib.portal.outcomes import LoginOutcome
from lib.portal.pages import dashboard_path
from lib.portal.replies import Kind
from lib.portal.storage import State
from lib.portal.transport import Transport, Unanswered

SUBMISSIONS = 2
RENEWALS = 4
WITNESSES = 3
"""Stores whose dashboards are asked for, one after another, until one proves the session: one alone may be at fault."""


class Access:
    """State machine: saved state -> probe -> reuse | hop | log in | stop. Proof is a dashboard, nothing less."""

    def __init__(self, settings: PortalSettings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport
        self._lock = Lock()
        self._stores: tuple[str, ...] = ()
        self._trusted: str | None = None
        self._submissions = 0
        self._renewals = 0
        self._ended: JobError | None = None
        self.generation = 0
        """How many sessions there have been. Read it before a request, hand it to `renew` after a bad reply."""

    def open(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session; the dashboards of `stores` prove it. Raises LoginRefused or PortalAway."""
        self._stores = tuple(stores)
        saved = storage.load(self._settings.storage_state)
        if saved and self._proves(saved):
            self._keep(self._transport.state())
            return LoginOutcome.REUSED
        return self._by_browser(saved)

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

    def keep(self) -> None:
        """Save the session as proven replies have left it, unless it was lost or never was.

        Never raises for it: the run's work is done, and the next run can log in.
        """
        if self.generation and not self._ended:
            try:
                storage.save(self._settings.storage_state, self._transport.state())
            except ConfigurationError as error:
                log.warning("the session was not kept for the next run", error=error)

    def _renew(self) -> None:
        state = self._transport.state()
        if self._proves(state):
            return
        if self._renewals == RENEWALS:
            raise PortalAway(f"the portal lost the session {RENEWALS + 1} times in this run; run again later")
        self._renewals += 1
        outcome = self._by_browser(state)
        log.warning(f"the portal lost the session; {outcome.message}")

    def _by_browser(self, saved: State | None) -> LoginOutcome:
        may_submit = self._submissions < SUBMISSIONS
        ending = session.log_in(self._settings, saved, may_submit=may_submit, proves=self._proves)
        self._submissions += ending.submitted
        if ending.state is None:
            raise ending.outcome.error()
        self._keep(ending.state)
        return ending.outcome

    def _keep(self, state: State) -> None:
        storage.save(self._settings.storage_state, state)
        self.generation += 1

    def _proves(self, state: State) -> bool:
        """Say whether TMS shows a dashboard to `state`. Raises PortalAway when it says nothing at all."""
        self._transport.use(state)
        problem: Unanswered | None = None
        answered = False
        for store_code in self._witnesses():
            path = dashboard_path(self._settings, store_code)
            try:
                kind, _ = self._transport.get(path, into=io.BytesIO(), fields=log.Fields(store_code=store_code))
            except Unanswered as error:
                problem = error
                continue
            if kind is Kind.PAGE:
                return True
            answered = True
        if problem and not answered:
            raise PortalAway(f"the portal does not say whether we are logged in: {problem}; run again later")
        return False

    def _witnesses(self) -> list[str]:
        """Return the stores to ask, the one that proved the session last before all others."""
        return list(dict.fromkeys([*filter(None, [self._trusted]), *self._stores]))[:WITNESSES]
