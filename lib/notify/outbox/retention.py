"""Empties the text of old mails; who was sent what stays, or it would be sent again.

A mail is closed when nothing of it is owed or uncertain. Its deliveries keep their recipient: a
run or `jobs.notify` of an old period compares addresses with them (docs/adr/0017).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from lib.domain import mail_states
from lib.domain.mail_states import OPEN_STATES

if TYPE_CHECKING:
    from sqlalchemy import Connection

OPEN = mail_states.sql_list(OPEN_STATES)
OLD = f"""
    message.planned_at < %(before)s AND message.body <> ''
    AND NOT EXISTS (
        SELECT FROM notification_deliveries AS delivery
        WHERE delivery.message_id = message.message_id
          AND (delivery.state IN {OPEN} OR delivery.updated_at >= %(before)s)
    )
"""
COUNT = f"""
    SELECT count(*) AS mails, min(planned_at) AS oldest_at,
           coalesce(
               sum(
                   pg_column_size(body)
                   + pg_column_size(to_addresses)
                   + pg_column_size(cc_addresses)
               ),
               0
           ) AS bytes
    FROM notification_messages AS message WHERE {OLD}
"""  # noqa: S608 - a constant
FORGET = f"""
    UPDATE notification_messages SET body = '', to_addresses = '[]', cc_addresses = '[]'
    WHERE message_id IN (
        SELECT message_id FROM notification_messages AS message WHERE {OLD}
        ORDER BY message_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
"""  # noqa: S608 - a constant
OWED = f"""
    SELECT DISTINCT pipeline_name, report_date FROM notification_deliveries
    WHERE message_id IN (SELECT message_id FROM notification_deliveries WHERE state IN {OPEN})
"""  # noqa: S608 - a constant


@dataclass(frozen=True)
class KeptMails:
    """What is stored of closed mails and older than allowed."""

    mails: int
    size_bytes: int
    oldest_at: datetime | None


def kept_mails(connection: Connection, before: datetime) -> KeptMails:
    """Return the closed mails from before that instant whose text is still there."""
    found = connection.exec_driver_sql(COUNT, {"before": before}).one()
    return KeptMails(found.mails, int(found.bytes), found.oldest_at)


def forget_mails(connection: Connection, before: datetime, most: int) -> int:
    """Empty text and lists of up to `most` of them; return how many.

    Rows that another process has locked are left out. Subject, names of attachments, SHA-256 and
    deliveries stay.
    """
    return connection.exec_driver_sql(FORGET, {"before": before, "most": most}).rowcount


def owed_spans(connection: Connection) -> frozenset[tuple[str, date]]:
    """Return the pipelines and report dates that have a mail which is owed or uncertain.

    Its reports are needed.
    """
    rows = connection.exec_driver_sql(OWED)
    return frozenset((row.pipeline_name, row.report_date) for row in rows)
