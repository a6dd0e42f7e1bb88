"""The SQL that reads the outbox.

write_queries.py fills it, lib/notify/delivery/queries.py changes the states.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.domain.mail_states import MAYBE_READ_STATES, OPEN_STATES, MailState
from lib.notify.model import panel
from lib.notify.model.addresses import Address
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Document, SendAs
from lib.notify.outbox.rules import LONGEST_PAUSE, Delivery, Key, MailedFigures, Message


def known(connection: Connection, key: Key) -> list[Delivery]:
    """Return every delivery about `key`, of whatever version, oldest first."""
    query = select(deliveries).where(*about(key)).order_by(deliveries.c.id)
    return list(map(_delivery, connection.execute(query)))


def mailed_figures(
    connection: Connection,
    key: Key,
    file_name: str,
) -> dict[str, MailedFigures]:
    """Return by mailbox the figures of the report that each was mailed last, as they were then.

    `file_name` is the report's file on disk: a mail may carry those of other periods, too. Whoever
    may or may not have got a mail counts.
    """
    query = (
        select(deliveries.c.recipient, messages.c.message_id, messages.c.attachments)
        .join(messages, messages.c.message_id == deliveries.c.message_id)
        .where(*about(key), deliveries.c.state.in_(MAYBE_READ_STATES))
        .order_by(messages.c.planned_at, deliveries.c.id)
    )

    found: dict[str, MailedFigures] = {}

    for recipient, message_id, attachments in connection.execute(query):
        for document in attachments:
            if document["file_name"] == file_name and document.get("figures"):
                found[recipient] = MailedFigures(message_id, document["figures"])

    return found


def about(key: Key) -> list[ColumnElement[bool]]:
    """Return the conditions that a delivery about `key` meets."""
    return [
        deliveries.c.pipeline_name == key.pipeline_name,
        deliveries.c.report_date == key.report_on,
        deliveries.c.profile_code == key.profile,
        deliveries.c.profile_env == key.profile_env,
        deliveries.c.store_code == key.store_code,
    ]


def owed(
    connection: Connection,
    pipeline_name: str,
    report_on: date,
) -> list[Message]:
    """Return what is owed about a report date, in the order in which to send it.

    With pending deliveries only. A digest comes with those of every period: it is one mail.
    """
    pending = deliveries.c.state == MailState.PENDING
    chosen = select(deliveries.c.message_id).where(
        deliveries.c.pipeline_name == pipeline_name,
        deliveries.c.report_date == report_on,
        pending,
    )

    return _read(connection, and_(deliveries.c.message_id.in_(chosen), pending))


def of_period(
    connection: Connection,
    pipeline_name: str,
    report_on: date,
) -> list[Message]:
    """Return the mails about a period: each in its latest version, and all that are still open."""
    found = _read(
        connection,
        and_(
            deliveries.c.pipeline_name == pipeline_name,
            deliveries.c.report_date == report_on,
        ),
    )

    latest: dict[tuple[str, str, str | None], str] = {}

    for message in found:
        mail = message.mail
        latest[mail.profile, mail.profile_env, mail.store_code] = message.message_id

    chosen = []

    for one in found:
        if one.message_id in latest.values() or _is_open(one):
            chosen.append(one)

    return chosen


def _is_open(message: Message) -> bool:
    return any(delivery.state in OPEN_STATES for delivery in message.deliveries)


def due(connection: Connection, due_at: datetime) -> list[tuple[str, date]]:
    """Return the pipelines and report dates that have a mail which is due, oldest first.

    Due is a pending mail whose time has come, and one that a dead process left `sending`.
    """
    next_at = deliveries.c.next_attempt_at
    # Nothing waits longer than LONGEST_PAUSE: a later time was written while a clock was wrong.
    in_time = or_(
        next_at.is_(None),
        next_at <= due_at,
        next_at > due_at + LONGEST_PAUSE,
    )
    pending = and_(deliveries.c.state == MailState.PENDING, in_time)
    query = (
        select(deliveries.c.pipeline_name, deliveries.c.report_date)
        .where(or_(pending, deliveries.c.state == MailState.SENDING))
        .distinct()
        .order_by("report_date", "pipeline_name")
    )

    found = []

    for row in connection.execute(query):
        found.append((row.pipeline_name, row.report_date))

    return found


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many mails are pending, due or not, and when the first of them is tried next."""
    count = func.count(deliveries.c.message_id.distinct())
    first_at = func.min(deliveries.c.next_attempt_at)
    query = select(count, first_at).where(deliveries.c.state == MailState.PENDING)

    number, at = connection.execute(query).one()
    return number, at


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[Message]:
    # Both tables have it, and a row of the result names each column once.
    columns = []

    for column in messages.c:
        if column.name != "message_id":
            columns.append(column)

    query = (
        select(deliveries, *columns)
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
    groups = groupby(rows, key=attrgetter("message_id"))

    found = []

    for _, group in groups:
        found.append(_message(list(group)))

    return found


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
        panel=panel.from_json(first.panel),
    )

    return Message(
        first.message_id,
        mail,
        first.dated_at,
        tuple(map(_delivery, rows)),
    )


def _read_addresses(pairs: list[list[str]]) -> tuple[Address, ...]:
    found = []

    for mailbox, name in pairs:
        found.append(Address(mailbox, name))

    return tuple(found)


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
