"""The SQL that answers whose reports an address gets."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import pipelines
from lib.domain.stores import ALL
from lib.model import Pipeline
from lib.notify.model.rows import ANY_ENV, Scope


def readable_stores(
    connection: Connection,
    mailbox: str,
    run_env: str,
) -> frozenset[str]:
    """Return the codes of the stores whose daily reports go to that address.

    `ALL` stands for every store; none for a stranger. Letter case does not make another reader.
    """
    envs = [ANY_ENV, run_env]
    query = (
        select(func.upper(func.trim(recipients.c.store_code)))
        .join(profiles, profiles.c.id == recipients.c.profile_id)
        .join(pipelines, pipelines.c.id == profiles.c.pipeline_id)
        .where(
            pipelines.c.code == Pipeline.DAILY,
            profiles.c.scope == Scope.STORE,
            profiles.c.is_active,
            profiles.c.env.in_(envs),
            recipients.c.is_active,
            recipients.c.env.in_(envs),
            func.lower(func.trim(recipients.c.email_address)) == mailbox.lower(),
        )
    )

    found = set()

    for code in connection.execute(query).scalars():
        found.add(code or ALL)

    return frozenset(found)


def latest_run(connection: Connection) -> tuple[str, date] | None:
    """Return run id and report date of the newest daily run; None before the first."""
    query = (
        select(runs.c.run_id, runs.c.report_date)
        .where(runs.c.pipeline_name == Pipeline.DAILY, runs.c.report_date.is_not(None))
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )

    row = connection.execute(query).one_or_none()
    return (row.run_id, row.report_date) if row else None
