"""The SQL of a delivery's states.

Each change is one conditional UPDATE, so that two processes cannot both make it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import pipelines
from lib.domain.mail_states import WITHDRAWN, MailState
from lib.notify.outbox import rules

#: How often a mail is tried whose profile lets it be sent again while nobody knows whether it went.
MAX_ATTEMPTS_UNCERTAIN = 3


def lock_delivering(connection: Connection, pipeline_name: str) -> None:
    """Wait for the right to deliver the pipeline's mails.

    It lasts until `unlock_delivering` or the session's end.
    """
    connection.execute(select(func.pg_advisory_lock(_lock_key(pipeline_name))))


def unlock_delivering(connection: Connection, pipeline_name: str) -> None:
    connection.execute(select(func.pg_advisory_unlock(_lock_key(pipeline_name))))


def lock_pace(connection: Connection) -> None:
    """Wait until no other process paces or sends a mail; until the session's end or the unlock."""
    connection.execute(select(func.pg_advisory_lock(_PACE_KEY)))


def unlock_pace(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_unlock(_PACE_KEY)))


def claimed_within(
    connection: Connection,
    span: timedelta,
) -> tuple[datetime, list[datetime]]:
    """Return the database's time and when each mail of the last `span` was claimed, oldest first.

    Mails of every pipeline count.
    """
    now = connection.execute(select(func.clock_timestamp())).scalar_one()
    claimed_at = func.max(deliveries.c.claimed_at)
    query = (
        select(claimed_at)
        .where(deliveries.c.claimed_at > now - span)
        .group_by(deliveries.c.message_id)
        .order_by(claimed_at)
    )

    return now, list(connection.execute(query).scalars())


def expire_orphaned_claims(connection: Connection, pipeline_name: str) -> None:
    """Make `uncertain` what dead processes left `sending`; then owe again what may be sent twice.

    Only for the holder of the delivering lock: a row that is `sending` then has no living sender
    that may still send.
    """
    of_pipeline = deliveries.c.pipeline_name == pipeline_name
    sending = and_(of_pipeline, deliveries.c.state == MailState.SENDING)
    reason = "the process that sent it ended before the server's answer"
    connection.execute(
        update(deliveries).where(sending).values(_ended(MailState.UNCERTAIN, reason))
    )

    may_come_twice = (
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

    uncertain = and_(of_pipeline, deliveries.c.state == MailState.UNCERTAIN)
    few = deliveries.c.attempts < MAX_ATTEMPTS_UNCERTAIN
    statement = update(deliveries).where(uncertain, may_come_twice, few)

    connection.execute(statement.values(state=MailState.PENDING))


def release_claims(connection: Connection, claimed_by: str) -> None:
    """Make `uncertain` what this process has claimed and will get no answer for."""
    mine = and_(
        deliveries.c.claimed_by == claimed_by,
        deliveries.c.state == MailState.SENDING,
    )
    values = _ended(MailState.UNCERTAIN, "we were stopped before the server's answer")

    connection.execute(update(deliveries).where(mine).values(values))


def claim(
    connection: Connection,
    ids: Sequence[int],
    claimed_by: str,
) -> int:
    """Take those of `ids` for sending that are still pending; return how many."""
    # The condition is part of the statement: of two processes only one gets a row.
    statement = update(deliveries).where(
        deliveries.c.id.in_(ids),
        deliveries.c.state == MailState.PENDING,
    )
    claimed = connection.execute(
        statement.values(
            state=MailState.SENDING,
            claimed_by=claimed_by,
            claimed_at=func.now(),
            attempts=deliveries.c.attempts + 1,
            updated_at=func.now(),
        )
    )

    return claimed.rowcount


def record_result(
    connection: Connection,
    ids: Sequence[int],
    claimed_by: str,
    state: MailState,
    reason: str,
) -> None:
    """Write what became of deliveries that we claimed.

    Also of those that another process made `uncertain` meanwhile because our lock was lost: we have
    the answer.
    """
    ours = and_(
        deliveries.c.id.in_(ids),
        deliveries.c.claimed_by == claimed_by,
        deliveries.c.state.in_([MailState.SENDING, MailState.UNCERTAIN]),
    )

    connection.execute(update(deliveries).where(ours).values(_ended(state, reason)))


def record_failed_attempt(
    connection: Connection,
    ids: Sequence[int],
    state: MailState,
    reason: str,
) -> None:
    """Write that deliveries came to nothing before they were claimed; it counts as an attempt."""
    pending = and_(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    counted = {"attempts": deliveries.c.attempts + 1}

    connection.execute(update(deliveries).where(pending).values(_ended(state, reason) | counted))


def record_refusal(connection: Connection, ids: Collection[int]) -> None:
    """Make final what a server has refused; the reason is there already."""
    pending = and_(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    values = {
        "state": MailState.FAILED,
        "next_attempt_at": None,
        "updated_at": func.now(),
    }

    connection.execute(update(deliveries).where(pending).values(values))


def schedule_retry(
    connection: Connection,
    ids: Sequence[int],
    now: datetime,
) -> None:
    """Write when the pending ones of `ids` are to be tried again."""
    pending = and_(deliveries.c.id.in_(ids), deliveries.c.state == MailState.PENDING)
    query = select(deliveries.c.id, deliveries.c.attempts).where(pending)

    for row in connection.execute(query).all():
        at = now + rules.pause(row.attempts - 1)
        statement = update(deliveries).where(deliveries.c.id == row.id)
        connection.execute(statement.values(next_attempt_at=at))


def record_bytes(
    connection: Connection,
    message_id: str,
    sha256: str,
) -> None:
    """Remember which bytes were offered to the server last."""
    statement = update(messages).where(messages.c.message_id == message_id)
    connection.execute(statement.values(sha256=sha256))


def sent_messages(connection: Connection, run_ids: Collection[str]) -> set[str]:
    """Return the Message-IDs of what these runs made and a server has taken."""
    query = select(deliveries.c.message_id).where(
        deliveries.c.run_id.in_(run_ids),
        deliveries.c.state == MailState.SENT,
    )

    return set(connection.execute(query.distinct()).scalars())


def decide(
    connection: Connection,
    pipeline_name: str,
    report_on: date,
    *,
    run_id: str | None,
    is_arrived: bool,
) -> int:
    """Write what a person says about a period (one run of it, if given); return how many rows.

    `is_arrived`: what is uncertain counts as sent. Otherwise what is uncertain is owed again, and
    so is what a server has refused for good.
    """
    uncertain = deliveries.c.state == MailState.UNCERTAIN
    refused = and_(
        deliveries.c.state == MailState.FAILED,
        deliveries.c.reason != WITHDRAWN,
    )

    statement = update(deliveries).where(
        deliveries.c.pipeline_name == pipeline_name,
        deliveries.c.report_date == report_on,
        uncertain if is_arrived else or_(uncertain, refused),
    )
    if run_id:
        statement = statement.where(deliveries.c.run_id == run_id)

    values = _ended(MailState.SENT, "")
    if not is_arrived:
        values = _ended(MailState.PENDING, "a person asked for it again")

    return connection.execute(statement.values(values | {"next_attempt_at": None})).rowcount


def _lock_key(pipeline_name: str) -> ColumnElement[int]:
    return func.hashtextextended(f"simplify-deliver:{pipeline_name}", 0)


_PACE_KEY = func.hashtextextended("simplify-mail-pace", 0)


def _ended(state: MailState, reason: str) -> dict[str, Any]:
    return {
        "state": state,
        "reason": reason,
        "updated_at": func.now(),
    }
