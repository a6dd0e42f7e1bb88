"""Hands what is owed to the server, mail by mail, and writes down what became of each before it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import stamina
from sqlalchemy import Connection, Engine, text

from lib import dates, errors, log, stop
from lib.config.settings import MailSettings
from lib.db.errors import DatabaseUnavailable
from lib.errors import TemporaryError
from lib.model import Status
from lib.notify.delivery import queries, smtp
from lib.notify.delivery.smtp_session import Courier
from lib.notify.message import attachment_files, mime
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress, masked
from lib.notify.model.results import Handover, MailState
from lib.notify.model.rows import Document
from lib.notify.outbox import read_queries
from lib.notify.outbox.rules import Message

LOCK_WAIT_S = 10
#: Attempts to write down what the server said, over some 15 s: longer than a restart of the
#: database takes.
WRITES = 5
_LOCK_NOT_AVAILABLE = "55P03"


class DeliveryInProgress(TemporaryError):
    """Another process delivers mails of the same pipeline; what it leaves is for the next run."""


def deliver(
    engine: Engine, pipeline_name: str, mail: MailSettings | None, *, report_on: date
) -> frozenset[str]:
    """Try once everything that is owed about one report date; return the Message-IDs of what needs a person.

    What a dead process left between claim and answer becomes `uncertain` first. One mail's problem
    is that mail's alone; only DeliveryInProgress and the database's errors are raised.
    """
    with _delivering(engine, pipeline_name):
        with engine.begin() as connection:
            queries.bury(connection, pipeline_name)
            owed = read_queries.owed(connection, pipeline_name, report_on)

        return frozenset(
            one.message_id for one, ended in _handed_over(engine, owed, mail) if ended.needs_person
        )


def _handed_over(
    engine: Engine, owed: Sequence[Message], mail: MailSettings | None
) -> Iterator[tuple[Message, Handover]]:
    """Yield each message with what became of it, which is written down by then."""
    try:
        sender, server = _sender(mail)
    except InvalidAddress as problem:
        for message in owed:
            yield message, _record(engine, message, "", _kept(message, str(problem)))

        return

    with Courier(server) as courier:
        for message in owed:
            yield message, _Delivering(engine, sender, courier, uuid4().hex).hand_over(message)


@dataclass(frozen=True)
class _Delivering:
    """One message on its way; `token` tells its claim from everybody else's."""

    engine: Engine
    sender: Address
    courier: Courier
    token: str

    def hand_over(self, message: Message) -> Handover:
        try:
            content = built(message, self.sender)
        except Unbuildable as problem:
            return _record(
                self.engine, message, self.token, _kept(message, str(problem), problem.needs_person)
            )

        with self.engine.begin() as connection:
            queries.record_bytes(
                connection, message.message_id, hashlib.sha256(content).hexdigest()
            )

        with ExitStack() as held_back:

            def claim(accepted: Sequence[str]) -> bool:
                # From here on the server may have the mail: a stop waits until its answer is
                # written down.
                held_back.enter_context(stop.deferred_signals())
                return self._claim(message.of(accepted))

            try:
                handover = self.courier.hand_over(
                    self.sender.mailbox, message.recipients, content, claim
                )
            except BaseException:
                with suppress(Exception), self.engine.begin() as connection:
                    queries.abandon(connection, self.token)

                raise

            handover = _record(self.engine, message, self.token, handover)

        return handover  # noqa: RET504 - for all that mypy knows, the block may swallow an error

    def _claim(self, ids: Sequence[int]) -> bool:
        with self.engine.connect() as connection, connection.begin() as transaction:
            is_ours = queries.claim(connection, ids, self.token) == len(ids)
            if not is_ours:
                transaction.rollback()

        return is_ours


class Unbuildable(Exception):
    """The bytes of a mail cannot be made; the text says why."""

    def __init__(self, reason: str, *, needs_person: bool) -> None:
        #: Only a person can change that; a report's missing file comes again with its report.
        self.needs_person = needs_person
        super().__init__(reason)


def built(message: Message, sender: Address) -> bytes:
    """Return the very bytes of a message; Unbuildable, whatever is wrong with it."""
    mail = message.mail
    if mail.problem:
        raise Unbuildable(mail.problem, needs_person=True)

    if not mail.body:
        raise Unbuildable(
            "jobs.prune removed its text: it was settled long ago", needs_person=False
        )

    try:
        contents = _contents(mail.attachments)
        return mime.build(
            mail,
            sender=sender,
            identity=message.message_id,
            dated_at=message.dated_at,
            contents=contents,
        )
    except attachment_files.UnusableFile as problem:
        raise Unbuildable(str(problem), needs_person=False) from problem
    except mime.UnsendableMessage as problem:
        raise Unbuildable(str(problem), needs_person=True) from problem
    except Exception as error:
        # Whatever a library finds wrong with one mail stops that mail only.
        raise Unbuildable(
            f"the message cannot be built: {errors.describe(error)}", needs_person=True
        ) from error


def _contents(documents: Iterable[Document]) -> list[bytes]:
    """Read the files of a mail; UnsendableMessage as soon as they are too many for any mail."""
    contents: list[bytes] = []

    for document in documents:
        contents.append(attachment_files.content(document))
        if sum(map(len, contents)) > mime.MAX_MESSAGE_BYTES:
            raise mime.UnsendableMessage(
                f"its files have more than {mime.MAX_MESSAGE_BYTES} bytes together"
            )

    return contents


def _sender(mail: MailSettings | None) -> tuple[Address, smtp.Server]:
    if mail is None:
        raise InvalidAddress("REPORT_EMAIL_SMTP_HOST or REPORT_EMAIL_FROM is not set")

    try:
        return addresses.sender(mail.sender), smtp.server(mail)
    except InvalidAddress as error:
        raise InvalidAddress(f"REPORT_EMAIL_FROM cannot be used: {error}") from None


def _kept(message: Message, reason: str, needs_person: bool = True) -> Handover:
    return Handover(dict.fromkeys(message.recipients, MailState.PENDING), reason, needs_person)


def _record(engine: Engine, message: Message, token: str, handover: Handover) -> Handover:
    """Write and tell what became of each recipient's delivery; return it."""
    # Nobody can ask the server again: an answer that is not written down is a person's work
    # tomorrow.
    for attempt in stamina.retry_context(
        on=DatabaseUnavailable, attempts=WRITES, wait_initial=0.5, wait_max=8
    ):
        with attempt, engine.begin() as connection:
            _write(connection, message, token, handover)

    _tell(message, handover)
    return handover


def _write(connection: Connection, message: Message, token: str, handover: Handover) -> None:
    """Write down the outcome; a second time changes nothing but the count of attempts of what is owed."""
    for state in set(handover.by_recipient.values()):
        ids = message.of(
            mailbox for mailbox, ended in handover.by_recipient.items() if ended is state
        )
        reason = "" if state is MailState.SENT else handover.reason
        queries.missed(connection, ids, state, reason)
        queries.settle(connection, ids, token, state, reason)
        queries.postpone(connection, ids, dates.now())


def _tell(message: Message, handover: Handover) -> None:
    people = ", ".join(map(masked, message.recipients))
    reason = f": {handover.reason}" if handover.reason else ""
    code = message.mail.store_code

    fields: log.Fields = {"store_code": code} if code else {}
    status = Status.worst([state.status for state in handover.by_recipient.values()])
    log.ended(status, f"mail {message.mail.profile} to {people} {handover.state}{reason}", **fields)


@contextmanager
def _delivering(engine: Engine, pipeline_name: str) -> Iterator[None]:
    """Hold the delivering lock of a pipeline: it dies with this process, so whoever has it next is alone."""
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
