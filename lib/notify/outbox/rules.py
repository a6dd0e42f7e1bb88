"""What was promised to whom: the rows of the ledger as values, and the rules that keep a mail from going twice. Pure.

docs/explanation/notifications.md draws the states and says why the rules are these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lib.notify.model.addresses import Address
from lib.notify.model.results import MailOutcome, MailState, overall
from lib.notify.model.rows import Document, Run, SendAs
from lib.notify.plan.build import PlannedMail

#: The content version of every mail but a run's own and a forced one.
FIRST = "first"
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
_DOUBLINGS = 10


@dataclass(frozen=True)
class Key:
    """What a mail is about: with a recipient and a content version, that which is never sent twice."""

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
class Promise:
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
    """A mail as it is stored: its content and its deliveries, which may be of several periods (a digest)."""

    message_id: str
    #: Without bcc: those are among the deliveries only.
    mail: PlannedMail
    dated_at: datetime
    deliveries: tuple[Delivery, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return each mailbox once: to, then cc, then bcc."""
        ranked = sorted(self.deliveries, key=lambda one: (list(SendAs).index(one.send_as), one.id))
        return tuple(dict.fromkeys(delivery.recipient for delivery in ranked))

    def of(self, recipients: Iterable[str]) -> list[int]:
        """Return the ids of the deliveries to `recipients`."""
        wanted = set(recipients)
        return [delivery.id for delivery in self.deliveries if delivery.recipient in wanted]


def key(run: Run, mail: PlannedMail) -> Key:
    """Return what `mail` of `run` is about.

    A run of an earlier system may have no report date: its start's day.
    """
    report_on = run.report_on or run.started_at.date()
    return Key(run.pipeline_name, report_on, mail.profile, mail.profile_env, mail.store_code or "")


def message_id(keys: Iterable[Key], version: str, domain: str) -> str:
    """Return the one Message-ID of the mail about `keys` in this version, however often it is planned or tried."""
    texts = [
        f"{k.pipeline_name}\0{k.report_on}\0{k.profile}\0{k.profile_env}\0{k.store_code}"
        for k in keys
    ]

    identity = "\0".join([*texts, version])
    return f"<{hashlib.sha256(identity.encode()).hexdigest()[:40]}@{domain}>"


def version(
    run: Run, mail: PlannedMail, documents: Iterable[Document], known: Iterable[Delivery]
) -> str | None:
    """Return the content version of a planned mail, None for a run's mail that this run has told already.

    A report that is made again from newer figures has other bytes and is still the same promise, so
    bytes do not make a version: an operator's `--force` does. A mail about the run tells its state,
    so what it tells makes its version: the retries of a failing morning do not mail the same bad
    news each time, and good news after it are mailed.
    """
    if own := next((row.version for row in known if row.run_id == run.run_id), None):
        return own

    if run.is_forced:
        return run.run_id

    if mail.store_code is not None:
        return FIRST

    return None if run.was_told else _tale(run, documents)


def _tale(run: Run, documents: Iterable[Document]) -> str:
    stores = run.metrics.get("stores")
    failures = stores.get("report_failures") if isinstance(stores, dict) else None
    made = sorted({document.store_code or "" for document in documents})
    tale = repr(
        [
            run.overall_status,
            run.metrics.get("issues") or [],
            sorted((failures or {}).items()),
            made,
        ]
    )

    return hashlib.sha256(tale.encode()).hexdigest()[:16]


def identity(key: Key, version: str, domain: str, known: Iterable[Delivery]) -> str:
    """Return the Message-ID of the mail about `key`: the one it has, also when the sender has another domain now."""
    made = message_id([key], version, domain)
    mine = made.partition("@")[0]

    return next((row.message_id for row in known if row.message_id.partition("@")[0] == mine), made)


def owed(
    run: Run, mail: PlannedMail, content: Content, known: Iterable[Delivery]
) -> tuple[Address, ...]:
    """Return the addresses of the mail's envelope that have not got it, and for whom nothing was decided otherwise.

    Not owed once more is what this run has promised already in a digest.
    """
    any_version = mail.store_code is not None and not run.is_forced
    settled = {
        row.recipient.casefold()
        for row in known
        if (row.state is not MailState.PENDING and (any_version or row.version == content.version))
        or (
            row.state is MailState.PENDING
            and row.run_id == run.run_id
            and row.message_id != content.message_id
        )
    }

    return tuple(address for address in mail.envelope if address.mailbox.casefold() not in settled)


def send_as(mail: PlannedMail, address: Address) -> SendAs:
    """Return the list of the mail that the address is on."""
    if address in mail.to:
        return SendAs.TO

    return SendAs.CC if address in mail.cc else SendAs.BCC


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts more than one: 5 minutes, doubling up to 6 hours."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts, _DOUBLINGS)
    return min(doubled, LONGEST_PAUSE)


def outcome(
    message: Message, run_ids: Collection[str | None], stuck: Collection[str] = ()
) -> MailOutcome:
    """Return what has become of a message by now; `run_ids` are who ask, `stuck` the Message-IDs that need a person."""
    by_state: dict[str, int] = {}

    for delivery in message.deliveries:
        by_state[str(delivery.state)] = by_state.get(str(delivery.state), 0) + 1

    state = overall(delivery.state for delivery in message.deliveries)
    return MailOutcome(
        profile=message.mail.profile,
        store_code=message.mail.store_code,
        recipients={
            str(kind): sum(d.send_as is kind for d in message.deliveries) for kind in SendAs
        },
        attachments=len(message.mail.attachments),
        state=state,
        reason="; ".join(dict.fromkeys(d.reason for d in message.deliveries if d.reason)),
        by_state=by_state,
        is_earlier=state is MailState.SENT
        and all(d.run_id not in run_ids for d in message.deliveries),
        needs_person=message.message_id in stuck,
    )
