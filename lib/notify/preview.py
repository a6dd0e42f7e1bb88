"""Shows what would go out, to the byte, without sending it: for `jobs.notifications_test`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from lib.config.settings import MailSettings, Settings
from lib.domain.mail_states import MailState
from lib.errors import ConfigurationError
from lib.files import replacing
from lib.model import Finding
from lib.notify.delivery import content, smtp
from lib.notify.delivery.content import Origin, UnbuildableMail
from lib.notify.delivery.smtp import SmtpConnection
from lib.notify.delivery.smtp_session import SmtpSession
from lib.notify.message import html
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.results import SendResult
from lib.notify.outbox import enqueue, read_queries
from lib.notify.outbox.rules import Message
from lib.notify.plan import queries

#: The page that leads to all previewed mails.
INDEX = "index.html"
_INDEX_TEMPLATE = Path(__file__).with_name("preview.html")

_MAX_NAME_CHARS = 100


@dataclass(frozen=True)
class PreviewedMail:
    """One mail of a run, made but not sent."""

    message: Message
    #: Empty when it cannot be made.
    content: bytes
    #: Why it cannot be made; empty when it can.
    problem: str

    @property
    def name(self) -> str:
        """The name of its files, without an ending; plain whatever the rows say."""
        words = filter(None, [self.message.mail.profile, self.message.mail.store_code])
        return re.sub(
            r"[^A-Za-z0-9_-]",
            "_",
            "_".join(words),
        )[:_MAX_NAME_CHARS]

    @property
    def sha256(self) -> str:
        """Of the bytes, as `notification_messages.sha256` has them after they were offered."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def preview_mails(
    engine: Engine,
    pipeline_name: str,
    run_id: str,
    settings: Settings,
) -> tuple[list[PreviewedMail], tuple[Finding, ...]]:
    """Return the mails about the run's period, as `jobs.notify` would send them now.

    Sent ones included. It plans in a transaction that is undone, so that these are the very bytes,
    and leaves nothing behind.
    """
    with engine.connect() as connection, connection.begin() as transaction:
        plan = enqueue.plan_notifications_for_run(
            connection,
            pipeline_name,
            run_id,
            settings=settings,
        )
        report_on = queries.report_date(connection, run_id)
        found = (
            read_queries.of_period(
                connection,
                pipeline_name,
                report_on,
            )
            if report_on
            else []
        )

        # A look changes nothing: not even which content is the newest.
        transaction.rollback()

    origin = _origin(settings.mail)
    return [_previewed(message, origin) for message in found], plan.findings


def _previewed(message: Message, origin: Origin) -> PreviewedMail:
    try:
        return PreviewedMail(
            message,
            content.built(message, origin),
            "",
        )
    except UnbuildableMail as problem:
        return PreviewedMail(message, b"", str(problem))


def _origin(mail: MailSettings | None) -> Origin:
    try:
        return content.origin(mail)
    except InvalidAddress as error:
        raise ConfigurationError(str(error)) from None


def check_server(mail: MailSettings) -> None:
    """Connect, protect and log in as a delivery would, and leave.

    Raise ServerProblem with the stage at which that ends.
    """
    SmtpConnection(smtp.server(mail)).quit()


def write_files(mails: Iterable[PreviewedMail], directory: Path) -> list[Path]:
    """Write each mail that can be made as `NN_<profile>_<store>.eml` and its page as `.html`.

    `index.html` leads to all of them and says what cannot be made. Return its path and those of the
    mails. For the owner's eyes only, and never through a link that somebody put there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    rows = []

    for one in mails:
        path = None

        if one.content:
            path = directory / f"{len(written) + 1:02}_{one.name}.eml"
            _write(path, one.content)
            _write(path.with_suffix(".html"), html.page(one.message.mail).encode())
            written.append(path)

        rows.append(_row(one, path))

    index = directory / INDEX
    _write(index, html.template(_INDEX_TEMPLATE).render(rows=rows).encode())

    return [index, *written]


def _write(path: Path, content: bytes) -> None:
    with replacing(path, durable=False) as stream:
        stream.write(content)


def _row(one: PreviewedMail, path: Path | None) -> dict[str, object]:
    """Return what the index says of one mail; addresses are masked, as everywhere but in mails."""
    mail = one.message.mail

    return {
        "subject": mail.subject,
        "readers": [*map(str, (*mail.to, *mail.cc, *mail.bcc))],
        "attachments": [document.attached_as for document in mail.attachments],
        "problem": one.problem,
        "file": path and path.name,
        "page": path and path.with_suffix(".html").name,
    }


def send_test_mail(
    one: PreviewedMail,
    address: Address,
    mail: MailSettings,
) -> SendResult:
    """Send the mail's subject, text and attachments to `address` only, under another Message-ID.

    No reader of the mail is in its envelope or in its headers, so that neither it nor an answer to
    it can reach one.
    """
    origin = _origin(mail)
    planned = one.message.mail
    alone = replace(
        planned,
        to=(address,),
        cc=(),
        bcc=(),
        subject=f"[test] {planned.subject}",
    )
    identity = f"<test-{one.sha256[:40]}@{origin.sender.domain}>"

    try:
        data = content.built(
            replace(
                one.message,
                mail=alone,
                message_id=identity,
            ),
            origin,
        )
    except UnbuildableMail as problem:
        states = {address.mailbox: MailState.PENDING}
        return SendResult(
            states,
            str(problem),
            problem.needs_person,
        )

    with SmtpSession(smtp.server(mail)) as session:
        return session.send(origin.sender.mailbox, [address.mailbox], data, lambda _: True)
