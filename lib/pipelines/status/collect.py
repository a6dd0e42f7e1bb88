"""From the database to one overview."""

from __future__ import annotations

from datetime import date

from sqlalchemy.engine import Engine

from lib import dates
from lib.config import Settings
from lib.dates import month_of
from lib.db import progress
from lib.db.engine import connect
from lib.model import Pipeline
from lib.pipelines.status import facts, queries
from lib.pipelines.status.facts import Overview
from lib.run import close_if_killed
from lib.run import queries as run_queries

LAST_RUNS = 8


def overview(settings: Settings, run_id: str) -> Overview:
    """Look at everything; rows of runs whose process is gone are closed as `error`, nothing else is written.

    Raises DatabaseRefused for a schema that is not this version's: asking Alembic first would cost a
    third of the second that an answer may take.
    """
    engine = connect(settings.database_url, application_name=f"simplify status {run_id}")

    try:
        return _seen(engine, settings)
    finally:
        engine.dispose()


def _seen(engine: Engine, settings: Settings) -> Overview:
    now = dates.now()
    today = dates.today(settings.zone, now)

    with engine.connect() as connection:
        suspects = queries.running(connection)

    killed = [
        run_id
        for pipeline in sorted(suspects)
        for run_id in close_if_killed(engine, pipeline, "jobs.status")
    ]

    with engine.connect() as connection:
        runs = queries.recent_runs(connection, _oldest(today))
        closed = {pipeline: run_queries.closed_dates(connection, pipeline) for pipeline in Pipeline}
        days = progress.days_with_data(connection, settings.report_stores or None)
        mails = tuple(queries.undelivered_mails(connection, today - facts.REFUSED_DAYS * dates.DAY))
        past = facts.past_days(today)
        unmade = queries.days_without_reports(
            connection, settings.report_stores, past.first, past.last
        )

    cells = facts.grid(today, days, runs, closed)
    steps = tuple(facts.next_steps(cells, mails, unmade, has_history=bool(days)))

    return Overview(now, today, tuple(runs[:LAST_RUNS]), cells, mails, tuple(killed), steps)


def _oldest(today: date) -> date:
    """The first day that any square of the grid is about."""
    return month_of(today.replace(year=today.year - 1, day=1)).first
