"""The SQL of a run's life: its lock and its row in `pipeline_run_summaries`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lib.db.tables import pipeline_run_summaries as runs
from lib.model import RUNNING, Phase, Pipeline, RunRef, Status
from lib.run.summary import Summary

#: Phases whose failure leaves figures or rows of a day out.
_DATA_PHASES = (
    Phase.PREFLIGHT,
    Phase.DB,
    Phase.LOGIN,
    Phase.DOWNLOAD,
    Phase.MERGE,
    Phase.INGEST,
    Phase.AUDIT,
    Phase.SCRAPE,
)


@dataclass(frozen=True)
class Holder:
    """The run that holds a pipeline's lock."""

    run_id: str
    started_at: datetime


def try_lock(connection: Connection, pipeline: Pipeline) -> bool:
    """Return True if this session holds the pipeline's advisory lock now; never waits.

    The lock dies with its process.

    Source: lesson 97.
    """
    query = select(func.pg_try_advisory_lock(_lock_key(pipeline)))
    return bool(connection.execute(query).scalar_one())


def unlock(connection: Connection, pipeline: Pipeline) -> None:
    """Release the lock, so that the connection may return to its pool."""
    connection.execute(select(func.pg_advisory_unlock(_lock_key(pipeline))))


def _lock_key(pipeline: Pipeline) -> ColumnElement[int]:
    return func.hashtextextended(f"simplify:{pipeline}", 0)


def holder(connection: Connection, pipeline: Pipeline) -> Holder | None:
    """Return the latest run that has begun and not ended; None when there is none."""
    query = (
        select(runs.c.run_id, runs.c.started_at)
        .where(runs.c.pipeline_name == pipeline, runs.c.overall_status == RUNNING)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )

    row = connection.execute(query).first()
    return Holder(row.run_id, row.started_at) if row else None


def close_killed(
    connection: Connection,
    pipeline: Pipeline,
    closed_by: str,
) -> list[str]:
    """Close the rows of runs that died without an ending and return their ids.

    Only for a session that holds the lock: without it the run may be at work.
    """
    ending = f"\nKilled before its end; closed by {closed_by}."
    statement = (
        update(runs)
        .where(runs.c.pipeline_name == pipeline, runs.c.overall_status == RUNNING)
        .values(overall_status=Status.ERROR, summary_text=runs.c.summary_text + ending)
        .returning(runs.c.run_id)
    )

    return list(connection.execute(statement).scalars())


@dataclass(frozen=True)
class Earlier:
    """A run of the same pipeline and report date that has ended."""

    run_id: str
    status: str
    closes: bool
    metrics: Mapping[str, Any]


def earlier(
    connection: Connection,
    pipeline: str,
    report_on: date,
) -> list[Earlier]:
    """Return what the earlier runs of a report date left behind, oldest first."""
    query = (
        select(
            runs.c.run_id,
            runs.c.overall_status,
            runs.c.closes,
            runs.c.metrics_json,
        )
        .where(
            runs.c.pipeline_name == pipeline,
            runs.c.report_date == report_on,
            runs.c.overall_status != RUNNING,
        )
        .order_by(runs.c.started_at, runs.c.id)
    )

    found = []
    for row in connection.execute(query):
        metrics = row.metrics_json or {}
        found.append(Earlier(row.run_id, row.overall_status, row.closes, metrics))

    return found


def daily_data_is_owed(connection: Connection, report_on: date) -> bool:
    """Return True if the latest daily run of the date has left exports or dashboards undone.

    A run that is at work, or was killed, has. False where no daily run of the date has begun.
    """
    query = (
        select(runs.c.overall_status, runs.c.phases_json)
        .where(runs.c.pipeline_name == Pipeline.DAILY, runs.c.report_date == report_on)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )

    row = connection.execute(query).first()
    if row is None:
        return False

    if row.overall_status == RUNNING:
        return True

    phases = row.phases_json or {}
    errors = []

    for phase in _DATA_PHASES:
        errors.append(phases.get(phase, {}).get(Status.ERROR, 0))

    return row.overall_status == Status.ERROR and (any(errors) or not phases)


def closed_dates(connection: Connection, pipeline: Pipeline) -> frozenset[date]:
    """Return every report date of the pipeline that a run closed."""
    is_closed = (runs.c.pipeline_name == pipeline, runs.c.closes)
    query = select(runs.c.report_date).where(*is_closed)

    return frozenset(connection.execute(query).scalars())


def dates_reported_empty(connection: Connection, pipeline: Pipeline) -> frozenset[date]:
    """Return the report dates of which a complete run has mailed that there is no data.

    A run with --no-notify mails nothing, so the next one does.
    """
    query = select(runs.c.report_date).where(
        runs.c.pipeline_name == pipeline,
        runs.c.overall_status == Status.WARNING,
        runs.c.metrics_json["stores_with_data"] == [],
        runs.c.metrics_json["email"].has_key("planned"),
    )

    return frozenset(connection.execute(query).scalars())


def closing_run(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
) -> str | None:
    """Return the id of the run that closed the report date; None while it is open."""
    query = select(runs.c.run_id).where(
        runs.c.pipeline_name == pipeline,
        runs.c.report_date == report_on,
        runs.c.closes,
    )

    return connection.execute(query).scalar()


def close(connection: Connection, run_id: str) -> bool:
    """Mark the run as the one that closes its report date.

    Return False, with nothing changed, when another run has closed it.
    """
    statement = update(runs).where(runs.c.run_id == run_id).values(closes=True)

    # A unique index allows one closing run: two runs that end at once cannot both win.
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError:
        return False

    return True


def reopen(connection: Connection, run_id: str) -> None:
    """Undo the closing by a run, so that another may close the date in the same transaction."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(closes=False))


def reopen_older(connection: Connection, run_id: str) -> None:
    """Undo the closing by a run that began before `run_id`, of the same report date."""
    this = select(runs).where(runs.c.run_id == run_id).subquery()
    older = (
        runs.c.pipeline_name == this.c.pipeline_name,
        runs.c.report_date == this.c.report_date,
        runs.c.started_at < this.c.started_at,
    )

    connection.execute(update(runs).where(*older, runs.c.closes).values(closes=False))


def run_exists(connection: Connection, run_id: str) -> bool:
    """Return True if a run of any pipeline has the id."""
    query = select(func.count()).where(runs.c.run_id == run_id)
    return connection.execute(query).scalar_one() > 0


def begin(connection: Connection, ref: RunRef) -> None:
    """Write the run's row at its start.

    The columns of the end are NOT NULL, so they hold the start for now.

    Source: lesson 94.
    """
    row = {
        "pipeline_name": ref.pipeline,
        "run_id": ref.run_id,
        "run_env": ref.run_env,
        "started_at": ref.started_at,
        "finished_at": ref.started_at,
        "total_time_taken": "00:00:00",
        "report_date": ref.report_on,
        "overall_status": RUNNING,
        "summary_text": f"Pipeline: {ref.pipeline}\nRun ID: {ref.run_id}\nStatus: running",
    }

    connection.execute(insert(runs).values(row))


def save(
    connection: Connection,
    ref: RunRef,
    summary: Summary,
    status: str,
) -> None:
    """Store the summary in the run's row, with `status` as its `overall_status`."""
    connection.execute(
        update(runs)
        .where(runs.c.run_id == ref.run_id)
        .values(
            finished_at=summary.finished_at,
            total_time_taken=summary.total_time_taken,
            overall_status=status,
            summary_text=summary.text,
            phases_json=summary.phases,
            metrics_json=summary.metrics,
        )
    )


def row_of(connection: Connection, run_id: str) -> Row[Any] | None:
    """Return the row of a run; None when there is none."""
    query = select(runs).where(runs.c.run_id == run_id)
    return connection.execute(query).one_or_none()


def latest(connection: Connection, pipeline: str, report_on: date) -> str | None:
    """Return the id of the run of that report date which began last."""
    query = (
        select(runs.c.run_id)
        .where(runs.c.pipeline_name == pipeline, runs.c.report_date == report_on)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )

    return connection.execute(query).scalar()


def amend(connection: Connection, run_id: str, changed: Mapping[str, Any]) -> None:
    """Write columns of the row of a run that has ended."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(changed))


def newest(connection: Connection, pipeline: str) -> str | None:
    """Return the id of the pipeline's run that began last."""
    query = (
        select(runs.c.run_id)
        .where(runs.c.pipeline_name == pipeline)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )

    return connection.execute(query).scalar()
