"""Rows of `pipeline_run_summaries`, which documents, deliveries and the load accounting refers to."""

from __future__ import annotations

from sqlalchemy import Engine, insert

from lib.db.tables import pipeline_run_summaries
from lib.model import RunRef, Status


def add_run(engine: Engine, run: RunRef, **columns: object) -> None:
    """Add the row of a run that ended well."""
    row = {
        "pipeline_name": run.pipeline,
        "run_id": run.run_id,
        "run_env": run.run_env,
        "started_at": run.started_at,
        "finished_at": run.started_at,
        "total_time_taken": "00:00:00",
        "report_date": run.report_on,
        "overall_status": Status.OK,
        "summary_text": "",
        **columns,
    }
    with engine.begin() as connection:
        connection.execute(insert(pipeline_run_summaries).values(**row))
