"""Owners hear that their report is late, once the daily job's last attempt of the morning failed.

Nobody but the scheduler knows which attempt is the last: it starts `jobs.alert` for a unit that has
finally failed (deploy/host/attempts).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from lib import log, notify
from lib.cli import new_run_id
from lib.config import Settings
from lib.errors import JobError
from lib.model import Pipeline, RunRef
from lib.pipelines import status
from lib.pipelines.status import Morning
from lib.run import close_if_killed, queries, record_unstarted


def announce(
    engine: Engine,
    settings: Settings,
    now: datetime,
) -> None:
    """Mail the owners of the stores without a report of today, each once.

    1. A killed run's row is closed, so that it does not pass for one that is at work.
    2. One transaction says who is owed the word; while a run is at work nobody is, for that run
       may make the report.
    3. It is sent; what cannot go now goes with `jobs.notify`.

    Nothing is raised but bugs: the alert about the failure comes first.
    """
    try:
        close_if_killed(engine, Pipeline.DAILY, "jobs.alert")

        with engine.begin() as connection:
            # A database that hangs must not keep the alert's process.
            notify.set_statement_timeout(connection)
            morning = status.morning_of(connection, settings, now)
            planned = _planned(connection, settings, morning, now)

        if planned:
            log.info(f"{planned} late mails are owed to owners", report_date=morning.report_on)
            _send(engine, settings, morning)
    except (JobError, SQLAlchemyError) as error:
        log.warning("owners are not told that their report is late", error=error)


def _planned(
    connection: Connection,
    settings: Settings,
    morning: Morning,
    now: datetime,
) -> int:
    """Enqueue the mails; return how many are new."""
    if not morning.missing or morning.is_running:
        return 0

    run_id = queries.latest(connection, Pipeline.DAILY, morning.report_on)

    if run_id is None:
        run_id = new_run_id(now)
        ref = RunRef(Pipeline.DAILY, run_id, settings.run_env, morning.report_on, now)
        record_unstarted(connection, ref, "the daily job failed before it began; its log says why")

    return notify.plan_late_reports(
        connection,
        Pipeline.DAILY,
        run_id,
        morning.missing,
        settings=settings,
    )


def _send(
    engine: Engine,
    settings: Settings,
    morning: Morning,
) -> None:
    """Deliver what is owed about the day; each mail is logged as it ends."""
    with engine.connect() as connection:
        run_id = queries.latest(connection, Pipeline.DAILY, morning.report_on)

    notify.deliver_period(
        Pipeline.DAILY,
        morning.report_on,
        run_id,
        engine=engine,
        settings=settings,
    )
