"""Documents and deliveries whose run has no row: how many there are, and how to add that row.

Revision 0013 keeps new ones out. An older database can have some: a run used to get its row only
near its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, Table, exists, func, select, text

from lib.db.tables import documents, notification_deliveries, pipeline_run_summaries

if TYPE_CHECKING:
    from sqlalchemy import Connection

REFERRING = (documents, notification_deliveries)

#: Such a row closes no period: whether that run did everything is unknown.
ADD_RUNS = """
    INSERT INTO pipeline_run_summaries (
        pipeline_name, run_id, run_env, started_at, finished_at, total_time_taken, report_date,
        overall_status, summary_text)
    SELECT
        coalesce(min(pipeline_name), 'unknown'), run_id, 'unknown', min(created_at),
        max(created_at), '00:00:00', max(report_on), 'warning',
        'Added by jobs.db_check: what this run made was there, but not its row.'
    FROM (
        SELECT run_id, created_at, doc_date AS report_on,
               CASE 'pipeline'
                   WHEN reference_name_1 THEN reference_id_1
                   WHEN reference_name_3 THEN reference_id_3
               END AS pipeline_name
        FROM documents
        UNION ALL SELECT run_id, created_at, report_date, pipeline_name FROM notification_deliveries
    ) AS referring
    WHERE length(run_id) <= 64 AND run_id NOT IN (SELECT run_id FROM pipeline_run_summaries)
    GROUP BY run_id ORDER BY min(created_at)
    RETURNING run_id
"""

NOT_VALIDATED = """
    SELECT conrelid::regclass::text AS table_name, conname AS name FROM pg_constraint
    WHERE contype = 'f' AND NOT convalidated AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


def orphans(connection: Connection) -> dict[str, int]:
    """Return how many rows of each referring table name a run that has no row.

    Tables without any are left out.
    """
    counted = {}

    for table in REFERRING:
        count = connection.execute(_count_orphans(table)).scalar_one()
        if count:
            counted[table.name] = count

    return counted


def not_validated(connection: Connection) -> dict[str, str]:
    """Return the foreign keys that the server has not validated, with their table."""
    found = {}

    for row in connection.execute(text(NOT_VALIDATED)):
        found[row.name] = row.table_name

    return found


def repair(connection: Connection) -> list[str]:
    """Give every orphan's run a row, then let the server prove the keys.

    Return the ids of the runs added.     Nothing is deleted or pointed elsewhere. Orphans of an id
    that no row can hold (over 64 characters) stay.
    """
    added = list(connection.execute(text(ADD_RUNS)).scalars())
    if not orphans(connection):
        for name, table in not_validated(connection).items():
            connection.execute(text(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"))

    return added


def _count_orphans(table: Table) -> Select[int]:
    has_run = exists().where(pipeline_run_summaries.c.run_id == table.c.run_id)
    return select(func.count()).where(table.c.run_id.is_not(None), ~has_run)
