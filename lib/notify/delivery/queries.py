"""The SQL of a delivery's states.

Each change is one conditional UPDATE, so that two processes cannot both make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import pipelines
from lib.notify.model.results import MailState
from lib.notify.outbox import rules

#: How often a mail is tried whose profile lets it be sent again while nobody knows whether it went.
MAX_ATTEMPTS_UNCERTAIN = 3


def lock_delivering(connection: Connection, pipeline_name: str) -> None:
    """Wait for the right to deliver the pipeline's mails; it lasts until `unlock_delivering` or the session's end."""
    connection.execute(select(func.pg_advisory_lock(_lock_key(pipeline_name))))


def unlock_delivering(connection: Connection, pipeline_name: str) -> None:
    connection.execute(select(func.pg_advisory_unlock(_lock_key(pipeline_name))))


def bury(connection: Connection, pipeline_name: str) -> None:
    """Call `uncertain` what dead processes left `sending`; then let what its profile allows be sent again.

    Only for who holds the delivering lock: a row that is `sending` then has no living sender that
    may still send.
    """
    reason = "the process that sent it ended before the server's answer"
    sending = and_(
        deliveries.c.pipeline_name == pipeline_name, deliveries.c.state == MailState.SENDING
    )
    connection.execute(
        update(deliveries).where(sending).values(_ended(MailState.UNCERTAIN, reason))
    )

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

    uncertain = and_(
        deliveries.c.pipeline_name == pipeline_name, deliveries.c.state == MailState.UNCERTAIN
    )
    few = deliveries.c.attempts < MAX_ATTEMPTS_UNCERTAIN
    connection.execute(
        update(deliveries).where(uncertain, allowed, few).values(state=MailState.PENDING)
    )


def abandon(connection: Connection, claimed_by: str) -> None:
    """Call `uncertain` what this process has claimed and will not hear about any more."""
    mine = and_(deliveries.c.claimed_by == claimed_by, deliveries.c.state == MailState.SENDING)
    statement = update(deliveries).where(mine)
    connection.execute(
        statement.values(_ended(MailState.UNCERTAIN, "we were stopped before the server's answer"))
    )


def claim(connection: Connection, ids: Sequence[int], claimed_by: str) -> int:
    """Take those of `ids` for sending that are still pending; return how many."""
    statement = update(deliveries).where(
        deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING
    )
    return connection.execute(
        statement.values(
            state=MailState.SENDING,
            claimed_by=claimed_by,
            claimed_at=func.now(),
            attempts=deliveries.c.attempts + 1,
            updated_at=func.now(),
        )
    ).rowcount


def settle(
    connection: Connection, ids: Sequence[int], claimed_by: str, state: MailState, reason: str
) -> None:
    """Write what became of deliveries that we claimed.

    Also of those that somebody called `uncertain` meanwhile because our lock was lost: we know
    better.
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
    for row in connection.execute(
        select(deliveries.c.id, deliveries.c.attempts).where(pending)
    ).all():
        at = now + rules.pause(row.attempts - 1)
        connection.execute(
            update(deliveries).where(deliveries.c.id == row.id).values(next_attempt_at=at)
        )


def record_bytes(connection: Connection, message_id: str, sha256: str) -> None:
    """Remember which bytes were offered to the server last."""
    connection.execute(
        update(messages).where(messages.c.message_id == message_id).values(sha256=sha256)
    )


def decide(
    connection: Connection,
    pipeline_name: str,
    report_on: date,
    *,
    run_id: str | None,
    is_arrived: bool,
) -> int:
    """Settle by a person's word what is uncertain about a period (of one run only, if given); return how many rows.

    What has not arrived is owed again.
    """
    state, reason = (
        (MailState.SENT, "") if is_arrived else (MailState.PENDING, "a person asked for it again")
    )
    statement = update(deliveries).where(
        deliveries.c.pipeline_name == pipeline_name,
        deliveries.c.report_date == report_on,
        deliveries.c.state == MailState.UNCERTAIN,
        *([deliveries.c.run_id == run_id] if run_id else []),
    )

    return connection.execute(
        statement.values(_ended(state, reason) | {"next_attempt_at": None})
    ).rowcount


def _lock_key(pipeline_name: str) -> ColumnElement[int]:
    return func.hashtextextended(f"simplify-deliver:{pipeline_name}", 0)


def _ended(state: MailState, reason: str) -> dict[str, Any]:
    return {"state": state, "reason": reason, "updated_at": func.now()}
