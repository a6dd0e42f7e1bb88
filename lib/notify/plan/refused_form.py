"""The mail to an owner whose filled-in form could not be read.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib import formatting
from lib.notify.model.addresses import Address
from lib.notify.model.mail import PlannedMail
from lib.notify.model.panel import Block, BlockKind, Panel
from lib.notify.model.rows import ANY_ENV

#: Of the deliveries of these mails; no profile of the database has a blank in its code.
PROFILE = "returned form"

_NEXT = "Open the PDF from our mail, tick and type in it, save it, and reply with the saved file."


@dataclass(frozen=True)
class RefusedForm:
    """What is known about a PDF that could not be read."""

    #: SHA-256, hexadecimal.
    digest: str
    #: A sentence without its first letter and its stop: `it is protected by a password`.
    reason: str
    sender: Address
    #: The day on which it came, in PIPELINE_TIMEZONE.
    received_on: date


def mail(refused: RefusedForm) -> PlannedMail:
    """Return the mail that says why, and what to do."""
    day = formatting.short_day(refused.received_on)
    said = f"Your PDF of {day} was not read: {refused.reason}."
    blocks = (
        Block(BlockKind.TITLE, "We could not read your form"),
        Block(BlockKind.NOTE, said),
        Block(BlockKind.NOTE, _NEXT),
        Block(BlockKind.SMALL, "You get this once, because a PDF came from this address."),
    )
    panel = Panel(blocks, said)

    return PlannedMail(
        PROFILE,
        ANY_ENV,
        None,
        (refused.sender,),
        (),
        (),
        subject=f"Not read: your PDF of {day}",
        body=panel.text,
        panel=panel,
    )
