"""The SQL of alerts: a unit's last run, the people to notify, and which alerts are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from lib.db.tables import notification_alerts as alerts
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import pipelines
from lib.domain.mail_states import OPEN_STATES, WITHDRAWN, MailState
from lib.notify.alerts.text import LastRun, UndeliveredMails

#: For one statement: a database that hangs must not hold an alert up until its unit is ended.
STATEMENT_TIMEOUT_S = 10


@dataclass(frozen=True)
class OpenAlert:
    """An alert whose unit has not recovered."""

    id: int
    first_at: datetime
    occurrences: int
    is_notified: bool


def set_statement_timeout(connection: Connection) -> None:
    """Let the statements of this transaction take no longer than STATEMENT_TIMEOUT_S each."""
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_S}s'"))


def last_run(connection: Connection, pipeline_name: str) -> LastRun | None:
    """Return the pipeline's run that began last."""
    query = (
        select(
            runs.c.run_id,
            runs.c.overall_status,
            runs.c.report_date,
            runs.c.metrics_json,
        )
        .where(runs.c.pipeline_name == pipeline_name)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )

    row = connection.execute(query).one_or_none()
    if row is None:
        return None

    return LastRun(
        row.run_id,
        row.overall_status,
        row.report_date,
        row.metrics_json or {},
    )


def operators(
    connection: Connection,
    pipeline_name: str | None,
    run_env: str,
) -> list[tuple[str, str | None]]:
    """Return address and name of the run-summary readers of a pipeline; of all of them without."""
    applying = ("any", run_env)
    query = (
        select(recipients.c.email_address, recipients.c.display_name)
        .join(profiles, profiles.c.id == recipients.c.profile_id)
        .join(pipelines, pipelines.c.id == profiles.c.pipeline_id)
        .where(
            profiles.c.scope == "run",
            profiles.c.is_active,
            profiles.c.env.in_(applying),
        )
        .where(
            recipients.c.is_active,
            recipients.c.env.in_(applying),
            recipients.c.store_code.is_(None),
        )
        .order_by(recipients.c.id)
    )

    if pipeline_name:
        query = query.where(pipelines.c.code == pipeline_name)

    found = []

    for row in connection.execute(query):
        found.append((row.email_address, row.display_name))

    return found


def count_failure(
    connection: Connection,
    unit: str,
    cause: str,
    at: datetime,
) -> OpenAlert:
    """Count a failure: open an alert for its cause, or add to the open one."""
    statement = insert(alerts).values(
        unit=unit,
        cause=cause,
        first_at=at,
        last_at=at,
    )
    counted = statement.on_conflict_do_update(
        index_elements=["unit", "cause"],
        index_where=alerts.c.recovered_at.is_(None),
        set_={"last_at": at, "occurrences": alerts.c.occurrences + 1},
    )

    return _open_alert(connection.execute(counted.returning(alerts)).one())


def claim_warning(
    connection: Connection,
    unit: str,
    cause: str,
    at: datetime,
) -> OpenAlert:
    """Count a warning and write that people have been notified of it; return it as it was before.

    The warnings of the unit's other causes are over with it, unlike failures.
    """
    statement = update(alerts).where(
        alerts.c.unit == unit,
        alerts.c.cause != cause,
        alerts.c.recovered_at.is_(None),
    )
    connection.execute(statement.values(recovered_at=at))

    # The row is locked from here on: of two runs one is the first.
    found = count_failure(connection, unit, cause, at)
    if not found.is_notified:
        mark_notified(connection, found.id)

    return found


def release_warning(connection: Connection, alert_id: int) -> None:
    """Write that nobody has been notified of a warning after all."""
    statement = update(alerts).where(alerts.c.id == alert_id)
    connection.execute(statement.values(told_at=None))


def mark_notified(connection: Connection, alert_id: int) -> None:
    """Write that people have been notified of an alert."""
    statement = update(alerts).where(alerts.c.id == alert_id)
    connection.execute(statement.values(told_at=func.now()))


def still_open(connection: Connection, unit: str) -> list[OpenAlert]:
    """Return the unit's open alerts, oldest first."""
    query = (
        select(alerts)
        .where(alerts.c.unit == unit, alerts.c.recovered_at.is_(None))
        .order_by(alerts.c.first_at)
    )

    return list(map(_open_alert, connection.execute(query)))


def _open_alert(row: Row[Any]) -> OpenAlert:
    return OpenAlert(
        row.id,
        row.first_at,
        row.occurrences,
        row.told_at is not None,
    )


def is_mail_owed(connection: Connection) -> bool:
    """Return True if any mail still waits to be delivered."""
    pending = deliveries.c.state == MailState.PENDING
    query = select(deliveries.c.id).where(pending).limit(1)

    return connection.execute(query).first() is not None


def undelivered(
    connection: Connection,
    pipeline_name: str | None,
    since: datetime,
) -> list[UndeliveredMails]:
    """Return what has not been delivered, by state, of one pipeline or of all of them.

    What is open, and what a server has refused for good since that instant.
    """
    refused = and_(
        deliveries.c.state == MailState.FAILED,
        deliveries.c.reason != WITHDRAWN,
        deliveries.c.updated_at >= since,
    )
    query = (
        select(
            deliveries.c.state,
            deliveries.c.store_code,
            deliveries.c.message_id,
        )
        .where(or_(deliveries.c.state.in_(OPEN_STATES), refused))
        .distinct()
    )
    if pipeline_name:
        query = query.where(deliveries.c.pipeline_name == pipeline_name)

    stores: dict[MailState, list[str]] = {}
    for row in connection.execute(query):
        stores.setdefault(MailState(row.state), []).append(row.store_code)

    found = []

    for state, codes in sorted(stores.items()):
        found.append(UndeliveredMails(state, tuple(codes)))

    return found


def recover(connection: Connection, unit: str) -> None:
    """Close the unit's open alerts."""
    statement = update(alerts).where(
        alerts.c.unit == unit,
        alerts.c.recovered_at.is_(None),
    )
    connection.execute(statement.values(recovered_at=func.now()))
