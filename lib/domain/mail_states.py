"""The states of a delivery, and which of them are open: the one home of both.

docs/explanation/notifications.md draws how a delivery goes from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from lib.model import Status


class MailState(StrEnum):
    """What became of one mail, or of one recipient's part of it."""

    #: Still owed: not tried yet, or tried and certainly not taken.
    PENDING = "pending"
    #: Claimed: its final dot is about to go out. Only a process that died leaves a mail like this.
    SENDING = "sending"
    #: The server took it (250 after the final dot), or a person said that it arrived.
    SENT = "sent"
    #: Refused for good (5xx), or its reader was taken off the list: it is not tried again.
    FAILED = "failed"
    #: The connection or the process ended between the final dot and the answer: it may have gone.
    #: A person decides.
    UNCERTAIN = "uncertain"

    @property
    def status(self) -> Status:
        """What it means for the run: only what a later run does by itself is an error."""
        return _STATUSES[self]


_STATUSES = {
    MailState.PENDING: Status.ERROR,
    MailState.SENDING: Status.ERROR,
    MailState.SENT: Status.OK,
    MailState.FAILED: Status.WARNING,
    MailState.UNCERTAIN: Status.WARNING,
}

#: A later run goes on with a delivery in one of these by itself.
OWED_STATES = (MailState.PENDING, MailState.SENDING)

#: Something is still to be done about a delivery in one of these, by a later run or by a person:
#: its reports and its text are kept.
OPEN_STATES = (*OWED_STATES, MailState.UNCERTAIN)

#: Its reader may have got the mail: what it said may have been read.
MAYBE_READ_STATES = (MailState.SENT, MailState.UNCERTAIN)

#: The reason of a delivery that failed because its reader was taken off the list: nothing refused
#: it.
WITHDRAWN = "is no recipient of the profile any more"

#: The content version of the mail that says that a report is late.
LATE = "late report"
#: Begins the version of a mail that corrects a report; a digest of what was said and what is right
#: follows.
CORRECTION = "correction "
#: Begins the version of a mail that says that a form cannot be read; a part of its digest follows.
RETURNED_FORM = "returned form "


def sql_list(states: Iterable[MailState]) -> str:
    """Return the states as a list in SQL, with its brackets: `('pending', 'sending')`."""
    return "({})".format(", ".join(map("'{}'".format, states)))
