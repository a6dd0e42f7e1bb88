"""The SQL that finds the mails which brought a report: when, to how many, with which figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.domain.mail_states import MAYBE_READ_STATES, MailState


@dataclass(frozen=True)
class ReportMail:
    """A mail that brought a report."""

    #: When its last reader's part was taken, or was last tried; aware.
    sent_at: datetime
    readers: int
    #: False where nobody knows of any reader whether it arrived.
    is_certain: bool
    #: `documents.figures_json` as it was then; None where nothing was kept.
    figures: Mapping[str, Any] | None


def report_mails(
    connection: Connection,
    pipeline_name: str,
    report_on: date,
    file_name: str,
) -> list[ReportMail]:
    """Return the mails with that file among their reports, the newest first.

    Whoever may or may not have got a mail counts.
    """
    is_sent = deliveries.c.state == MailState.SENT
    query = (
        select(
            messages.c.attachments,
            func.max(deliveries.c.updated_at).label("sent_at"),
            func.count().label("readers"),
            func.bool_or(is_sent).label("is_certain"),
        )
        .join(messages, messages.c.message_id == deliveries.c.message_id)
        .where(
            deliveries.c.pipeline_name == pipeline_name,
            deliveries.c.report_date == report_on,
            deliveries.c.state.in_(MAYBE_READ_STATES),
        )
        .group_by(messages.c.message_id)
        .order_by(func.max(deliveries.c.updated_at).desc(), messages.c.message_id)
    )

    found = []

    for row in connection.execute(query):
        for document in row.attachments:
            if document["file_name"] == file_name:
                figures = document.get("figures")
                found.append(ReportMail(row.sent_at, row.readers, row.is_certain, figures))

    return found
