"""An alert is sent with whatever still works: without a database, without ALERT_URLS, with settings that are wrong."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Engine

from lib import dates
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, JobError, UsageError
from lib.notify.alerts import log_tail, text
from lib.notify.alerts.log_tail import Line
from lib.notify.alerts.send import Alarm
from lib.notify.alerts.text import Incident

TAIL_LINES = 2000
STDIN = 0


@dataclass(frozen=True)
class Choice:
    """Which unit, and what its scheduler knows about its end."""

    unit: str | None
    exit_code: int | None = None
    #: `-` is stdin; None is JSON_LOG_FILE.
    log_file: str | None = None
    has_recovered: bool = False


def run(settings: Settings, choice: Choice) -> ExitCode:
    """Tell people; TEMPORARY when nobody could be told."""
    if not choice.unit:
        raise UsageError("name the unit: --unit simplify@daily.service")

    engine, problems = _database(settings)

    try:
        is_told = _told(settings, choice, choice.unit, engine, problems)
    finally:
        if engine:
            engine.dispose()

    return ExitCode.OK if is_told else ExitCode.TEMPORARY


def _told(
    settings: Settings, choice: Choice, unit: str, engine: Engine | None, problems: list[str]
) -> bool:
    alarm = Alarm(settings, engine, dates.now())

    if choice.has_recovered:
        return alarm.call_off(unit)

    lines = _lines(settings, choice, name=_log_name(unit))
    return alarm.raise_for(
        Incident(unit, alarm.at, settings.zone, choice.exit_code, lines=lines, problems=problems)
    )


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


def _lines(settings: Settings, choice: Choice, *, name: str) -> list[Line]:
    """Return the job's last events; a log that is not there, or cannot be read, says nothing."""
    source = STDIN if choice.log_file == "-" else choice.log_file or settings.json_log_file
    if source is None:
        return []

    # Not sys.stdin: how that takes bytes which are no text depends on the locale.
    with suppress(OSError), open(source, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - a descriptor
        return log_tail.last(deque(lines, maxlen=TAIL_LINES), name=name)

    return []


def _log_name(unit: str) -> str:
    """Return what the unit's events call `pipeline_name`: its pipeline, else its job."""
    job = text.job_of(unit)
    return text.PIPELINES.get(job) or job
