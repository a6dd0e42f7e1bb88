"""A planned mail as the very bytes that are sent.

Pure: the same mail and the same files give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lib.notify.message import headers, html
from lib.notify.model.addresses import Address, has_control
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import PDF

#: As transferred, base64 included: what common servers accept.
MAX_MESSAGE_BYTES = 25 * 1024 * 1024

#: CRLF and ASCII only, so that no server has to offer 8BITMIME.
_WIRE = SMTP.clone(cte_type="7bit")


class UnsendableMessage(ValueError):
    """The mail cannot be made into a message; the text says why."""


def build(
    mail: PlannedMail,
    *,
    sender: Address,
    identity: str,
    dated_at: datetime,
    contents: Sequence[bytes],
    reply_to: Address | None = None,
) -> bytes:
    """Return the message: text and HTML, then each of `mail.attachments` from `contents`.

    `identity` becomes the Message-ID, `dated_at` (aware) the Date. Bcc addresses are nowhere in it.
    Raise UnsendableMessage if a header would hold a line break or the whole would have more than
    `MAX_MESSAGE_BYTES`.
    """
    message = EmailMessage(policy=_WIRE)
    message.set_content(mail.body)
    message.add_alternative(html.page(mail), subtype="html")

    maintype, subtype = PDF.split("/")

    for document, content in zip(
        mail.attachments,
        contents,
        strict=True,
    ):
        message.add_attachment(
            content,
            maintype=maintype,
            subtype=subtype,
            filename=document.attached_as,
        )

    _fix_boundaries(message, identity)

    fields = _fields(
        mail,
        sender,
        reply_to,
        identity,
        dated_at,
    )
    return _bounded(headers.block(fields) + message.as_bytes())


def _fields(
    mail: PlannedMail,
    sender: Address,
    reply_to: Address | None,
    identity: str,
    dated_at: datetime,
) -> Mapping[str, str]:
    for name, value in {"Subject": mail.subject, "Message-ID": identity}.items():
        if has_control(value):
            raise UnsendableMessage(f"its {name} has a line break or another control character")

    lists = {
        "From": (sender,),
        "Reply-To": (reply_to,) if reply_to else (),
        "To": mail.to,
        "Cc": mail.cc,
    }
    fields = {name: headers.mailboxes(group) for name, group in lists.items() if group}

    return fields | {
        "Subject": headers.text("Subject", mail.subject),
        "Message-ID": identity,
        "Date": format_datetime(dated_at),
        # Automatic mail that says so gets no out-of-office answers (RFC 3834).
        "Auto-Submitted": "auto-generated",
    }


def _fix_boundaries(message: EmailMessage, identity: str) -> None:
    # Left alone they are drawn at random each time, and the same mail would have other bytes.
    multiparts = [part for part in message.walk() if part.is_multipart()]

    for position, part in enumerate(multiparts):
        digest = hashlib.sha256(f"{identity}{position}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")


def _bounded(message: bytes) -> bytes:
    if len(message) > MAX_MESSAGE_BYTES:
        raise UnsendableMessage(
            f"it would have {len(message)} bytes; at most {MAX_MESSAGE_BYTES} are sent"
        )

    return message
