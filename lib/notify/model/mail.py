"""One mail as it was planned, before it is made into bytes."""

from __future__ import annotations

from dataclasses import dataclass

from lib.notify.model.addresses import Address
from lib.notify.model.panel import Panel
from lib.notify.model.rows import Document


@dataclass(frozen=True)
class PlannedMail:
    """One mail as it will be sent, or `problem`: why it cannot be, although somebody is owed it."""

    profile: str
    profile_env: str
    #: None for a mail about the run, `ALL` for a combined one.
    store_code: str | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[Document, ...] = ()
    problem: str | None = None
    #: The lines of its report, which its text has, too; None in mails about runs and own texts.
    panel: Panel | None = None
    #: What a list of several periods says of it; not stored. Empty: its subject.
    line: str = ""
    #: Paragraphs before the template's text, which are in the text; not stored.
    remarks: tuple[str, ...] = ()

    @property
    def envelope(self) -> tuple[Address, ...]:
        """Everybody who gets it, each once."""
        return self.to + self.cc + self.bcc
