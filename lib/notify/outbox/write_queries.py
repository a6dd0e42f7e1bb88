"""The SQL that writes the outbox: what is owed to whom, with which content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.domain.mail_states import LATE, WITHDRAWN, MailState
from lib.notify.model.addresses import Address
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Document, SendAs
from lib.notify.outbox.read_queries import about
from lib.notify.outbox.rules import Content, Key

#: Fields of a document that are found out anew each time.
_NOT_STORED = frozenset({"problem", "is_pruned"})


def lock_planning(connection: Connection, pipeline_name: str) -> None:
    """Let one transaction at a time plan mails of the pipeline."""
    key = func.hashtextextended(f"simplify-plan:{pipeline_name}", 0)
    connection.execute(select(func.pg_advisory_xact_lock(key)))


def store_message(
    connection: Connection,
    message_id: str,
    mail: PlannedMail,
    *,
    dated_at: datetime,
    position: int,
) -> None:
    """Write the content of a mail, over an earlier one that somebody is still owed."""
    content = {
        "position": position,
        "subject": mail.subject,
        "body": mail.body,
        "to_addresses": _addresses(mail.to),
        "cc_addresses": _addresses(mail.cc),
        "attachments": list(map(_document, mail.attachments)),
        "panel": mail.panel.as_json() if mail.panel else None,
        "dated_at": dated_at,
        "problem": mail.problem,
        "planned_at": func.now(),
    }

    statement = insert(messages).values(message_id=message_id, **content)
    connection.execute(statement.on_conflict_do_update(index_elements=["message_id"], set_=content))


def store_smaller(
    connection: Connection,
    message_id: str,
    mail: PlannedMail,
) -> None:
    """Write that a mail goes with these attachments only, and with this text."""
    content = {
        "body": mail.body,
        "attachments": list(map(_document, mail.attachments)),
    }
    statement = update(messages).where(messages.c.message_id == message_id)

    connection.execute(statement.values(content))


def _addresses(addresses: Iterable[Address]) -> list[list[str]]:
    found = []

    for address in addresses:
        found.append([address.mailbox, address.display_name])

    return found


def _document(document: Document) -> dict[str, Any]:
    stored = asdict(document)
    for name in _NOT_STORED:
        del stored[name]

    return stored


def enqueue(
    connection: Connection,
    key: Key,
    owed: Mapping[Address, SendAs],
    content: Content,
) -> None:
    """Write a pending delivery for each address that is owed.

    One that is pending already gets the new content.
    """
    for address, send_as in owed.items():
        values = {
            "content_version": content.version,
            "message_id": content.message_id,
            "run_id": content.run_id,
            "send_as": send_as,
            "updated_at": func.now(),
        }

        # Letter case does not make another reader.
        same = func.lower(deliveries.c.recipient) == address.mailbox.lower()
        pending = deliveries.c.state == MailState.PENDING
        renewed = connection.execute(
            update(deliveries)
            .where(
                *about(key),
                same,
                pending,
            )
            .values(values)
        )
        if renewed.rowcount:
            continue

        row = {
            "pipeline_name": key.pipeline_name,
            "report_date": key.report_on,
            "profile_code": key.profile,
            "profile_env": key.profile_env,
            "store_code": key.store_code,
            "recipient": address.mailbox,
        }

        connection.execute(insert(deliveries).values(row | values).on_conflict_do_nothing())


def enqueue_once(
    connection: Connection,
    key: Key,
    address: Address,
    mail: PlannedMail,
    content: Content,
    *,
    dated_at: datetime,
) -> bool:
    """Write a mail with one pending delivery; return False if this version was ever owed.

    Unlike `enqueue` it takes no pending delivery's place: each is about something else.
    """
    known = select(deliveries.c.id).where(
        *about(key),
        func.lower(deliveries.c.recipient) == address.mailbox.lower(),
        deliveries.c.content_version == content.version,
    )

    if connection.execute(select(known.exists())).scalar_one():
        return False

    store_message(connection, content.message_id, mail, dated_at=dated_at, position=0)
    connection.execute(
        insert(deliveries).values(
            pipeline_name=key.pipeline_name,
            report_date=key.report_on,
            profile_code=key.profile,
            profile_env=key.profile_env,
            store_code=key.store_code,
            recipient=address.mailbox,
            content_version=content.version,
            message_id=content.message_id,
            run_id=content.run_id,
            send_as=SendAs.TO,
        )
    )
    return True


def withdraw(
    connection: Connection,
    key: Key,
    mail: PlannedMail,
) -> None:
    """Give up what is pending for people who are no recipients of the mail any more."""
    readers = []

    for address in mail.envelope:
        readers.append(address.mailbox.lower())

    removed = func.lower(deliveries.c.recipient).not_in(readers)
    pending = deliveries.c.state == MailState.PENDING
    statement = update(deliveries).where(
        *about(key),
        pending,
        removed,
    )

    connection.execute(
        statement.values(
            state=MailState.FAILED,
            reason=WITHDRAWN,
            updated_at=func.now(),
        )
    )


def delete_late(
    connection: Connection,
    key: Key,
) -> None:
    """Delete what says that a report is late and has not gone: the report is made."""
    statement = delete(deliveries).where(
        *about(key),
        deliveries.c.content_version == LATE,
        deliveries.c.state == MailState.PENDING,
    )
    deleted = connection.execute(statement.returning(deliveries.c.message_id)).scalars()

    delete_unreferenced(connection, set(deleted))


def delete_unreferenced(connection: Connection, message_ids: Iterable[str]) -> None:
    """Delete the messages among these that no delivery stands for any more."""
    has_delivery = select(deliveries.c.id).where(deliveries.c.message_id == messages.c.message_id)
    unreferenced = ~has_delivery.exists()
    among = messages.c.message_id.in_(list(message_ids))

    connection.execute(delete(messages).where(among, unreferenced))
