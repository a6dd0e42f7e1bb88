"""The SQL of alerts: what is known of a unit's last run, who is told, and which alerts are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from lib.db.tables import notification_alerts as alerts
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import pipelines
from lib.notify.alerts.text import LastRun
from lib.notify.model.results import MailState

#: For one question: a database that hangs must not hold an alert up until its unit is ended.
PATIENCE_S = 10


@dataclass(frozen=True)
class Open:
    """An alert that nobody has called off."""

    id: int
    first_at: datetime
    occurrences: int
    is_told: bool


def hurry(connection: Connection) -> None:
    """Let the statements of this transaction take no longer than PATIENCE_S each."""
    connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE_S}s'"))


def last_run(connection: Connection, pipeline_name: str) -> LastRun | None:
    """Return the pipeline's run that began last."""
    query = (
        select(runs)
        .where(runs.c.pipeline_name == pipeline_name)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )

    row = connection.execute(query).one_or_none()
    return (
        LastRun(row.run_id, row.overall_status, row.report_date, row.metrics_json or {})
        if row
        else None
    )


def operators(
    connection: Connection, pipeline_name: str | None, run_env: str
) -> list[tuple[str, str | None]]:
    """Return address and name of the run-summary readers of a pipeline, of all of them without one."""
    applying = ("any", run_env)
    query = (
        select(recipients.c.email_address, recipients.c.display_name)
        .join(profiles, profiles.c.id == recipients.c.profile_id)
        .join(pipelines, pipelines.c.id == profiles.c.pipeline_id)
        .where(profiles.c.scope == "run", profiles.c.is_active, profiles.c.env.in_(applying))
        .where(
            recipients.c.is_active,
            recipients.c.env.in_(applying),
            recipients.c.store_code.is_(None),
        )
        .order_by(recipients.c.id)
    )

    if pipeline_name:
        query = query.where(pipelines.c.code == pipeline_name)

    return [(row.email_address, row.display_name) for row in connection.execute(query)]


def count(connection: Connection, unit: str, cause: str, at: datetime) -> Open:
    """Count a failure: open an alert for its cause, or add to the open one."""
    statement = insert(alerts).values(unit=unit, cause=cause, first_at=at, last_at=at)
    counted = statement.on_conflict_do_update(
        index_elements=["unit", "cause"],
        index_where=alerts.c.recovered_at.is_(None),
        set_={"last_at": at, "occurrences": alerts.c.occurrences + 1},
    )

    row = connection.execute(counted.returning(alerts)).one()
    return Open(row.id, row.first_at, row.occurrences, row.told_at is not None)


def told(connection: Connection, alert_id: int) -> None:
    """Write that people have been told of an alert."""
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(told_at=func.now()))


def still_open(connection: Connection, unit: str) -> list[Open]:
    """Return the unit's open alerts, oldest first."""
    query = (
        select(alerts)
        .where(alerts.c.unit == unit, alerts.c.recovered_at.is_(None))
        .order_by(alerts.c.first_at)
    )

    return [
        Open(row.id, row.first_at, row.occurrences, row.told_at is not None)
        for row in connection.execute(query)
    ]


def is_mail_owed(connection: Connection) -> bool:
    """Tell whether any mail still waits to be delivered."""
    return bool(
        connection.execute(
            select(deliveries.c.id).where(deliveries.c.state == MailState.PENDING).limit(1)
        ).all()
    )


def recover(connection: Connection, unit: str) -> None:
    """Close the unit's open alerts."""
    statement = update(alerts).where(alerts.c.unit == unit, alerts.c.recovered_at.is_(None))
    connection.execute(statement.values(recovered_at=func.now()))
