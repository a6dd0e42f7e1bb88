"""An alert is sent with whatever still works: without a database, without ALERT_URLS, with settings that are wrong."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from lib import dates
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, JobError, UsageError
from lib.notify import alerts, log_lines
from lib.notify.alarm import Alarm
from lib.notify.alerts import Incident
from lib.notify.log_lines import Line

TAIL_LINES = 2000


@dataclass(frozen=True)
class Choice:
    """Which unit, and what its scheduler knows about its end."""

    unit: str | None
    exit_code: int | None = None
    log_file: str | None = None
    """`-` is stdin; None is JSON_LOG_FILE."""
    has_recovered: bool = False


def run(settings: Settings, choice: Choice) -> ExitCode:
    """Tell people; TEMPORARY when nobody could be told."""
    if not choice.unit:
        raise UsageError("name the unit: --unit simplify@daily.service")
    engine, problems = _database(settings)
    alarm = Alarm(settings, engine, dates.now())
    if choice.has_recovered:
        is_told = alarm.call_off(choice.unit)
    else:
        is_told = alarm.raise_for(
            Incident(
                unit=choice.unit,
                at=alarm.at,
                zone=settings.zone,
                exit_code=choice.exit_code,
                lines=_lines(settings, choice),
                problems=problems,
            )
        )
    return ExitCode.OK if is_told else ExitCode.TEMPORARY


def _database(settings: Settings) -> tuple[Engine | None, list[str]]:
    if not settings.database_url:
        return None, ["DATABASE_URL is not set, so the latest run is not known"]
    try:
        engine = connect(settings.database_url, application_name="simplify alert")
        with engine.connect() as connection:
            migrations.require_current(connection)
    except JobError as error:
        return None, [str(error)]
    return engine, []


def _lines(settings: Settings, choice: Choice) -> list[Line]:
    """Return the job's last events; a log that is not there says nothing."""
    name = _log_name(choice.unit or "")
    if choice.log_file == "-":
        return log_lines.last(_tail(sys.stdin), name=name)
    file = Path(choice.log_file) if choice.log_file else settings.json_log_file
    if file is None or not file.is_file():
        return []
    with file.open(encoding="utf-8", errors="replace") as lines:
        return log_lines.last(_tail(lines), name=name)


def _tail(lines: Iterable[str]) -> Iterable[str]:
    return deque(lines, maxlen=TAIL_LINES)


def _log_name(unit: str) -> str:
    """Return what the unit's events call `pipeline_name`: its pipeline, else its job."""
    job = alerts.job_of(unit)
    return alerts.PIPELINES.get(job) or job
