"""The SQL of the overview."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from lib.db.tables import COUNTED, documents, ingest_counts, pipelines
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import store_dashboard_summary as dashboards
from lib.db.tables import store_master as stores
from lib.domain.mail_states import OPEN_STATES, WITHDRAWN, MailState
from lib.domain.stores import ALL
from lib.model import PRUNED, RUNNING, Bucket, Pipeline, Status
from lib.pipelines.status.facts import MailGroup, RunRow


def recent_runs(connection: Connection, since: date) -> list[RunRow]:
    """Return the runs about days from `since` on, newest first."""
    query = (
        select(runs)
        .where(
            runs.c.pipeline_name.in_(list(Pipeline)),
            runs.c.report_date >= since,
        )
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
    )

    found = []

    for row in connection.execute(query):
        metrics = row.metrics_json or {}
        found.append(
            RunRow(
                pipeline=Pipeline(row.pipeline_name),
                run_id=row.run_id,
                report_on=row.report_date,
                status=row.overall_status,
                started_at=row.started_at,
                finished_at=row.finished_at,
                closes=row.closes,
                summary=row.summary_text,
                portal=metrics.get("portal", {}).get("text", ""),
            )
        )

    return found


def running(connection: Connection) -> set[Pipeline]:
    """Return the pipelines that have a run which has not ended, or was killed."""
    query = select(runs.c.pipeline_name).where(
        runs.c.overall_status == RUNNING,
        runs.c.pipeline_name.in_(list(Pipeline)),
    )

    return set(map(Pipeline, connection.execute(query).scalars()))


def days_without_reports(
    connection: Connection,
    store_codes: Collection[str],
    first: date,
    last: date,
) -> list[date]:
    """Return the days with a stored dashboard of one of the stores and without its daily report."""
    code = func.upper(stores.c.store_code)
    day = dashboards.c.dashboard_date

    made = exists().where(
        documents.c.reference_name_1 == "pipeline",
        documents.c.reference_id_1 == Pipeline.DAILY,
        documents.c.reference_name_3 == "store_code",
        documents.c.reference_id_3 == code,
        documents.c.doc_date == day,
        documents.c.status.in_([Status.OK, PRUNED]),
    )

    query = (
        select(day)
        .join_from(dashboards, stores, dashboards.c.store_id == stores.c.id)
        .where(
            code.in_(store_codes),
            day.between(first, last),
            ~made,
        )
        .distinct()
        .order_by(day)
    )

    return list(connection.execute(query).scalars())


def undelivered_mails(
    connection: Connection,
    refused_since: date,
) -> list[MailGroup]:
    """Return what is not delivered, by pipeline, report date and state, newest date first.

    With what a server has refused for good about days from `refused_since` on.
    """
    refused = and_(
        deliveries.c.state == MailState.FAILED,
        # Nothing refused the mail of a reader who was taken off the list.
        deliveries.c.reason != WITHDRAWN,
        deliveries.c.report_date >= refused_since,
    )

    groups = (
        deliveries.c.pipeline_name,
        deliveries.c.report_date,
        deliveries.c.state,
    )

    query = (
        select(
            *groups,
            func.count().label("deliveries"),
            func.array_agg(deliveries.c.store_code.distinct()).label("stores"),
        )
        .where(or_(deliveries.c.state.in_(OPEN_STATES), refused))
        .group_by(*groups)
        .order_by(deliveries.c.report_date.desc(), *groups)
    )

    found = []

    for row in connection.execute(query):
        codes = sorted(filter(None, row.stores))
        found.append(
            MailGroup(
                row.pipeline_name,
                row.report_date,
                row.state,
                row.deliveries,
                tuple(codes),
            )
        )

    return found


def unread_combined(
    connection: Connection,
    run_env: str,
    since: date,
) -> list[Pipeline]:
    """Return the pipelines with a combined report from `since` on that nobody is to be mailed."""
    applying = ("any", run_env)
    has_reader = exists().where(
        pipelines.c.code == documents.c.reference_id_1,
        profiles.c.pipeline_id == pipelines.c.id,
        profiles.c.scope == "combined",
        profiles.c.is_active,
        profiles.c.env.in_(applying),
        recipients.c.profile_id == profiles.c.id,
        recipients.c.is_active,
        recipients.c.env.in_(applying),
    )

    query = (
        select(documents.c.reference_id_1)
        .where(
            documents.c.reference_name_1 == "pipeline",
            documents.c.reference_id_1.in_(list(Pipeline)),
            documents.c.reference_name_3 == "store_code",
            documents.c.reference_id_3 == ALL,
            documents.c.status == Status.OK,
            documents.c.doc_date >= since,
            ~has_reader,
        )
        .distinct()
        .order_by(documents.c.reference_id_1)
    )

    return list(map(Pipeline, connection.execute(query).scalars()))


def last_successes(connection: Connection) -> dict[Pipeline, datetime]:
    """Return when each pipeline's last run ended that closed its report date; aware, in UTC."""
    query = (
        select(runs.c.pipeline_name, func.max(runs.c.finished_at))
        .where(runs.c.closes, runs.c.pipeline_name.in_(list(Pipeline)))
        .group_by(runs.c.pipeline_name)
    )

    found = {}

    for code, ended_at in connection.execute(query):
        found[Pipeline(code)] = ended_at

    return found


def last_durations(connection: Connection) -> dict[Pipeline, Mapping[str, float]]:
    """Return the seconds by phase of each pipeline's last run that ended.

    A run of an older version has kept none; its pipeline is left out.
    """
    query = (
        select(runs.c.pipeline_name, runs.c.metrics_json["durations_s"])
        .where(
            runs.c.overall_status != RUNNING,
            runs.c.pipeline_name.in_(list(Pipeline)),
        )
        .ext(distinct_on(runs.c.pipeline_name))
        .order_by(
            runs.c.pipeline_name,
            runs.c.started_at.desc(),
            runs.c.id.desc(),
        )
    )

    found = {}

    for code, count in connection.execute(query):
        if count:
            found[Pipeline(code)] = count

    return found


def last_load(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many rows the last load of each bucket had, by what became of them."""
    found = {}

    for bucket in Bucket:
        of_bucket = ingest_counts.c.bucket == bucket
        is_counted = exists().where(of_bucket, ingest_counts.c.run_id == runs.c.run_id)

        # From the newest run on: the counts of years are not looked through.
        last_run = (
            select(runs.c.run_id)
            .where(is_counted)
            .order_by(runs.c.started_at.desc(), runs.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )

        sums = [func.sum(ingest_counts.c[name]) for name in COUNTED]
        query = select(*sums).where(of_bucket, ingest_counts.c.run_id == last_run)

        for name, rows in zip(COUNTED, connection.execute(query).one(), strict=True):
            if rows is not None:
                found[bucket.value, name] = int(rows)

    return found
