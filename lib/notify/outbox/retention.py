"""The text of old mails is emptied; who was sent what stays, or it would be sent again.

A mail is old when none of its deliveries is open or was decided lately. Its deliveries keep their
recipient: a run or `jobs.notify` of an old period compares addresses with them
(docs/adr/0017-pruned-not-deleted.md).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib.db.old_content import ContentRule
from lib.domain import mail_states
from lib.domain.mail_states import OPEN_STATES

if TYPE_CHECKING:
    from sqlalchemy import Connection

OPEN = mail_states.sql_list(OPEN_STATES)

#: Subject, names of attachments, SHA-256 and deliveries stay.
MAIL_TEXTS = ContentRule(
    table="notification_messages",
    key="message_id",
    written_at="planned_at",
    emptied={
        "body": "''",
        "to_addresses": "'[]'",
        "cc_addresses": "'[]'",
    },
    is_old=f"""
        planned_at < %(before)s AND body <> '' AND NOT EXISTS (
            SELECT FROM notification_deliveries AS delivery
            WHERE delivery.message_id = notification_messages.message_id
              AND (delivery.state IN {OPEN} OR delivery.updated_at >= %(before)s)
        )
    """,
)
OWED_SPANS = f"""
    SELECT DISTINCT pipeline_name, report_date FROM notification_deliveries
    WHERE message_id IN (SELECT message_id FROM notification_deliveries WHERE state IN {OPEN})
"""  # noqa: S608 - a constant


def dates_with_open_mail(connection: Connection) -> frozenset[tuple[str, date]]:
    """Return each pipeline and report date with a mail that is owed or uncertain."""
    return frozenset(
        (row.pipeline_name, row.report_date) for row in connection.exec_driver_sql(OWED_SPANS)
    )
