"""The restore of the last backup, and whether the jobs could go on with it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from lib import log
from lib.db import migrations
from lib.drill import backup, job_process, queries
from lib.drill.scratch_database import ScratchDatabase
from lib.errors import ExitCode
from lib.pipelines.drill.outcome import RestoredBackup
from lib.plural import counted

__all__ = ["RestoredBackup", "in_words", "restore"]


def restore(
    scratch: ScratchDatabase, restored: RestoredBackup, environment: Mapping[str, str]
) -> None:
    """Restore into the scratch database, and note what was found.

    1. pg_restore, as docs/how-to/restore.md says.
    2. The revisions that the backup lacks, by jobs.migrate.
    3. jobs.db_check: tables, rights, pipelines, readers.
    """
    began_s = time.monotonic()

    if problem := backup.restore(restored.backup, scratch.url):
        restored.problems.append(problem)
        return

    restored.took_s = time.monotonic() - began_s
    restored.revision = _revision(scratch)
    log.info(f"restored {restored.backup.path.name}, which is at {restored.revision or 'nothing'}")

    for job in ("migrate", "db_check"):
        ending = job_process.run(job, (), environment, lambda _event, _process: None)

        if ending.code != ExitCode.OK:
            restored.problems.append(f"jobs.{job} on the restored database ends with {ending.code}")
            return

    engine = scratch.connect()
    try:
        with engine.connect() as connection:
            restored.rows = queries.row_counts(connection)
    finally:
        engine.dispose()

    if not sum(restored.rows.values()):
        restored.problems.append("the restored database has no row")


def in_words(restored: RestoredBackup) -> str:
    """Return what is known of it once nothing was wrong."""
    filled = sum(count > 0 for count in restored.rows.values())
    total = sum(restored.rows.values())

    return f"{counted(total, 'row')} in {counted(filled, 'table')}, at {restored.revision}"


def _revision(scratch: ScratchDatabase) -> str | None:
    engine = scratch.connect()

    try:
        with engine.connect() as connection:
            return migrations.current(connection)
    finally:
        engine.dispose()
