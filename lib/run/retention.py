"""The report dates that a later run may still go on with: what was made for them is kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, and_, func, not_, or_, select

from lib.db.tables import pipeline_run_summaries as runs
from lib.domain.pipelines import PIPELINES
from lib.model import RUNNING

#: An old run of another pipeline has no successor.
CAUGHT_UP = [facts.pipeline for facts in PIPELINES.values() if facts.is_caught_up]


def open_spans(connection: Connection, oldest: date) -> frozenset[tuple[str, date]]:
    """Return pipeline and report date of each run that has not ended or may be caught up.

    A date can be caught up until a run closes it, from `oldest` on.
    """
    is_running = runs.c.overall_status == RUNNING
    is_caught_up = and_(runs.c.pipeline_name.in_(CAUGHT_UP), runs.c.report_date >= oldest)
    query = (
        select(runs.c.pipeline_name, runs.c.report_date)
        .where(runs.c.report_date.is_not(None), or_(is_running, is_caught_up))
        .group_by(runs.c.pipeline_name, runs.c.report_date)
        .having(or_(func.bool_or(is_running), not_(func.bool_or(runs.c.closes))))
    )

    return frozenset((row.pipeline_name, row.report_date) for row in connection.execute(query))
