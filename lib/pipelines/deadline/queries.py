"""The SQL of deadlines: how long runs took, how far the latest one is, when its mails went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select

from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import pipeline_run_summaries as runs
from lib.domain.mail_states import CORRECTION, LATE, OWED_STATES, MailState
from lib.model import Phase, Pipeline, Status
from lib.pipelines.deadline.forecast import LAST_RUNS, PastDurations


@dataclass(frozen=True)
class LatestRun:
    """The run of a report date that began last."""

    status: str
    started_at: datetime
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class MailsOut:
    """What became of the mails about a report date."""

    #: Nothing is left to make, and no mail to send.
    are_out: bool
    #: When the last one was sent; None where none was.
    sent_at: datetime | None


def history(connection: Connection, pipeline: Pipeline, before: date) -> PastDurations:
    """Return how long the phases of the latest runs about days before `before` took.

    Only of runs that made and mailed everything for their date and had no earlier run: what a
    retry does is a part of the work, and takes a part of the time.
    """
    earlier = runs.alias()
    has_earlier = exists().where(
        earlier.c.pipeline_name == runs.c.pipeline_name,
        earlier.c.report_date == runs.c.report_date,
        earlier.c.started_at < runs.c.started_at,
    )
    durations = runs.c.metrics_json["durations_s"]

    query = (
        select(durations)
        .where(
            runs.c.pipeline_name == pipeline,
            runs.c.report_date < before,
            runs.c.closes,
            durations.has_key(Phase.NOTIFY.value),
            ~has_earlier,
        )
        .order_by(runs.c.report_date.desc())
        .limit(LAST_RUNS)
    )

    return PastDurations(tuple(connection.execute(query).scalars()))


def latest_run(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
) -> LatestRun | None:
    """Return the run of the report date that began last; None where none has begun."""
    query = (
        select(
            runs.c.overall_status,
            runs.c.started_at,
            runs.c.metrics_json,
        )
        .where(runs.c.pipeline_name == pipeline, runs.c.report_date == report_on)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )

    row = connection.execute(query).one_or_none()
    if row is None:
        return None

    return LatestRun(row.overall_status, row.started_at, row.metrics_json or {})


def mails(connection: Connection, pipeline: Pipeline, report_on: date) -> MailsOut:
    """Return what became of the mails about a report date.

    Of those up to the first run that left nothing to do: what is made and mailed again later does
    not change when the mails were out.
    """
    of_date = (runs.c.pipeline_name == pipeline, runs.c.report_date == report_on)
    complete_at = (
        select(func.min(runs.c.started_at))
        .where(
            *of_date,
            runs.c.overall_status.in_([Status.OK, Status.WARNING]),
            runs.c.metrics_json["may_close"].as_boolean(),
        )
        .scalar_subquery()
    )
    made_by = select(runs.c.run_id).where(*of_date, runs.c.started_at <= complete_at)

    is_sent = deliveries.c.state == MailState.SENT
    is_owed = deliveries.c.state.in_(OWED_STATES)
    is_about_lateness = or_(
        deliveries.c.content_version == LATE,
        deliveries.c.content_version.startswith(CORRECTION, autoescape=True),
    )

    query = select(
        func.count().filter(is_owed),
        func.max(deliveries.c.updated_at).filter(is_sent),
        select(complete_at.is_not(None)).scalar_subquery(),
    ).where(
        deliveries.c.pipeline_name == pipeline,
        deliveries.c.report_date == report_on,
        deliveries.c.run_id.in_(made_by),
        ~is_about_lateness,
    )

    owed, sent_at, is_complete = connection.execute(query).one()
    return MailsOut(is_complete and not owed, sent_at)
