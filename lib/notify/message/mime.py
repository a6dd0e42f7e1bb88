"""A planned mail as the very bytes that are sent.

Pure: the same mail and the same files give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from lib.notify.message import html
from lib.notify.model.addresses import Address, has_control
from lib.notify.model.rows import PDF
from lib.notify.plan.build import PlannedMail

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
) -> bytes:
    """Return the message: text and HTML, then each of `mail.attachments` with its bytes from `contents`.

    `identity` becomes the Message-ID, `dated_at` (aware) the Date. Bcc addresses are nowhere in it.
    UnsendableMessage when a header would hold a line break or the whole has more than
    `MAX_MESSAGE_BYTES`.
    """
    message = EmailMessage(policy=_WIRE)

    for name, value in _headers(mail, sender, identity).items():
        message[name] = value

    message["Date"] = dated_at
    message.set_content(mail.body)
    message.add_alternative(html.page(mail), subtype="html")

    maintype, subtype = PDF.split("/")

    for document, content in zip(mail.attachments, contents, strict=True):
        message.add_attachment(
            content, maintype=maintype, subtype=subtype, filename=document.file_name
        )

    _fix_boundaries(message, identity)
    return _bounded(message.as_bytes())


def _headers(mail: PlannedMail, sender: Address, identity: str) -> Mapping[str, object]:
    texts = {"Subject": mail.subject, "Message-ID": identity}
    for name, text in texts.items():
        if has_control(text):
            raise UnsendableMessage(f"its {name} has a line break or another control character")

    lists = {"To": mail.to, "Cc": mail.cc}
    addresses = {name: tuple(a.header() for a in group) for name, group in lists.items() if group}

    # Automatic mail that says so gets no out-of-office answers (RFC 3834).
    return {"From": sender.header(), **addresses, **texts, "Auto-Submitted": "auto-generated"}


def _fix_boundaries(message: EmailMessage, identity: str) -> None:
    """Derive the MIME boundaries from the identity; left alone they are drawn at random each time."""
    for position, part in enumerate(part for part in message.walk() if part.is_multipart()):
        digest = hashlib.sha256(f"{identity}{position}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")


def _bounded(message: bytes) -> bytes:
    if len(message) > MAX_MESSAGE_BYTES:
        raise UnsendableMessage(
            f"it would have {len(message)} bytes; at most {MAX_MESSAGE_BYTES} are sent"
        )

    return message
