"""Takes away what has had its time, and only that.

What is in the tables about the stores is kept for good.

Each part is a chore of its own: one that fails or must wait is said, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine

from lib import dates, log
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, exit_code
from lib.model import Phase
from lib.pipelines.prune.chore import Chore
from lib.pipelines.prune.files import artefacts, customer_files, storage_states
from lib.pipelines.prune.reports import Reports
from lib.pipelines.prune.rows import mails, rejected_rows
from lib.run.lock import LockHeld
from lib.run.record import most_serious


def run(settings: Settings, *, dry_run: bool) -> ExitCode:
    """Do every chore, or say what each would do; TEMPORARY when something must be tried again.

    It has no row in `pipeline_run_summaries`: it is about no report date, and what it did is in
    what it did it to.
    """
    engine = connect(settings.database_url, application_name="simplify prune")

    try:
        with engine.connect() as connection:
            migrations.require_current(connection)

        with log.phase(Phase.CLEANUP):
            chores = _chores(engine, settings, dates.now())
            return most_serious([_attempt(chore, dry_run=dry_run) for chore in chores])
    finally:
        engine.dispose()


def _chores(engine: Engine, settings: Settings, now: datetime) -> Iterator[Chore]:
    """Yield the chores, what holds customer data first."""
    yield customer_files(engine, settings, now)
    yield rejected_rows(engine, settings, now)
    yield storage_states(settings, now)
    yield artefacts(settings, now)
    yield mails(engine, settings, now)
    yield Reports(engine, settings, now)


def _attempt(chore: Chore, *, dry_run: bool) -> ExitCode:
    try:
        return chore.rehearse() if dry_run else chore.do()
    except LockHeld as error:
        log.warning(f"{chore.name}: left for the next time: {error}")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - whatever one chore met, the others go on
        log.error(f"{chore.name} could not be pruned", error=error)
        return ExitCode.TEMPORARY if isinstance(error, OSError) else exit_code(error)
