"""The rows of the outbox as values, and the rules that keep a mail from going twice.

Pure. docs/explanation/notifications.md draws the states and says why the rules are these.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lib.domain.mail_states import CORRECTION, LATE, MailState
from lib.notify.model.addresses import Address
from lib.notify.model.mail import PlannedMail
from lib.notify.model.results import MailOutcome, overall
from lib.notify.model.rows import Document, RunSummaryRow, SendAs

#: The content version of every mail but a run's own and a forced one.
FIRST = "first"
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
_DOUBLINGS = 10


@dataclass(frozen=True)
class Key:
    """What a mail is about.

    With a recipient and a content version it makes a delivery, which is never sent twice.
    """

    pipeline_name: str
    report_on: date
    profile: str
    profile_env: str
    #: Empty for a mail about the run.
    store_code: str


@dataclass(frozen=True)
class Content:
    """Which content a delivery stands for."""

    version: str
    #: The run that made it.
    run_id: str
    message_id: str


@dataclass(frozen=True)
class Delivery:
    """One row: one recipient of one mail."""

    id: int
    recipient: str
    send_as: SendAs
    state: MailState
    attempts: int
    reason: str
    #: The run that made the mail's content.
    run_id: str
    version: str
    message_id: str


@dataclass(frozen=True)
class OutboxEntry:
    """A planned mail that somebody is owed, before it is stored."""

    key: Key
    mail: PlannedMail
    owed: tuple[Address, ...]
    content: Content
    dated_at: datetime
    #: In the order in which the run's mails are sent.
    position: int


@dataclass(frozen=True)
class Message:
    """A mail as it is stored, with its deliveries, which may be of several periods (a digest)."""

    message_id: str
    #: Without bcc: those are among the deliveries only.
    mail: PlannedMail
    dated_at: datetime
    deliveries: tuple[Delivery, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return each mailbox once: to, then cc, then bcc."""
        lists = list(SendAs)
        ranked = sorted(
            self.deliveries,
            key=lambda one: (lists.index(one.send_as), one.id),
        )

        return tuple(dict.fromkeys(delivery.recipient for delivery in ranked))

    def of(self, recipients: Iterable[str]) -> list[int]:
        """Return the ids of the deliveries to these mailboxes."""
        wanted = set(recipients)
        found = []

        for delivery in self.deliveries:
            if delivery.recipient in wanted:
                found.append(delivery.id)

        return found


def key(run: RunSummaryRow, mail: PlannedMail) -> Key:
    """Return what `mail` of `run` is about.

    A run of an earlier system may have no report date: then the day on which it started counts.
    """
    report_on = run.report_on or run.started_at.date()
    return Key(
        run.pipeline_name,
        report_on,
        mail.profile,
        mail.profile_env,
        mail.store_code or "",
    )


def message_id(
    keys: Iterable[Key],
    version: str,
    domain: str,
) -> str:
    """Return the one Message-ID of the mail about `keys` in this version.

    However often it is planned or tried.
    """
    parts: list[str] = []

    for one in keys:
        parts += [
            one.pipeline_name,
            str(one.report_on),
            one.profile,
            one.profile_env,
        ]
        parts.append(one.store_code)

    identity = "\0".join([*parts, version])
    return f"<{hashlib.sha256(identity.encode()).hexdigest()[:40]}@{domain}>"


def version(
    run: RunSummaryRow,
    mail: PlannedMail,
    documents: Iterable[Document],
    known: Iterable[Delivery],
) -> str | None:
    """Return the content version of a planned mail.

    None for the mail about a run whose readers have been notified already.

    A report that is made again from newer figures has other bytes and is still the same mail, so
    bytes do not make a version: an operator's `--force` does. A mail about the run says how it
    went, so that makes its version: the retries of a failing morning do not mail the same bad news
    each time, and good news after it are mailed.
    """
    for row in known:
        if row.run_id == run.run_id:
            return row.version

    if run.is_forced:
        return run.run_id

    if mail.store_code is not None:
        return FIRST

    return None if run.is_notified else content_fingerprint(run, documents)


def brings_report(version: str) -> bool:
    """Return False for the versions of mails that say that a report is late or was corrected.

    They are mails of their own: whoever got one has not got the report by it.
    """
    return version != LATE and not version.startswith(CORRECTION)


@dataclass(frozen=True)
class MailedFigures:
    """The figures of a report that a reader was mailed last."""

    message_id: str
    figures: Mapping[str, Any]


def correction_version(
    mailed: MailedFigures,
    right: Mapping[str, Any],
) -> str:
    """Return the content version of the mail that corrects what a message said by these figures.

    The same correction has the same version however often it is planned; figures that come back
    are another one.
    """
    both = json.dumps([mailed.message_id, mailed.figures, right], sort_keys=True, default=str)
    return CORRECTION + hashlib.sha256(both.encode()).hexdigest()[:16]


def content_fingerprint(run: RunSummaryRow, documents: Iterable[Document]) -> str:
    """Return a digest of the mail about a run: status, issues, failed and made reports."""
    stores = run.metrics.get("stores")
    failures = stores.get("report_failures") if isinstance(stores, dict) else None
    made = {document.store_code or "" for document in documents}
    said = [
        run.overall_status,
        run.metrics.get("issues") or [],
        sorted((failures or {}).items()),
        sorted(made),
    ]

    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def identity(
    key: Key,
    version: str,
    domain: str,
    known: Iterable[Delivery],
) -> str:
    """Return the Message-ID of the mail about `key`.

    The one that it has, also when the sender has another domain now.
    """
    made = message_id([key], version, domain)
    local = made.partition("@")[0]

    for row in known:
        if row.message_id.partition("@")[0] == local:
            return row.message_id

    return made


def owed(
    run: RunSummaryRow,
    mail: PlannedMail,
    content: Content,
    known: Iterable[Delivery],
) -> tuple[Address, ...]:
    """Return the addresses of the mail's envelope that have not got it.

    Without those for whom something else was decided, and those to whom this run owes it already in
    a digest.
    """
    any_version_counts = mail.store_code is not None and not run.is_forced
    done = set()

    for row in known:
        if row.state is MailState.PENDING:
            is_done = row.run_id == run.run_id and row.message_id != content.message_id
        else:
            is_done = any_version_counts or row.version == content.version

        if is_done:
            done.add(row.recipient.casefold())

    found = []

    for address in mail.envelope:
        if address.mailbox.casefold() not in done:
            found.append(address)

    return tuple(found)


def is_correction_owed(
    mailbox: str,
    version: str,
    known: Iterable[Delivery],
) -> bool:
    """Return True unless this correction was sent, or a newer report is on its way anyway."""
    for row in known:
        if row.recipient.casefold() != mailbox.casefold():
            continue

        if row.state is MailState.PENDING and brings_report(row.version):
            return False

        if row.version == version and row.state is not MailState.PENDING:
            return False

    return True


def send_as(mail: PlannedMail, address: Address) -> SendAs:
    """Return the list of the mail that the address is on."""
    if address in mail.to:
        return SendAs.TO

    return SendAs.CC if address in mail.cc else SendAs.BCC


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts more than one.

    5 minutes, doubling up to 6 hours.
    """
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts, _DOUBLINGS)
    return min(doubled, LONGEST_PAUSE)


def outcome(
    message: Message,
    run_ids: Collection[str | None],
    stuck: Collection[str] = (),
) -> MailOutcome:
    """Return what has become of a message by now.

    `run_ids` are the runs that ask, `stuck` the Message-IDs of what needs a person.
    """
    states = Counter(str(delivery.state) for delivery in message.deliveries)
    addressed = Counter(delivery.send_as for delivery in message.deliveries)
    reasons = dict.fromkeys(one.reason for one in message.deliveries if one.reason)

    state = overall(delivery.state for delivery in message.deliveries)
    is_ours = any(delivery.run_id in run_ids for delivery in message.deliveries)

    return MailOutcome(
        profile=message.mail.profile,
        store_code=message.mail.store_code,
        recipients={str(kind): addressed[kind] for kind in SendAs},
        attachments=len(message.mail.attachments),
        state=state,
        reason="; ".join(reasons),
        by_state=dict(states),
        is_earlier=state is MailState.SENT and not is_ours,
        needs_person=message.message_id in stuck,
    )
