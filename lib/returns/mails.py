"""What a mail that came back is: who sent it, and the PDFs in it.

Pure. Nothing of a mail is believed but what its own server can know: that a sender is no forgery is
for that server to check.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from lib.returns.model import MAX_PDF_BYTES, ReturnedPdf

#: A mail with a PDF of MAX_PDF_BYTES, which is a third larger in it, and some words.
MAX_MAIL_BYTES = 20 * 1024 * 1024
#: Of one mail: an owner of several stores may answer all with one.
MOST_PDFS = 20
#: A PDF may have some bytes before its first line.
_MARK, _MARK_WITHIN = b"%PDF-", 1024
_ENCODING = "Content-Transfer-Encoding"
_COMMENT = re.compile(r"\([^()]*\)")
#: What reading a mail of the world may raise, whose lines and parts are whatever they are.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class UnreadableMail(Exception):
    """The mail cannot be taken apart."""


def sender(header: bytes) -> str | None:
    """Return the one address of the mail's `From`, in lower case.

    None if there is none or several, and for mails that a machine sent: an answer to one might be
    answered.
    """
    try:
        message = message_from_bytes(header)
        said = [str(value) for value in message.get_all("From", [])]
        found = [address for _, address in getaddresses(said) if address]
        is_automatic = _is_automatic(message)
    except _UNREADABLE:
        return None

    return found[0].lower() if len(found) == 1 and not is_automatic else None


def _is_automatic(message: Message) -> bool:
    """Return True for what RFC 3834 says is not to be answered."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    bounced = str(message.get("Return-Path", "")).strip() == "<>"

    return submitted != "no" or precedence in {"bulk", "junk", "list"} or bounced


def pdfs(
    content: bytes,
    sender: str,
    received_at: datetime,
) -> list[ReturnedPdf]:
    """Return the PDFs of the mail, and what calls itself one, in its order, each once.

    Mails in the mail are not looked into. Raise UnreadableMail if it cannot be taken apart.
    """
    found: dict[str, ReturnedPdf] = {}

    try:
        for part in _leaves(message_from_bytes(content)):
            payload = _payload(part)

            if not isinstance(payload, bytes) or not _is_pdf(part, payload):
                continue

            digest = hashlib.sha256(payload).hexdigest()
            fits = len(payload) <= MAX_PDF_BYTES
            found.setdefault(
                digest,
                ReturnedPdf(digest, payload if fits else None, sender, received_at),
            )
    except _UNREADABLE:
        raise UnreadableMail from None

    return list(found.values())[:MOST_PDFS]


def _leaves(message: Message) -> Iterator[Message]:
    if message.get_content_maintype() == "message":
        return

    if not message.is_multipart():
        yield message
        return

    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _payload(part: Message) -> object:
    """Return what the part holds, decoded; bytes unless it has parts itself."""
    encoding = part.get(_ENCODING)

    # A blank or a comment may stand behind the name of the encoding (RFC 2045); Python would not
    # know it any more and hand on the letters of base64.
    if encoding is not None:
        part.replace_header(_ENCODING, _COMMENT.sub("", str(encoding)).strip())

    return part.get_payload(decode=True)


def _is_pdf(
    part: Message,
    payload: bytes,
) -> bool:
    name = str(part.get_filename() or "")
    is_called_one = part.get_content_type() == "application/pdf" or name.lower().endswith(".pdf")

    return is_called_one or _MARK in payload[:_MARK_WITHIN]
