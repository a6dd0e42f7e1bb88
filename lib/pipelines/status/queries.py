"""The SQL of the overview."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, and_, exists, func, or_, select

from lib.db.tables import documents
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import store_dashboard_summary as dashboards
from lib.db.tables import store_master as stores
from lib.domain.mail_states import OPEN_STATES, WITHDRAWN, MailState
from lib.model import PRUNED, RUNNING, Pipeline, Status
from lib.pipelines.status.facts import Owed, RunRow


def recent_runs(connection: Connection, since: date) -> list[RunRow]:
    """Return the runs about days from `since` on, newest first."""
    query = select(runs).where(
        runs.c.pipeline_name.in_(list(Pipeline)), runs.c.report_date >= since
    )
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
            portal=(row.metrics_json or {}).get("portal", {}).get("text", ""),
        )
        for row in connection.execute(query.order_by(runs.c.started_at.desc(), runs.c.id.desc()))
    ]


def running(connection: Connection) -> set[Pipeline]:
    """Return the pipelines that have a run which has not ended, or was killed."""
    query = select(runs.c.pipeline_name).where(
        runs.c.overall_status == RUNNING, runs.c.pipeline_name.in_(list(Pipeline))
    )
    return {Pipeline(code) for code in connection.execute(query).scalars()}


def days_without_reports(
    connection: Connection, store_codes: Collection[str], first: date, last: date
) -> list[date]:
    """Return the days on which a dashboard of one of the stores is stored and its daily report was never made."""
    code, day = func.upper(stores.c.store_code), dashboards.c.dashboard_date
    made = exists().where(
        documents.c.reference_name_1 == "pipeline",
        documents.c.reference_id_1 == Pipeline.DAILY,
        documents.c.reference_name_3 == "store_code",
        documents.c.reference_id_3 == code,
        documents.c.doc_date == day,
        documents.c.status.in_([Status.OK, PRUNED]),
    )

    query = select(day).join_from(dashboards, stores, dashboards.c.store_id == stores.c.id)
    return list(
        connection.execute(
            query.where(code.in_(store_codes), day.between(first, last), ~made)
            .distinct()
            .order_by(day)
        ).scalars()
    )


def undelivered_mails(connection: Connection, refused_since: date) -> list[Owed]:
    """Return what is not delivered, by pipeline, report date and state, newest date first.

    With what a server has refused for good about days from `refused_since` on.
    """
    refused = and_(
        deliveries.c.state == MailState.FAILED,
        deliveries.c.reason != WITHDRAWN,
        deliveries.c.report_date >= refused_since,
    )
    groups = (deliveries.c.pipeline_name, deliveries.c.report_date, deliveries.c.state)
    stores = func.array_agg(deliveries.c.store_code.distinct())
    query = (
        select(*groups, func.count().label("deliveries"), stores.label("stores"))
        .where(or_(deliveries.c.state.in_(OPEN_STATES), refused))
        .group_by(*groups)
        .order_by(deliveries.c.report_date.desc(), *groups)
    )

    return [
        Owed(
            row.pipeline_name,
            row.report_date,
            row.state,
            row.deliveries,
            tuple(sorted(filter(None, row.stores))),
        )
        for row in connection.execute(query)
    ]
