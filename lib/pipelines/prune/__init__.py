"""Removal of what is older than its setting allows, and of nothing else (`jobs.prune`).

What is in the tables about the stores is kept for good. `table.py` says what is kept how long.
"""

from __future__ import annotations

from datetime import datetime

from lib import dates, log
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, exit_code
from lib.model import Phase
from lib.pipelines.prune import table
from lib.run.lock import LockHeld
from lib.run.record import most_serious


def run(settings: Settings, *, dry_run: bool) -> ExitCode:
    """Remove what is old, or only say what would go; TEMPORARY if something must be tried again.

    Each kind of the table is on its own: one that fails or must wait is logged, and the others go
    on. There is no row in `pipeline_run_summaries`, for it is about no report date.
    """
    engine = connect(settings.database_url, application_name="simplify prune")

    try:
        with engine.connect() as connection:
            migrations.require_current(connection)

        with log.phase(Phase.CLEANUP):
            now = dates.now()
            kinds = table.kinds(engine, settings)
            return most_serious([_attempt(kind, now, dry_run=dry_run) for kind in kinds])
    finally:
        engine.dispose()


def _attempt(
    kind: table.Kind,
    now: datetime,
    *,
    dry_run: bool,
) -> ExitCode:
    try:
        return kind.run(now, dry_run=dry_run)
    except LockHeld as error:
        log.warning(f"{kind.name}: left for the next time: {error}")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - whatever one kind met, the others go on
        log.error(f"{kind.name} could not be pruned", error=error)
        return ExitCode.TEMPORARY if isinstance(error, OSError) else exit_code(error)
