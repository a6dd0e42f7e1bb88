"""Hands messages to one SMTP server over one connection, which it opens when needed and again after a drop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import stamina

from lib import stop
from lib.notify.delivery.smtp import (
    Link,
    LinkProblem,
    SenderRefused,
    Server,
    refusal_state,
)
from lib.notify.model.results import Handover, MailState

#: Tells whether these recipients' deliveries are ours to end now; from then on they count as sent
#: or uncertain.
Claim = Callable[[Sequence[str]], bool]
#: Connecting and addressing, for one message; never once its content has begun to flow.
ATTEMPTS = 3
#: Messages whose link broke one after the other before the server counts as out of reach.
MAX_LOST_IN_A_ROW = 3


class Courier:
    """A context manager; `hand_over` never raises for what a server or a network does."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._link: Link | None = None
        self._out_of_reach: LinkProblem | None = None

        self._lost_in_a_row = 0

    def __enter__(self) -> Self:
        stop.on_timeout(self._cut)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._link:
            self._link.close() if error else self._link.quit()

    def hand_over(
        self, sender: str, recipients: Sequence[str], message: bytes, claim: Claim
    ) -> Handover:
        """Offer the message to each recipient once; the refusal of one does not stop the others.

        `claim` is asked, with the accepted recipients, when all but the final dot is sent; unless
        it says True, the message is dropped unfinished. Once the server is out of reach every
        further message stays owed at once, with the same reason.
        """
        if self._out_of_reach:
            return _owed(recipients, self._out_of_reach)

        try:
            link, refused = self._addressed(sender, recipients, len(message))
        except LinkProblem as problem:
            self._count_lost(problem)
            return _owed(recipients, problem)
        except SenderRefused as refusal:
            return _owed(recipients, refusal)

        handover = self._transferred(link, recipients, refused, message, claim)
        self._count_lost(None if link.is_open else LinkProblem(handover.reason, is_transient=True))

        return handover

    def _addressed(
        self, sender: str, recipients: Sequence[str], size_bytes: int
    ) -> tuple[Link, Mapping[str, str]]:
        retrying = stamina.retry_context(
            on=lambda error: isinstance(error, LinkProblem) and error.is_transient,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=1.0,
            wait_max=30.0,
        )
        for attempt in retrying:
            with attempt:
                link = self._open_link()

                try:
                    return link, link.address(sender, recipients, size_bytes)
                except LinkProblem:
                    link.close()
                    raise

        raise AssertionError("stamina gives at least one attempt")

    def _open_link(self) -> Link:
        if self._link is None or not self._link.is_open:
            self._link = None

            try:
                self._link = Link(self._server)
            except LinkProblem as problem:
                self._out_of_reach = problem
                raise

        self._out_of_reach = None
        return self._link

    def _transferred(
        self,
        link: Link,
        recipients: Sequence[str],
        refused: Mapping[str, str],
        message: bytes,
        claim: Claim,
    ) -> Handover:
        states = {recipient: refusal_state(code) for recipient, code in refused.items()}
        reasons = [_refusals(refused)] if refused else []

        if accepted := [recipient for recipient in recipients if recipient not in refused]:
            state, reason = link.transfer(message, partial(claim, accepted))
            states |= dict.fromkeys(accepted, state)
            reasons += [reason] if reason else []
        else:
            _forget(link)

        return Handover(states, "; ".join(reasons))

    def _cut(self) -> None:
        if self._link:
            self._link.cut()

    def _count_lost(self, problem: LinkProblem | None) -> None:
        self._lost_in_a_row = self._lost_in_a_row + 1 if problem else 0
        if self._lost_in_a_row >= MAX_LOST_IN_A_ROW:
            self._out_of_reach = problem


def _forget(link: Link) -> None:
    """End a message that nobody accepted; a link that cannot even do that is opened anew for the next one."""
    try:
        link.reset()
    except LinkProblem:
        link.close()


def _owed(recipients: Sequence[str], problem: LinkProblem | SenderRefused) -> Handover:
    states = dict.fromkeys(recipients, MailState.PENDING)
    return Handover(states, str(problem), needs_person=not problem.is_transient)


def _refusals(refused: Mapping[str, str]) -> str:
    codes = ", ".join(sorted(set(refused.values())))
    return f"SMTP recipient: {len(refused)} refused with {codes}"
