"""Sends messages to one SMTP server over one connection.

It is opened when it is needed, and again after a drop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

import stamina

from lib import stop
from lib.domain.mail_states import MailState
from lib.notify.delivery.refusals import Meaning, Refusal, too_large
from lib.notify.delivery.smtp import (
    MessageTooLarge,
    SenderRefused,
    Server,
    ServerProblem,
    SmtpConnection,
)
from lib.notify.model.results import SendResult

#: Returns True if these recipients' deliveries are ours to end now; from then on they count as sent
#: or uncertain.
Claim = Callable[[Sequence[str]], bool]
#: Connecting and addressing, for one message; never once its content has begun to flow.
ATTEMPTS = 3
#: Messages whose connection broke one after the other before the server counts as out of reach.
MAX_LOST_IN_A_ROW = 3


@dataclass(frozen=True)
class SmtpResult(SendResult):
    """What the server did with one message, and what its refusals mean."""

    #: Mailbox to its refusal, of those that were refused.
    refusals: Mapping[str, Refusal] = field(default_factory=dict, compare=False)
    #: The message is larger than the server announces to take, and was not offered.
    fits_bytes: int | None = None


class SmtpSession:
    """A context manager; `send` never raises for what a server or a network does."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: SmtpConnection | None = None
        self._out_of_reach: ServerProblem | None = None
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
        if self._connection is None:
            return

        if error:
            self._connection.close()
        else:
            self._connection.quit()

    def send(
        self,
        sender: str,
        recipients: Sequence[str],
        message: bytes,
        claim: Claim,
    ) -> SmtpResult:
        """Offer the message to each recipient once; return what the server did with it.

        1. Connect, if there is no connection, and name sender and recipients: up to ATTEMPTS times.
           The refusal of one recipient does not stop the others.
        2. Send all but the final dot.
        3. Call `claim` with the accepted recipients; unless it returns True, the message is dropped
           unfinished.
        4. Send the final dot and read the answer.

        Once the server is out of reach every further message stays owed at once, with the same
        reason.
        """
        if self._out_of_reach:
            return _owed(recipients, self._out_of_reach)

        try:
            connection, refused = self._addressed(sender, recipients, len(message))
        except ServerProblem as problem:
            self._count_lost(problem)
            return _owed(recipients, problem)
        except SenderRefused as refusal:
            return _owed(recipients, refusal)
        except MessageTooLarge as problem:
            return _too_large(recipients, problem)

        result = self._transferred(
            connection,
            recipients,
            refused,
            message,
            claim,
        )
        lost = None if connection.is_open else ServerProblem(result.reason, is_transient=True)
        self._count_lost(lost)

        return result

    def _addressed(
        self,
        sender: str,
        recipients: Sequence[str],
        size_bytes: int,
    ) -> tuple[SmtpConnection, Mapping[str, Refusal]]:
        retrying = stamina.retry_context(
            on=lambda error: isinstance(error, ServerProblem) and error.is_transient,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=1.0,
            wait_max=30.0,
        )
        for attempt in retrying:
            with attempt:
                connection = self._open()

                try:
                    return connection, connection.address(sender, recipients, size_bytes)
                except ServerProblem:
                    connection.close()
                    raise

        raise AssertionError("stamina gives at least one attempt")

    def _open(self) -> SmtpConnection:
        if self._connection is None or not self._connection.is_open:
            self._connection = None

            try:
                self._connection = SmtpConnection(self._server)
            except ServerProblem as problem:
                self._out_of_reach = problem
                raise

        self._out_of_reach = None
        return self._connection

    def _transferred(
        self,
        connection: SmtpConnection,
        recipients: Sequence[str],
        refused: Mapping[str, Refusal],
        message: bytes,
        claim: Claim,
    ) -> SmtpResult:
        states = {}

        for recipient, refusal in refused.items():
            states[recipient] = _state(refusal)

        refusals = dict(refused)
        reasons = [_count_refused(refused)] if refused else []

        if accepted := [recipient for recipient in recipients if recipient not in refused]:
            transfer = connection.transfer(message, partial(claim, accepted))
            states |= dict.fromkeys(accepted, transfer.state)
            reason = transfer.reason

            if transfer.refusal:
                refusals |= dict.fromkeys(accepted, transfer.refusal)
            if transfer.refusal and transfer.refusal.meaning is Meaning.SIZE:
                limit_bytes = connection.size_limit_bytes
                reason = too_large(
                    len(message),
                    limit_bytes,
                    transfer.refusal.code,
                )
            if reason:
                reasons.append(reason)
        else:
            _reset(connection)

        return SmtpResult(
            states,
            "; ".join(reasons),
            refusals=refusals,
        )

    def _cut(self) -> None:
        if self._connection:
            self._connection.cut()

    def _count_lost(self, problem: ServerProblem | None) -> None:
        self._lost_in_a_row = self._lost_in_a_row + 1 if problem else 0
        if self._lost_in_a_row >= MAX_LOST_IN_A_ROW:
            self._out_of_reach = problem


def _state(refusal: Refusal) -> MailState:
    return MailState.PENDING if refusal.meaning is Meaning.LATER else MailState.FAILED


def _reset(connection: SmtpConnection) -> None:
    """End a message that no recipient takes.

    A connection that cannot even do that is opened anew for the next one.
    """
    try:
        connection.reset()
    except ServerProblem:
        connection.close()


def _owed(recipients: Sequence[str], problem: ServerProblem | SenderRefused) -> SmtpResult:
    states = dict.fromkeys(recipients, MailState.PENDING)
    return SmtpResult(
        states,
        str(problem),
        needs_person=not problem.is_transient,
    )


def _too_large(recipients: Sequence[str], problem: MessageTooLarge) -> SmtpResult:
    states = dict.fromkeys(recipients, MailState.PENDING)
    fits_bytes = None if problem.is_refused else problem.limit_bytes

    return SmtpResult(
        states,
        str(problem),
        needs_person=True,
        fits_bytes=fits_bytes,
    )


def _count_refused(refused: Mapping[str, Refusal]) -> str:
    codes = ", ".join(sorted({refusal.code for refusal in refused.values()}))
    return f"SMTP recipient: {len(refused)} refused with {codes}"
