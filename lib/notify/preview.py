"""What would go out, to the byte, without anything going out: what `jobs.notifications_test` shows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from lib.config.settings import MailSettings, Settings
from lib.errors import ConfigurationError
from lib.files import replacing
from lib.model import Finding
from lib.notify.delivery import deliver, smtp
from lib.notify.delivery.deliver import Unbuildable
from lib.notify.delivery.smtp import Link
from lib.notify.delivery.smtp_session import Courier
from lib.notify.message import html
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.results import Handover, MailState
from lib.notify.outbox import enqueue, read_queries
from lib.notify.outbox.rules import Message
from lib.notify.plan import queries


@dataclass(frozen=True)
class Rehearsed:
    """One mail of a run, made but not sent."""

    message: Message
    #: Empty when it cannot be made.
    content: bytes
    #: Why it cannot be made; empty when it can.
    problem: str

    @property
    def name(self) -> str:
        """How a file of it is called, without an ending; the rows may say what they like."""
        words = "_".join(filter(None, [self.message.mail.profile, self.message.mail.store_code]))
        return re.sub(r"[^A-Za-z0-9_-]", "_", words)[:100]

    @property
    def sha256(self) -> str:
        """Of the bytes, as `notification_messages.sha256` has them once they were offered to a server."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def rehearse(
    engine: Engine, pipeline_name: str, run_id: str, settings: Settings
) -> tuple[list[Rehearsed], tuple[Finding, ...]]:
    """Return the mails about the run's period, sent ones included, as `jobs.notify` would send them now.

    It plans in a transaction that is undone, so that these are the very bytes, and leaves nothing
    behind.
    """
    with engine.connect() as connection, connection.begin() as transaction:
        plan = enqueue.plan_notifications_for_run(
            connection, pipeline_name, run_id, settings=settings
        )
        report_on = queries.report_date(connection, run_id)
        found = read_queries.of_period(connection, pipeline_name, report_on) if report_on else []

        transaction.rollback()

    return [_rehearsed(message, sender(settings.mail)) for message in found], plan.findings


def _rehearsed(message: Message, sender: Address) -> Rehearsed:
    try:
        return Rehearsed(message, deliver.built(message, sender), "")
    except Unbuildable as problem:
        return Rehearsed(message, b"", str(problem))


def sender(mail: MailSettings | None) -> Address:
    """Return whom our mail comes from; ConfigurationError when nobody can be it."""
    try:
        return addresses.sender(mail.sender if mail else "")
    except InvalidAddress as error:
        raise ConfigurationError(f"REPORT_EMAIL_FROM cannot be used: {error}") from None


def greet(mail: MailSettings) -> None:
    """Connect, protect and log in as a delivery would, and leave; smtp.LinkProblem says at which stage that ends."""
    Link(smtp.server(mail)).quit()


def write(rehearsed: list[Rehearsed], directory: Path) -> list[Path]:
    """Write each mail that can be made as `NN_<profile>_<store>.eml` and its page as `.html`; return the mails.

    For the owner's eyes only, and never through a link that somebody put there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []

    for number, one in enumerate((one for one in rehearsed if one.content), 1):
        path = directory / f"{number:02}_{one.name}.eml"
        for file, content in (
            (path, one.content),
            (path.with_suffix(".html"), html.page(one.message.mail).encode()),
        ):
            with replacing(file, durable=False) as stream:
                stream.write(content)

        written.append(path)

    return written


def send_one(one: Rehearsed, address: Address, mail: MailSettings) -> Handover:
    """Send the mail's subject, text and attachments to `address` only, under another Message-ID.

    Nobody else is in its envelope or in its headers, so that neither it nor an answer to it can
    reach a real reader.
    """
    origin = sender(mail)
    alone = replace(
        one.message.mail, to=(address,), cc=(), bcc=(), subject=f"[test] {one.message.mail.subject}"
    )
    identity = f"<test-{one.sha256[:40]}@{origin.domain}>"

    try:
        content = deliver.built(replace(one.message, mail=alone, message_id=identity), origin)
    except Unbuildable as problem:
        return Handover({address.mailbox: MailState.PENDING}, str(problem), problem.needs_person)

    with Courier(smtp.server(mail)) as courier:
        return courier.hand_over(origin.mailbox, [address.mailbox], content, lambda _: True)
