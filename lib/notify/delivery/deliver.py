"""Sends what is owed, mail by mail, and records what became of each before it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import stamina
from sqlalchemy import Connection, Engine, text

from lib import dates, log, stop
from lib.config.settings import MailSettings
from lib.db.errors import DatabaseUnavailable
from lib.domain.mail_states import MailState
from lib.errors import TemporaryError
from lib.model import Status
from lib.notify.delivery import content, queries, refusals, smtp
from lib.notify.delivery.content import Origin, UnbuildableMail
from lib.notify.delivery.pacing import paced
from lib.notify.delivery.refusals import RefusalVerdict, RefusedRecipient, megabytes
from lib.notify.delivery.smtp_session import SmtpResult, SmtpSession
from lib.notify.model.addresses import InvalidAddress, masked
from lib.notify.outbox import read_queries, write_queries
from lib.notify.outbox.rules import Message

LOCK_WAIT_S = 10
#: Attempts to write down what the server said, over some 15 s: longer than a restart of the
#: database takes.
WRITES = 5
_LOCK_NOT_AVAILABLE = "55P03"


class DeliveryInProgress(TemporaryError):
    """Another process delivers mails of the same pipeline; what it leaves is for the next run."""


def deliver(
    engine: Engine,
    pipeline_name: str,
    mail: MailSettings | None,
    *,
    report_on: date,
) -> frozenset[str]:
    """Try once everything that is owed about one report date.

    1. Take the delivering lock of the pipeline.
    2. Make `uncertain` what a killed process left between claim and answer.
    3. Send each mail and record what became of it; a refusal is recorded as still owed.
    4. Decide what the refusals mean, now that it is known whether the server takes any mail.

    Return the Message-IDs of what needs a person. One mail's problem is that mail's alone; only
    DeliveryInProgress and the database's errors are raised.
    """
    with _delivering(engine, pipeline_name):
        with engine.begin() as connection:
            queries.expire_orphaned_claims(connection, pipeline_name)
            owed = read_queries.owed(connection, pipeline_name, report_on)

        attempts = list(_attempts(engine, owed, mail))
        return _decided(engine, attempts)


@dataclass(frozen=True)
class _Attempt:
    """One mail that was tried."""

    message: Message
    result: SmtpResult
    #: What its readers did not get although it was sent.
    note: str = ""

    @property
    def is_final(self) -> bool:
        """False while a refusal can only be judged with the results of the other mails."""
        return MailState.FAILED not in self.result.by_recipient.values()

    @property
    def recorded(self) -> Mapping[str, MailState]:
        """Mailbox to the state that is recorded at once: a refusal may turn out not to be final."""
        return {
            mailbox: MailState.PENDING if state is MailState.FAILED else state
            for mailbox, state in self.result.by_recipient.items()
        }


def _attempts(
    engine: Engine,
    owed: Sequence[Message],
    mail: MailSettings | None,
) -> Iterator[_Attempt]:
    """Yield each mail with what became of it, which is recorded by then."""
    try:
        origin = content.origin(mail)
    except InvalidAddress as problem:
        for message in owed:
            yield _recorded(
                engine,
                _not_offered(message, str(problem)),
                token="",
            )

        return

    if mail is None:
        return

    with SmtpSession(smtp.server(mail)) as session:
        sender = _Sender(engine, origin, session)

        for message in owed:
            with paced(engine, mail.per_minute):
                attempt = sender.send(message)

            yield attempt


@dataclass(frozen=True)
class _Sender:
    """Sends one mail after the other over one session."""

    engine: Engine
    origin: Origin
    session: SmtpSession

    def send(self, message: Message) -> _Attempt:
        """Try one mail once and record what became of it.

        1. Build its bytes.
        2. Offer them; claim its deliveries just before the final dot.
        3. If the server announces that it takes no message of that size, do both once more with
           fewer files and a word about the others.
        """
        has_files = bool(message.mail.attachments)
        attempt = self._offered(message, may_be_smaller=has_files)

        limit_bytes = attempt.result.fits_bytes
        if limit_bytes is None or not has_files:
            return attempt

        try:
            smaller = content.smaller(
                message,
                self.origin,
                limit_bytes,
            )
        except UnbuildableMail:
            return _recorded(self.engine, attempt, token="")

        with self.engine.begin() as connection:
            write_queries.store_smaller(
                connection,
                message.message_id,
                smaller.mail,
            )

        files = len(message.mail.attachments)
        left_out = files - len(smaller.mail.attachments)
        note = (
            f"sent without {left_out} of its {files} files:"
            f" this server takes {megabytes(limit_bytes)} MB at most"
        )

        return self._offered(smaller, note)

    def _offered(
        self,
        message: Message,
        note: str = "",
        *,
        may_be_smaller: bool = False,
    ) -> _Attempt:
        """Return what became of one offer; recorded unless a smaller one may follow."""
        # It tells this claim from those of all other processes.
        token = uuid4().hex

        try:
            data = content.built(message, self.origin)
        except UnbuildableMail as problem:
            attempt = _not_offered(
                message,
                str(problem),
                needs_person=problem.needs_person,
            )
            return _recorded(self.engine, attempt, token)

        with self.engine.begin() as connection:
            digest = hashlib.sha256(data).hexdigest()
            queries.record_bytes(connection, message.message_id, digest)

        with ExitStack() as deferred:

            def claim(accepted: Sequence[str]) -> bool:
                # From here on the server may have the mail: a stop waits until its answer is
                # recorded.
                deferred.enter_context(stop.deferred_signals())
                return self._claim(message.of(accepted), token)

            try:
                sender = self.origin.sender.mailbox
                result = self.session.send(
                    sender,
                    message.recipients,
                    data,
                    claim,
                )
            except BaseException:
                with suppress(Exception), self.engine.begin() as connection:
                    queries.release_claims(connection, token)

                raise

            attempt = _Attempt(message, result, note)
            if result.fits_bytes is None or not may_be_smaller:
                _recorded(self.engine, attempt, token)

        return attempt

    def _claim(
        self,
        ids: Sequence[int],
        token: str,
    ) -> bool:
        with self.engine.connect() as connection, connection.begin() as transaction:
            # All or none: a part of the recipients would be another mail.
            is_ours = queries.claim(connection, ids, token) == len(ids)
            if not is_ours:
                transaction.rollback()

        return is_ours


def _not_offered(
    message: Message,
    reason: str,
    *,
    needs_person: bool = True,
) -> _Attempt:
    states = dict.fromkeys(message.recipients, MailState.PENDING)
    return _Attempt(message, SmtpResult(states, reason, needs_person))


def _recorded(
    engine: Engine,
    attempt: _Attempt,
    token: str,
) -> _Attempt:
    """Write what became of each recipient's delivery; return the attempt."""
    retrying = stamina.retry_context(
        on=DatabaseUnavailable,
        attempts=WRITES,
        wait_initial=0.5,
        wait_max=8,
    )

    # The server gives its answer once: one that is not recorded is a person's work tomorrow.
    for trial in retrying:
        with trial, engine.begin() as connection:
            _write(connection, attempt, token)

    if attempt.is_final:
        _log(attempt, attempt.result.state)

    return attempt


def _write(
    connection: Connection,
    attempt: _Attempt,
    token: str,
) -> None:
    """Record the outcome.

    A second time changes nothing but the count of attempts of what is owed.
    """
    recorded = attempt.recorded

    for state in set(recorded.values()):
        mailboxes = [mailbox for mailbox, ended in recorded.items() if ended is state]
        ids = attempt.message.of(mailboxes)
        reason = attempt.note if state is MailState.SENT else attempt.result.reason

        queries.record_failed_attempt(connection, ids, state, reason)
        queries.record_result(
            connection,
            ids,
            token,
            state,
            reason,
        )
        queries.schedule_retry(connection, ids, dates.now())


def _decided(engine: Engine, attempts: Sequence[_Attempt]) -> frozenset[str]:
    """Record which refusals are final, and log them; return the Message-IDs that need a person."""
    need_person = {one.message.message_id for one in attempts if one.result.needs_person}
    refused = [one for one in attempts if not one.is_final]
    if not refused:
        return frozenset(need_person)

    with engine.begin() as connection:
        verdicts = _verdicts(connection, attempts)

        for attempt in refused:
            final = [
                mailbox
                for mailbox in attempt.result.refusals
                if verdicts[attempt.message.message_id, mailbox].state is MailState.FAILED
            ]
            queries.record_refusal(connection, attempt.message.of(final))

    for attempt in refused:
        mine = {
            mailbox: verdicts[attempt.message.message_id, mailbox]
            for mailbox in attempt.result.refusals
        }
        if any(verdict.needs_person for verdict in mine.values()):
            need_person.add(attempt.message.message_id)

        states = {mailbox: verdict.state for mailbox, verdict in mine.items()}
        by_recipient = {**attempt.result.by_recipient, **states}
        result = replace(attempt.result, by_recipient=by_recipient)
        _log(replace(attempt, result=result), result.state)

    return frozenset(need_person)


def _verdicts(
    connection: Connection,
    attempts: Sequence[_Attempt],
) -> Mapping[tuple[str, str], RefusalVerdict]:
    """Return by Message-ID and recipient what each refusal of these attempts means."""
    run_ids = set()
    refused = []

    for attempt in attempts:
        run_ids |= {delivery.run_id for delivery in attempt.message.deliveries}

    sent_before = queries.sent_messages(connection, run_ids)
    sent_now = {one.message.message_id for one in attempts if one.result.state is MailState.SENT}
    sent = sent_before | sent_now

    for attempt in attempts:
        message = attempt.message

        for mailbox, refusal in attempt.result.refusals.items():
            refused.append(
                RefusedRecipient(
                    message.message_id,
                    mailbox,
                    refusal,
                    is_about_run=message.mail.store_code is None,
                    has_other_reader=message.message_id in sent,
                )
            )

    return refusals.verdicts(refused, got_through=bool(sent))


def _log(attempt: _Attempt, state: MailState) -> None:
    message = attempt.message
    people = ", ".join(map(masked, message.recipients))
    reason = attempt.result.reason or attempt.note
    line = f"mail {message.mail.profile} to {people} {state}{f': {reason}' if reason else ''}"

    statuses = [ended.status for ended in attempt.result.by_recipient.values()]
    if attempt.note:
        statuses.append(Status.WARNING)

    code = message.mail.store_code
    fields: log.Fields = {"store_code": code} if code else {}
    log.ended(
        Status.worst(statuses),
        line,
        **fields,
    )


@contextmanager
def _delivering(engine: Engine, pipeline_name: str) -> Iterator[None]:
    """Hold the delivering lock of a pipeline.

    PostgreSQL releases it when this process ends: the next holder knows that no other delivers.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_WAIT_S}s'"))

        try:
            queries.lock_delivering(connection, pipeline_name)
        except DatabaseUnavailable as error:
            if getattr(error.__cause__, "pgcode", None) != _LOCK_NOT_AVAILABLE:
                raise

            raise DeliveryInProgress(
                f"another process delivers the mails of {pipeline_name}; run again"
            ) from error

        try:
            yield
        finally:
            queries.unlock_delivering(connection, pipeline_name)
            connection.execute(text("RESET lock_timeout"))
