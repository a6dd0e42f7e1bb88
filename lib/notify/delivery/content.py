"""The bytes of a stored mail, and the smaller ones for a server that takes no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lib import errors
from lib.config.settings import MailSettings
from lib.notify.message import attachment_files, mime
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.rows import Document
from lib.notify.outbox.digest import fitting, too_big_note
from lib.notify.outbox.rules import Message

#: Base64 makes four letters of three bytes, and a line end of each 76 letters.
_BASE64_GROWTH = 4 / 3 * 78 / 76
#: Of an attached file's header lines and boundary.
_PART_BYTES = 1_000


class UnbuildableMail(Exception):
    """The bytes of a mail cannot be made; the text says why."""

    def __init__(
        self,
        reason: str,
        *,
        needs_person: bool,
    ) -> None:
        #: Only a person can change that; a report's missing file comes again with its report.
        self.needs_person = needs_person
        super().__init__(reason)


@dataclass(frozen=True)
class Origin:
    """Where our mail comes from, and where answers to it go."""

    sender: Address
    reply_to: Address | None = None


def origin(mail: MailSettings | None) -> Origin:
    """Return the origin that the settings name; raise InvalidAddress if they name none."""
    if mail is None:
        raise InvalidAddress("REPORT_EMAIL_SMTP_HOST or REPORT_EMAIL_FROM is not set")

    reply_to = _setting("REPORT_EMAIL_REPLY_TO", mail.reply_to) if mail.reply_to else None
    return Origin(_setting("REPORT_EMAIL_FROM", mail.sender), reply_to)


def _setting(name: str, value: str) -> Address:
    try:
        return addresses.sender(value)
    except InvalidAddress as error:
        raise InvalidAddress(f"{name} cannot be used: {error}") from None


def built(message: Message, origin: Origin) -> bytes:
    """Return the very bytes of a message; raise UnbuildableMail if anything is wrong with it."""
    mail = message.mail
    if mail.problem:
        raise UnbuildableMail(mail.problem, needs_person=True)

    if not mail.body:
        text = "jobs.prune removed its text: nothing of it had been owed for long"
        raise UnbuildableMail(text, needs_person=False)

    try:
        return mime.build(
            mail,
            sender=origin.sender,
            reply_to=origin.reply_to,
            identity=message.message_id,
            dated_at=message.dated_at,
            contents=_contents(mail.attachments),
        )
    except attachment_files.UnusableAttachment as problem:
        raise UnbuildableMail(str(problem), needs_person=False) from problem
    except mime.UnsendableMessage as problem:
        raise UnbuildableMail(str(problem), needs_person=True) from problem
    except Exception as error:
        # Whatever a library finds wrong with one mail stops that mail only.
        text = f"the message cannot be built: {errors.describe(error)}"
        raise UnbuildableMail(text, needs_person=True) from error


def smaller(
    message: Message,
    origin: Origin,
    limit_bytes: int,
) -> Message:
    """Return the message with as many of its files as make it no larger than `limit_bytes`.

    The newest ones first. The text names the others.
    """
    mail = message.mail
    everything_left_out = f"{mail.body}\n\n{too_big_note(mail.attachments)}"
    bare = replace(
        mail,
        attachments=(),
        body=everything_left_out,
    )
    room = limit_bytes - len(built(replace(message, mail=bare), origin))

    attached, left_out = fitting(
        mail.attachments,
        _transferred_bytes,
        room,
    )
    body = f"{mail.body.rstrip()}\n\n{too_big_note(left_out)}\n"

    return replace(
        message,
        mail=replace(
            mail,
            attachments=attached,
            body=body,
        ),
    )


def _transferred_bytes(document: Document) -> int:
    """Return how many bytes a file adds to a message, at most."""
    # Its name is in the message twice more: as the part's, and perhaps on the page.
    names = 20 * len(document.attached_as.encode())
    return int(attachment_files.size_bytes(document) * _BASE64_GROWTH) + _PART_BYTES + names


def _contents(documents: Iterable[Document]) -> list[bytes]:
    """Return the files of a mail; raise UnsendableMessage if no mail could carry them."""
    contents: list[bytes] = []

    for document in documents:
        contents.append(attachment_files.content(document))

        # Before the next one is read: many large files would fill the memory.
        if sum(map(len, contents)) > mime.MAX_MESSAGE_BYTES:
            raise mime.UnsendableMessage(
                f"its files have more than {mime.MAX_MESSAGE_BYTES} bytes together"
            )

    return contents
