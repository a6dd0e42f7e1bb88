"""From the database to one overview."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from lib import dates
from lib.config import Settings
from lib.dates import DAY, month_of
from lib.db import progress
from lib.db.engine import connect
from lib.model import Pipeline
from lib.pipelines import deadline
from lib.pipelines.status import facts, queries
from lib.pipelines.status.facts import Morning, Overview, RunRow, Telemetry
from lib.pipelines.status.headline import headline, reason_of
from lib.pipelines.status.next_steps import next_steps
from lib.run import close_if_killed
from lib.run import queries as run_queries

LAST_RUNS = 8


def overview(
    settings: Settings,
    run_id: str,
    *,
    with_telemetry: bool = False,
) -> Overview:
    """Return how everything stands; what only monitoring counts is looked up where it is asked for.

    Rows of runs whose process is gone are closed as `error`; nothing else is written. Raise
    DatabaseRefused for a schema that is not this version's: asking Alembic first would cost a third
    of the second that an answer may take.
    """
    engine = connect(
        settings.database_url,
        application_name=f"simplify status {run_id}",
    )

    try:
        return _collected(engine, settings, with_telemetry=with_telemetry)
    finally:
        engine.dispose()


def headline_of(
    connection: Connection,
    settings: Settings,
    now: datetime,
) -> str:
    """Return the first line of the overview, as other messages quote it."""
    return headline(morning_of(connection, settings, now))


def morning_of(
    connection: Connection,
    settings: Settings,
    now: datetime,
) -> Morning:
    """Return how the owners' reports of today stand."""
    today = dates.today(settings.zone, now)
    runs = queries.recent_runs(connection, dates.report_day(today))

    return _morning(
        connection,
        settings,
        today,
        runs,
    )


def _collected(
    engine: Engine,
    settings: Settings,
    *,
    with_telemetry: bool,
) -> Overview:
    now = dates.now()
    today = dates.today(settings.zone, now)
    killed = _close_killed(engine)

    with engine.connect() as connection:
        runs = queries.recent_runs(connection, _oldest(today))

        closed = {}

        for pipeline in Pipeline:
            closed[pipeline] = run_queries.closed_dates(connection, pipeline)

        days = progress.days_with_data(
            connection,
            settings.report_stores or None,
        )

        mails = _undelivered(connection, today)
        unread = queries.unread_combined(
            connection,
            settings.run_env,
            _oldest(today),
        )

        past = facts.past_days(today)
        unmade = queries.days_without_reports(
            connection,
            settings.report_stores,
            past.first,
            past.last,
        )

        morning = _morning(
            connection,
            settings,
            today,
            runs,
        )

        deadlines = deadline.deadline_states(connection, settings, now)
        telemetry = _telemetry(connection) if with_telemetry else Telemetry()

    recoverable = facts.recoverable_days(unmade, mails)
    cells = facts.grid(today, days, runs, closed, recoverable)

    return Overview(
        at=now,
        today=today,
        headline=headline(morning),
        morning=morning,
        runs=tuple(runs[:LAST_RUNS]),
        grid=cells,
        mails=mails,
        unread=tuple(unread),
        killed=tuple(killed),
        steps=tuple(
            next_steps(
                cells,
                mails,
                unmade,
                has_history=bool(days),
            )
        ),
        telemetry=telemetry,
        deadlines=tuple(deadlines),
    )


def _telemetry(connection: Connection) -> Telemetry:
    return Telemetry(
        queries.last_successes(connection),
        queries.last_durations(connection),
        queries.last_load(connection),
    )


def _close_killed(engine: Engine) -> list[str]:
    """Close the rows of runs whose process is gone; return their ids."""
    with engine.connect() as connection:
        suspects = queries.running(connection)

    killed = []

    for pipeline in sorted(suspects):
        killed += close_if_killed(
            engine,
            pipeline,
            "jobs.status",
        )

    return killed


def _morning(
    connection: Connection,
    settings: Settings,
    today: date,
    runs: list[RunRow],
) -> Morning:
    report_on = dates.report_day(today)
    made = progress.reports(
        connection,
        Pipeline.DAILY,
        report_on,
    )

    return facts.morning(
        report_on,
        settings.report_stores,
        made,
        runs=runs,
        mails=_undelivered(connection, today),
        reasons=partial(
            reason_of,
            runs=runs,
            report_on=report_on,
        ),
    )


def _undelivered(connection: Connection, today: date) -> tuple[facts.MailGroup, ...]:
    refused_since = today - facts.REFUSED_DAYS * DAY
    return tuple(queries.undelivered_mails(connection, refused_since))


def _oldest(today: date) -> date:
    """Return the first day that any square of the grid is about."""
    return month_of(today.replace(year=today.year - 1, day=1)).first
