"""Sends an alert with whatever still works.

Without a database, without ALERT_URLS, with settings that are wrong.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from lib import dates, log, notify
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.domain import pipelines
from lib.errors import ExitCode, JobError, UsageError
from lib.model import Pipeline
from lib.notify import AlertSender, Incident, Line
from lib.pipelines import late_reports, status

TAIL_LINES = 2000
STDIN = 0


@dataclass(frozen=True)
class AlertRequest:
    """Which unit, and what its scheduler knows about its end."""

    unit: str | None
    exit_code: int | None = None
    #: `-` is stdin; None is JSON_LOG_FILE.
    log_file: str | None = None
    has_recovered: bool = False


def run(settings: Settings, request: AlertRequest) -> ExitCode:
    """Notify people; return TEMPORARY if that reached nobody who runs the system.

    An alert about the daily job means that its last attempt of the morning has failed, so owners
    without a report hear that it is late.
    """
    if not request.unit:
        raise UsageError("name the unit: --unit simplify@daily.service")

    engine, problems = _database(settings)

    try:
        is_sent = _notify(
            settings,
            request,
            request.unit,
            engine,
            problems,
        )

        is_daily = pipelines.of_job(notify.job_of(request.unit)) is Pipeline.DAILY
        if engine and is_daily and not request.has_recovered:
            late_reports.announce(engine, settings, dates.now())
    finally:
        if engine:
            engine.dispose()

    return ExitCode.OK if is_sent else ExitCode.TEMPORARY


def _notify(
    settings: Settings,
    request: AlertRequest,
    unit: str,
    engine: Engine | None,
    problems: list[str],
) -> bool:
    sender = AlertSender(settings, engine, dates.now())

    if request.has_recovered:
        return sender.notify_recovery(unit, _headline(settings, engine))

    incident = Incident(
        unit,
        sender.at,
        settings.zone,
        settings.command,
        request.exit_code,
        lines=_lines(
            settings,
            request,
            name=_log_name(unit),
        ),
        problems=problems,
    )
    return sender.notify_failure(incident)


def _headline(settings: Settings, engine: Engine | None) -> str:
    """Return how the owners' reports of today stand; empty where the database does not answer."""
    if engine is None or not settings.report_stores:
        return ""

    try:
        with engine.begin() as connection:
            # A database that hangs must not keep the message back.
            notify.set_statement_timeout(connection)
            return status.headline_of(connection, settings, dates.now())
    except (JobError, SQLAlchemyError) as error:
        log.warning("the recovery is announced without the reports of today", error=error)
        return ""


def _database(settings: Settings) -> tuple[Engine | None, list[str]]:
    """Return the database, or None and why it cannot be used."""
    if not settings.database_url:
        return None, ["DATABASE_URL is not set, so the latest run is not known"]

    try:
        engine = connect(settings.database_url, application_name="simplify alert")
        with engine.connect() as connection:
            migrations.require_current(connection)
    except JobError as error:
        return None, [str(error)]

    return engine, []


def _lines(
    settings: Settings,
    request: AlertRequest,
    *,
    name: str,
) -> list[Line]:
    """Return the job's last events; none if there is no log or it cannot be read."""
    source = STDIN if request.log_file == "-" else request.log_file or settings.json_log_file
    if source is None:
        return []

    # Not sys.stdin: how that takes bytes which are no text depends on the locale.
    with suppress(OSError), open(source, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - a descriptor
        return notify.last_lines(deque(lines, maxlen=TAIL_LINES), name=name)

    return []


def _log_name(unit: str) -> str:
    """Return what the unit's events call `pipeline_name`: its pipeline, else its job."""
    job = notify.job_of(unit)
    return pipelines.of_job(job) or job
