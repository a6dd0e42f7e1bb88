"""The SQL of the overview."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import pipeline_run_summaries as runs
from lib.model import RUNNING, Pipeline
from lib.pipelines.status.facts import Owed, RunRow

UNFINISHED = ("pending", "sending", "uncertain")


def recent_runs(connection: Connection, since: date) -> list[RunRow]:
    """Return the runs about days from `since` on, newest first."""
    query = select(runs).where(runs.c.pipeline_name.in_(list(Pipeline)), runs.c.report_date >= since)
    return [
        RunRow(
            pipeline=Pipeline(row.pipeline_name),
            run_id=row.run_id,
            report_on=row.report_date,
            status=row.overall_status,
            started_at=row.started_at,
            finished_at=row.finished_at,
            closes=row.closes,
            summary=row.summary_text,
        )
        for row in connection.execute(query.order_by(runs.c.started_at.desc(), runs.c.id.desc()))
    ]


def running(connection: Connection) -> set[Pipeline]:
    """Return the pipelines that have a run which has not ended, or was killed."""
    query = select(runs.c.pipeline_name).where(
        runs.c.overall_status == RUNNING, runs.c.pipeline_name.in_(list(Pipeline))
    )
    return {Pipeline(code) for code in connection.execute(query).scalars()}


def unfinished_mails(connection: Connection) -> list[Owed]:
    """Return what is not delivered, by pipeline, report date and state, newest date first."""
    groups = (deliveries.c.pipeline_name, deliveries.c.report_date, deliveries.c.state)
    query = select(*groups, func.count()).where(deliveries.c.state.in_(UNFINISHED)).group_by(*groups)
    return [Owed(*row) for row in connection.execute(query.order_by(deliveries.c.report_date.desc(), *groups))]
