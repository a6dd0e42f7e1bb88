"""The SQL of the ledger. A change of state is one conditional UPDATE, so that two processes cannot both make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import pipelines
from lib.notify import ledger
from lib.notify.addresses import Address
from lib.notify.ledger import Content, Delivery, Key, Message
from lib.notify.outcomes import MailState
from lib.notify.plans import PlannedMail
from lib.notify.records import Document, SendAs

MAX_ATTEMPTS_UNCERTAIN = 3
"""How often a mail is tried whose profile lets it be sent again while nobody knows whether it went."""


def lock_planning(connection: Connection, pipeline_name: str) -> None:
    """Let one transaction at a time plan mails of the pipeline."""
    connection.execute(select(func.pg_advisory_xact_lock(_lock_key("plan", pipeline_name))))


def lock_delivering(connection: Connection, pipeline_name: str) -> None:
    """Wait for the right to deliver the pipeline's mails; it lasts until `unlock_delivering` or the session's end."""
    connection.execute(select(func.pg_advisory_lock(_lock_key("deliver", pipeline_name))))


def unlock_delivering(connection: Connection, pipeline_name: str) -> None:
    connection.execute(select(func.pg_advisory_unlock(_lock_key("deliver", pipeline_name))))


def _lock_key(what: str, pipeline_name: str) -> ColumnElement[int]:
    return func.hashtextextended(f"simplify-{what}:{pipeline_name}", 0)


def known(connection: Connection, key: Key) -> list[Delivery]:
    """Return every delivery about `key`, of whatever version, oldest first."""
    query = select(deliveries).where(*_about(key)).order_by(deliveries.c.id)
    return [_delivery(row) for row in connection.execute(query)]


def _about(key: Key) -> list[ColumnElement[bool]]:
    return [
        deliveries.c.pipeline_name == key.pipeline_name,
        deliveries.c.report_date == key.report_on,
        deliveries.c.profile_code == key.profile,
        deliveries.c.profile_env == key.profile_env,
        deliveries.c.store_code == key.store_code,
    ]


def store_message(
    connection: Connection, message_id: str, mail: PlannedMail, *, dated_at: datetime, position: int
) -> None:
    """Write the content of a mail, over an earlier one that somebody is still owed."""
    content = {
        "position": position,
        "subject": mail.subject,
        "body": mail.body,
        "to_addresses": _addresses(mail.to),
        "cc_addresses": _addresses(mail.cc),
        "attachments": [_document(document) for document in mail.attachments],
        "dated_at": dated_at,
        "problem": mail.problem,
        "planned_at": func.now(),
    }
    statement = insert(messages).values(message_id=message_id, **content)
    connection.execute(statement.on_conflict_do_update(index_elements=["message_id"], set_=content))


def _addresses(addresses: Iterable[Address]) -> list[list[str]]:
    return [[address.mailbox, address.display_name] for address in addresses]


def _document(document: Document) -> dict[str, Any]:
    return {name: value for name, value in asdict(document).items() if name != "problem"}


def promise(connection: Connection, key: Key, owed: Mapping[Address, SendAs], content: Content) -> None:
    """Write a pending delivery for each address that is owed; one that is pending already gets the new content."""
    for address, send_as in owed.items():
        now = {
            "content_version": content.version,
            "message_id": content.message_id,
            "run_id": content.run_id,
            "send_as": send_as,
            "updated_at": func.now(),
        }
        same = func.lower(deliveries.c.recipient) == address.mailbox.lower()
        pending = deliveries.c.state == MailState.PENDING
        if connection.execute(update(deliveries).where(*_about(key), same, pending).values(now)).rowcount:
            continue
        row = {
            "pipeline_name": key.pipeline_name,
            "report_date": key.report_on,
            "profile_code": key.profile,
            "profile_env": key.profile_env,
            "store_code": key.store_code,
            "recipient": address.mailbox,
        }
        connection.execute(insert(deliveries).values(row | now).on_conflict_do_nothing())


def withdraw(connection: Connection, key: Key, mail: PlannedMail) -> None:
    """Give up what is pending for people who are no recipients of the mail any more."""
    readers = [address.mailbox.lower() for address in mail.envelope]
    gone = func.lower(deliveries.c.recipient).not_in(readers)
    statement = update(deliveries).where(*_about(key), deliveries.c.state == MailState.PENDING, gone)
    connection.execute(statement.values(_ended(MailState.FAILED, "is no recipient of the profile any more")))


def bury(connection: Connection, pipeline_name: str) -> None:
    """Call `uncertain` what dead processes left `sending`; then let what its profile allows be sent again.

    Only for who holds the delivering lock: a row that is `sending` then has no living sender that may still send.
    """
    reason = "the process that sent it ended before the server's answer"
    sending = and_(deliveries.c.pipeline_name == pipeline_name, deliveries.c.state == MailState.SENDING)
    connection.execute(update(deliveries).where(sending).values(_ended(MailState.UNCERTAIN, reason)))
    allowed = (
        select(profiles.c.id)
        .join(pipelines)
        .where(
            pipelines.c.code == deliveries.c.pipeline_name,
            profiles.c.code == deliveries.c.profile_code,
            profiles.c.env == deliveries.c.profile_env,
            profiles.c.resend_uncertain,
        )
        .exists()
    )
    uncertain = and_(deliveries.c.pipeline_name == pipeline_name, deliveries.c.state == MailState.UNCERTAIN)
    few = deliveries.c.attempts < MAX_ATTEMPTS_UNCERTAIN
    connection.execute(update(deliveries).where(uncertain, allowed, few).values(state=MailState.PENDING))


def abandon(connection: Connection, claimed_by: str) -> None:
    """Call `uncertain` what this process has claimed and will not hear about any more."""
    mine = and_(deliveries.c.claimed_by == claimed_by, deliveries.c.state == MailState.SENDING)
    statement = update(deliveries).where(mine)
    connection.execute(statement.values(_ended(MailState.UNCERTAIN, "we were stopped before the server's answer")))


def claim(connection: Connection, ids: Sequence[int], claimed_by: str) -> int:
    """Take those of `ids` for sending that are still pending; return how many."""
    statement = update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    return connection.execute(
        statement.values(
            state=MailState.SENDING,
            claimed_by=claimed_by,
            claimed_at=func.now(),
            attempts=deliveries.c.attempts + 1,
            updated_at=func.now(),
        )
    ).rowcount


def settle(connection: Connection, ids: Sequence[int], claimed_by: str, state: MailState, reason: str) -> None:
    """Write what became of deliveries that we claimed.

    Also of those that somebody called `uncertain` meanwhile because our lock was lost: we know better.
    """
    ours = and_(
        deliveries.c.id.in_(ids),
        deliveries.c.claimed_by == claimed_by,
        deliveries.c.state.in_([MailState.SENDING, MailState.UNCERTAIN]),
    )
    connection.execute(update(deliveries).where(ours).values(_ended(state, reason)))


def missed(connection: Connection, ids: Sequence[int], state: MailState, reason: str) -> None:
    """Write that deliveries came to nothing before they were claimed: one attempt more, or refused for good."""
    pending = and_(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    counted = {"attempts": deliveries.c.attempts + 1}
    connection.execute(update(deliveries).where(pending).values(_ended(state, reason) | counted))


def postpone(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Write when the pending ones of `ids` should be tried again."""
    pending = and_(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    for row in connection.execute(select(deliveries.c.id, deliveries.c.attempts).where(pending)).all():
        at = now + ledger.pause(row.attempts - 1)
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(next_attempt_at=at))


def _ended(state: MailState, reason: str) -> dict[str, Any]:
    return {"state": state, "reason": reason, "updated_at": func.now()}


def record_bytes(connection: Connection, message_id: str, sha256: str) -> None:
    """Remember which bytes were offered to the server last."""
    connection.execute(update(messages).where(messages.c.message_id == message_id).values(sha256=sha256))


def owed(
    connection: Connection, pipeline_name: str, *, report_on: date | None = None, due_at: datetime | None = None
) -> list[Message]:
    """Return the pipeline's messages with their pending deliveries only, in the order in which to send them.

    `report_on` limits them to one report date, `due_at` to those whose next attempt is not later. A digest comes with
    its deliveries of every period: it is one mail.
    """
    wanted = [deliveries.c.pipeline_name == pipeline_name, deliveries.c.state == MailState.PENDING]
    if report_on:
        wanted.append(deliveries.c.report_date == report_on)
    if due_at:
        wanted.append(or_(deliveries.c.next_attempt_at.is_(None), deliveries.c.next_attempt_at <= due_at))
    chosen = select(deliveries.c.message_id).where(*wanted)
    return _read(connection, and_(deliveries.c.message_id.in_(chosen), deliveries.c.state == MailState.PENDING))


def of_period(connection: Connection, pipeline_name: str, report_on: date) -> list[Message]:
    """Return what people were promised about a period: each mail in its latest version, and all that is still open."""
    about = and_(deliveries.c.pipeline_name == pipeline_name, deliveries.c.report_date == report_on)
    found = _read(connection, about)
    latest = {(one.mail.profile, one.mail.profile_env, one.mail.store_code): one.message_id for one in found}
    open_states = {MailState.PENDING, MailState.SENDING, MailState.UNCERTAIN}
    return [
        one for one in found if one.message_id in latest.values() or any(d.state in open_states for d in one.deliveries)
    ]


def decide(connection: Connection, pipeline_name: str, report_on: date, *, run_id: str | None, is_arrived: bool) -> int:
    """Settle by a person's word what is uncertain about a period (of one run only, if given); return how many rows.

    What has not arrived is owed again.
    """
    state, reason = (MailState.SENT, "") if is_arrived else (MailState.PENDING, "a person asked for it again")
    statement = update(deliveries).where(
        deliveries.c.pipeline_name == pipeline_name,
        deliveries.c.report_date == report_on,
        deliveries.c.state == MailState.UNCERTAIN,
        *([deliveries.c.run_id == run_id] if run_id else []),
    )
    return connection.execute(statement.values(_ended(state, reason) | {"next_attempt_at": None})).rowcount


def due(connection: Connection, due_at: datetime) -> list[tuple[str, date]]:
    """Return the pipelines and report dates that have a pending mail which is due, or a `sending` one, oldest first."""
    in_time = or_(deliveries.c.next_attempt_at.is_(None), deliveries.c.next_attempt_at <= due_at)
    pending = and_(deliveries.c.state == MailState.PENDING, in_time)
    query = select(deliveries.c.pipeline_name, deliveries.c.report_date).where(
        or_(pending, deliveries.c.state == MailState.SENDING)
    )
    return [tuple(row) for row in connection.execute(query.distinct().order_by("report_date", "pipeline_name"))]


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[Message]:
    query = (
        select(deliveries, *(c for c in messages.c if c.name != "message_id"))
        .join(messages, messages.c.message_id == deliveries.c.message_id)
        .where(condition)
        .order_by(
            messages.c.planned_at, messages.c.position, messages.c.message_id, deliveries.c.report_date, deliveries.c.id
        )
    )
    rows = connection.execute(query).all()
    return [_message(list(group)) for _, group in groupby(rows, key=lambda row: row.message_id)]


def _message(rows: list[Row[Any]]) -> Message:
    first = rows[0]
    mail = PlannedMail(
        profile=first.profile_code,
        profile_env=first.profile_env,
        store_code=first.store_code or None,
        to=_read_addresses(first.to_addresses),
        cc=_read_addresses(first.cc_addresses),
        bcc=(),
        subject=first.subject,
        body=first.body,
        attachments=tuple(Document(**document) for document in first.attachments),
        problem=first.problem,
    )
    return Message(first.message_id, mail, first.dated_at, tuple(_delivery(row) for row in rows))


def _read_addresses(pairs: list[list[str]]) -> tuple[Address, ...]:
    return tuple(Address(mailbox, name) for mailbox, name in pairs)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=row.recipient,
        send_as=SendAs(row.send_as),
        state=MailState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        run_id=row.run_id,
        version=row.content_version,
        message_id=row.message_id,
    )
