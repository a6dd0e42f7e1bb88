"""The SQL of a run's life: its lock and its row in `pipeline_run_summaries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.engine import Connection

from lib.db.tables import pipeline_run_summaries as runs
from lib.model import RUNNING, Pipeline, RunRef, Status
from lib.run.summary import Summary


@dataclass(frozen=True)
class Holder:
    """The run that holds a pipeline's lock."""

    run_id: str
    started_at: datetime


def try_lock(connection: Connection, pipeline: Pipeline) -> bool:
    """Take the pipeline's advisory lock for this session, without waiting. It dies with its process (DOMAIN H97)."""
    return bool(connection.execute(select(func.pg_try_advisory_lock(_lock_key(pipeline)))).scalar_one())


def unlock(connection: Connection, pipeline: Pipeline) -> None:
    """Give the lock back, so that the connection may return to its pool."""
    connection.execute(select(func.pg_advisory_unlock(_lock_key(pipeline))))


def _lock_key(pipeline: Pipeline) -> ColumnElement[int]:
    return func.hashtextextended(f"simplify:{pipeline}", 0)


def holder(connection: Connection, pipeline: Pipeline) -> Holder | None:
    """Return the latest run that has begun and not ended."""
    row = connection.execute(
        select(runs.c.run_id, runs.c.started_at)
        .where(runs.c.pipeline_name == pipeline, runs.c.overall_status == RUNNING)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    ).first()
    return Holder(row.run_id, row.started_at) if row else None


def close_killed(connection: Connection, pipeline: Pipeline, closed_by: str) -> list[str]:
    """Close the rows of runs that died without an ending and return their ids. Only for who holds the lock."""
    rows = connection.execute(
        update(runs)
        .where(runs.c.pipeline_name == pipeline, runs.c.overall_status == RUNNING)
        .values(
            overall_status=Status.ERROR,
            summary_text=runs.c.summary_text + f"\nKilled before its end; closed by run {closed_by}.",
        )
        .returning(runs.c.run_id)
    )
    return list(rows.scalars())


def closing_run(connection: Connection, pipeline: Pipeline, report_on: date, stores: tuple[str, ...]) -> str | None:
    """Return the run that left nothing owed for all of `stores` on that day, if there is one."""
    configured = runs.c.metrics_json["stores"]["configured"]
    return connection.execute(
        select(runs.c.run_id)
        .where(
            runs.c.pipeline_name == pipeline,
            runs.c.report_date == report_on,
            runs.c.overall_status.in_([Status.OK, Status.WARNING]),
            configured.contains(list(stores)),
        )
        .order_by(runs.c.started_at)
        .limit(1)
    ).scalar()


def run_exists(connection: Connection, run_id: str) -> bool:
    """Tell whether the id is taken."""
    return connection.execute(select(func.count()).where(runs.c.run_id == run_id)).scalar_one() > 0


def begin(connection: Connection, ref: RunRef) -> None:
    """Write the run's row at its start; the end's columns are NOT NULL, so they hold the start (DOMAIN H94)."""
    connection.execute(
        insert(runs).values(
            pipeline_name=ref.pipeline,
            run_id=ref.run_id,
            run_env=ref.run_env,
            started_at=ref.started_at,
            finished_at=ref.started_at,
            total_time_taken="00:00:00",
            report_date=ref.report_on,
            overall_status=RUNNING,
            summary_text=f"Pipeline: {ref.pipeline}\nRun ID: {ref.run_id}\nStatus: running",
        )
    )


def save(connection: Connection, ref: RunRef, summary: Summary, status: str) -> None:
    """Write what the run's row says now, under the given `overall_status`."""
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
