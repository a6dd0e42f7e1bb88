"""What became of the mails of a run, and how the run's row and the log tell it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lib.model import Finding, Status


class MailState(StrEnum):
    """What became of one mail, or of one recipient's part of it."""

    #: Still owed: not tried yet, or tried and certainly not taken.
    PENDING = "pending"
    #: Claimed: its final dot is about to go out. Only a process that died leaves a mail like this.
    SENDING = "sending"
    #: The server took it (250 after the final dot), or a person said that it arrived.
    SENT = "sent"
    #: The server refused it for good (5xx), or its reader was taken off the list: it is not tried
    #: again.
    FAILED = "failed"
    #: The link or the process ended between the final dot and the answer: it may have gone. A
    #: person decides.
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
_TOLD_FIRST = (
    MailState.SENT,
    MailState.SENDING,
    MailState.UNCERTAIN,
    MailState.PENDING,
    MailState.FAILED,
)


def overall(states: Iterable[MailState]) -> MailState:
    """Return the one state that tells of a whole mail: `SENT` if anybody got it, else the most serious one."""
    return min(states, key=_TOLD_FIRST.index)


@dataclass(frozen=True)
class Handover:
    """What the server did with one message, recipient by recipient."""

    #: Mailbox to its state; never empty.
    by_recipient: Mapping[str, MailState]
    #: Stage and reply code of what went wrong, without any address; empty when all went well.
    reason: str = ""
    #: It is owed, and trying again is no use before somebody has changed a setting, a template or
    #: the server.
    needs_person: bool = False

    @property
    def state(self) -> MailState:
        """`SENT` if anybody got it, else the most serious state."""
        return overall(self.by_recipient.values())


@dataclass(frozen=True)
class MailOutcome:
    """One mail of the plan and what became of it. Holds no address."""

    profile: str
    store_code: str | None
    #: How many addresses the lists to, cc and bcc have.
    recipients: Mapping[str, int]
    attachments: int
    state: MailState
    reason: str
    #: How many recipients ended in which state.
    by_state: Mapping[str, int]
    #: An earlier run of the same period sent it: this one owed nothing.
    is_earlier: bool = False
    #: It is owed, and trying again is no use before somebody has changed something.
    needs_person: bool = False

    @property
    def name(self) -> str:
        """How people call it: `store_daily_reports A668`."""
        return f"{self.profile} {self.store_code}" if self.store_code else self.profile

    @property
    def status(self) -> Status:
        """The worst of its recipients: a mail that one of three did not get is not ok."""
        return Status.worst([MailState(state).status for state in self.by_state])

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "profile": self.profile,
            "store_code": self.store_code,
            "recipients": dict(self.recipients),
            "attachments": self.attachments,
            "state": str(self.state),
            "reason": self.reason,
            "recipients_by_state": dict(self.by_state),
        }


@dataclass(frozen=True)
class NotifyResult:
    """How telling people about a run went."""

    mails: tuple[MailOutcome, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def status(self) -> Status:
        """`ERROR` while a mail is owed, `WARNING` for an uncertain or refused one, a finding, none sent, else `OK`."""
        statuses = [mail.status for mail in self.mails] + [
            finding.severity for finding in self.findings
        ]
        nothing_sent = not self.count(MailState.SENT)

        return Status.worst([*statuses, Status.WARNING if nothing_sent else Status.OK])

    @property
    def needs_person(self) -> bool:
        """Tell whether a mail is held back by what no retry mends."""
        return any(mail.needs_person for mail in self.mails)

    def count(self, state: MailState) -> int:
        """Return the number of mails in `state`."""
        return sum(mail.state is state for mail in self.mails)

    @property
    def message(self) -> str:
        """One line for people: `3 of 4 mails sent, 1 of them not to everybody, 1 failed`."""
        total = len(self.mails)
        others = [
            f"{n} {state}"
            for state in MailState
            if state is not MailState.SENT and (n := self.count(state))
        ]

        earlier = sum(mail.is_earlier for mail in self.mails)
        sent = f"{self.count(MailState.SENT)} of {total} mail{'' if total == 1 else 's'} sent"
        partly = sum(mail.state is MailState.SENT and len(mail.by_state) > 1 for mail in self.mails)
        notes = [f"{earlier} by earlier runs"] if earlier else []

        notes += [f"{partly} of them not to everybody"] if partly else []
        return ", ".join([sent, *notes, *others])

    def as_metrics(self) -> dict[str, Any]:
        """Return what belongs under `email` of `metrics_json`, as plain JSON without any address.

        Source: docs/reference/domain.md#run-summary.
        """
        return {
            "status": str(self.status),
            "message": self.message,
            "to": {
                kind: sum(mail.recipients[kind] for mail in self.mails)
                for kind in ("to", "cc", "bcc")
            },
            "attachment_count": sum(
                mail.attachments for mail in self.mails if mail.state is MailState.SENT
            ),
            "last_message": self._last_message(),
            "planned": len(self.mails),
            **{str(state): self.count(state) for state in MailState},
            "mails": [mail.as_json() for mail in self.mails],
            "findings": [_finding_json(finding) for finding in self.findings],
        }

    def _last_message(self) -> str:
        """Return the last thing that went wrong, or that nothing did."""
        problems = (str(finding) for finding in self.findings if finding.severity is not Status.OK)
        reasons = [
            *problems,
            *(f"{mail.name}: {mail.reason}" for mail in self.mails if mail.reason),
        ]

        return reasons[-1] if reasons else self.message


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "text": finding.text,
        "store_code": finding.store_code,
    }
