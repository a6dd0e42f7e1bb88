"""What became of the mails of a run, for its row, its summary and the log.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.domain.mail_states import MailState
from lib.model import Finding, Status
from lib.plural import counted

#: From the state that stands for a whole mail first: `SENT` if anybody got it.
_BY_WEIGHT = (
    MailState.SENT,
    MailState.SENDING,
    MailState.UNCERTAIN,
    MailState.PENDING,
    MailState.FAILED,
)


def overall(states: Iterable[MailState]) -> MailState:
    """Return the one state of a whole mail: `SENT` if anybody got it, else the most serious one."""
    return min(states, key=_BY_WEIGHT.index)


@dataclass(frozen=True)
class SendResult:
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
        """The mail in a log line: `store_daily_reports A668`."""
        return f"{self.profile} {self.store_code}" if self.store_code else self.profile

    @property
    def status(self) -> Status:
        """The worst of its recipients: a mail that one of three did not get is not ok.

        At least `WARNING` if there is something to say, such as a file that was left out.
        """
        statuses = [MailState(state).status for state in self.by_state]
        if self.reason:
            statuses.append(Status.WARNING)

        return Status.worst(statuses)

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
    """What became of all mails about a run."""

    mails: tuple[MailOutcome, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def status(self) -> Status:
        """The worst of its mails and findings; at least `WARNING` when not one mail was sent.

        `ERROR` while a mail is owed, `WARNING` for an uncertain or refused one.
        """
        statuses = [mail.status for mail in self.mails]

        for finding in self.findings:
            statuses.append(finding.severity)

        if not self.count(MailState.SENT):
            statuses.append(Status.WARNING)

        return Status.worst(statuses)

    @property
    def needs_person(self) -> bool:
        """Return True if a mail is held back by something that no retry mends."""
        return any(mail.needs_person for mail in self.mails)

    def count(self, state: MailState) -> int:
        """Return the number of mails in `state`."""
        return sum(mail.state is state for mail in self.mails)

    @property
    def message(self) -> str:
        """One line for people: `3 of 4 mails sent, 1 of them not to everybody, 1 failed`."""
        total = len(self.mails)
        parts = [f"{self.count(MailState.SENT)} of {counted(total, 'mail')} sent"]

        if earlier := sum(mail.is_earlier for mail in self.mails):
            parts.append(f"{earlier} by earlier runs")

        sent = []

        for mail in self.mails:
            if mail.state is MailState.SENT:
                sent.append(mail)

        if partly := sum(len(mail.by_state) > 1 for mail in sent):
            parts.append(f"{partly} of them not to everybody")

        counts = {}

        for state in MailState:
            if state is not MailState.SENT:
                counts[state] = self.count(state)

        parts += [f"{number} {state}" for state, number in counts.items() if number]

        return ", ".join(parts)

    def as_metrics(self) -> dict[str, Any]:
        """Return the plain JSON object for `email` of `metrics_json`; no address is in it.

        Source: docs/reference/domain.md#run-summary.
        """
        addressed = dict.fromkeys(("to", "cc", "bcc"), 0)
        attached = 0

        for mail in self.mails:
            for kind in addressed:
                addressed[kind] += mail.recipients[kind]
            if mail.state is MailState.SENT:
                attached += mail.attachments

        return {
            "status": str(self.status),
            "message": self.message,
            "to": addressed,
            "attachment_count": attached,
            "last_message": self._last_message(),
            "planned": len(self.mails),
            **{str(state): self.count(state) for state in MailState},
            "mails": [mail.as_json() for mail in self.mails],
            "findings": list(map(_finding_json, self.findings)),
        }

    def _last_message(self) -> str:
        """Return the last thing that went wrong; the message when nothing did."""
        problems = []

        for one in self.findings:
            if one.severity is not Status.OK:
                problems.append(str(one))

        for mail in self.mails:
            if mail.reason:
                problems.append(f"{mail.name}: {mail.reason}")

        return problems[-1] if problems else self.message


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "text": finding.text,
        "store_code": finding.store_code,
    }
