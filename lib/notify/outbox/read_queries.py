"""What the ledger says. What is written into it: promise_queries.py and delivery_queries.py."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.notify.model.addresses import Address
from lib.notify.model.results import MailState
from lib.notify.model.rows import Document, SendAs
from lib.notify.outbox.rules import LONGEST_PAUSE, Delivery, Key, Message
from lib.notify.plan.build import PlannedMail


def known(connection: Connection, key: Key) -> list[Delivery]:
    """Return every delivery about `key`, of whatever version, oldest first."""
    query = select(deliveries).where(*about(key)).order_by(deliveries.c.id)
    return [_delivery(row) for row in connection.execute(query)]


def about(key: Key) -> list[ColumnElement[bool]]:
    """Return the conditions that a delivery about `key` meets."""
    return [
        deliveries.c.pipeline_name == key.pipeline_name,
        deliveries.c.report_date == key.report_on,
        deliveries.c.profile_code == key.profile,
        deliveries.c.profile_env == key.profile_env,
        deliveries.c.store_code == key.store_code,
    ]


def owed(connection: Connection, pipeline_name: str, report_on: date) -> list[Message]:
    """Return what is owed about a report date, with pending deliveries only, in the order in which to send it.

    A digest comes with its deliveries of every period: it is one mail.
    """
    pending = deliveries.c.state == MailState.PENDING
    chosen = select(deliveries.c.message_id).where(
        deliveries.c.pipeline_name == pipeline_name, deliveries.c.report_date == report_on, pending
    )

    return _read(connection, and_(deliveries.c.message_id.in_(chosen), pending))


def of_period(connection: Connection, pipeline_name: str, report_on: date) -> list[Message]:
    """Return what people were promised about a period: each mail in its latest version, and all that is still open."""
    about = and_(deliveries.c.pipeline_name == pipeline_name, deliveries.c.report_date == report_on)
    found = _read(connection, about)
    latest = {
        (one.mail.profile, one.mail.profile_env, one.mail.store_code): one.message_id
        for one in found
    }

    open_states = {MailState.PENDING, MailState.SENDING, MailState.UNCERTAIN}
    return [
        one
        for one in found
        if one.message_id in latest.values() or any(d.state in open_states for d in one.deliveries)
    ]


def due(connection: Connection, due_at: datetime) -> list[tuple[str, date]]:
    """Return the pipelines and report dates that have a pending mail which is due, or a `sending` one, oldest first.

    Nothing waits longer than LONGEST_PAUSE: a later time was written while a clock was wrong.
    """
    next_at = deliveries.c.next_attempt_at
    in_time = or_(next_at.is_(None), next_at <= due_at, next_at > due_at + LONGEST_PAUSE)
    pending = and_(deliveries.c.state == MailState.PENDING, in_time)
    query = select(deliveries.c.pipeline_name, deliveries.c.report_date).where(
        or_(pending, deliveries.c.state == MailState.SENDING)
    )

    return [
        tuple(row)
        for row in connection.execute(query.distinct().order_by("report_date", "pipeline_name"))
    ]


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many mails are pending, due or not, and when the next attempt of the first one is."""
    count = func.count(deliveries.c.message_id.distinct())
    query = select(count, func.min(deliveries.c.next_attempt_at)).where(
        deliveries.c.state == MailState.PENDING
    )
    number, first_at = connection.execute(query).one()

    return number, first_at


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[Message]:
    query = (
        select(deliveries, *(c for c in messages.c if c.name != "message_id"))
        .join(messages, messages.c.message_id == deliveries.c.message_id)
        .where(condition)
        .order_by(
            messages.c.planned_at,
            messages.c.position,
            messages.c.message_id,
            deliveries.c.report_date,
            deliveries.c.id,
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
