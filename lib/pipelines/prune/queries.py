"""The SQL of pruning: content of rows, and what the rows say about old reports."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.domain import mail_states
from lib.domain.mail_states import OPEN_STATES
from lib.domain.pipelines import PIPELINES
from lib.model import PRUNED, RUNNING, Status
from lib.pipelines.prune.claims import Claim

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from lib.pipelines.prune.rows import OldRows

MAIL_IS_OPEN = "a mail about them is owed or uncertain"
RUN_IS_OPEN = "a run of their period may still go on"
CAUGHT_UP = [facts.pipeline for facts in PIPELINES.values() if facts.is_caught_up]

#: A row of `documents` that says that its file is there.
CLAIMS = "storage_backend = 'fs' AND file_path IS NOT NULL AND status = %(ok)s"

#: A delivery of the report's pipeline and date shares its mail with one that is open.
HAS_OPEN_MAIL = f"""
    EXISTS (
        SELECT FROM notification_deliveries AS mine
        JOIN notification_deliveries AS open USING (message_id)
        WHERE mine.pipeline_name = reference_id_1 AND mine.report_date = doc_date
          AND open.state IN {mail_states.sql_list(OPEN_STATES)}
    )
"""

#: A run about the report's date has not ended, or none has closed it and one may still come.
HAS_OPEN_RUN = """
    EXISTS (
        SELECT FROM pipeline_run_summaries
        WHERE pipeline_name = reference_id_1 AND report_date = doc_date
        HAVING bool_or(overall_status = %(running)s) OR NOT bool_or(closes)
           AND reference_id_1 = ANY(%(caught_up)s) AND doc_date >= %(oldest)s
    )
"""


def measure(connection: Connection, kind: OldRows, before: datetime) -> Row[Any]:
    """Return `rows`, `noted`, `size_bytes` and `oldest_at` of the content from before `before`."""
    size = " + ".join(map("pg_column_size({})".format, kind.emptied))
    query = f"""
        SELECT count(*) AS rows, count(*) FILTER (WHERE {kind.noted[0]}) AS noted,
               coalesce(sum({size}), 0)::bigint AS size_bytes, min({kind.written_at}) AS oldest_at
        FROM {kind.table} WHERE {kind.is_old}
    """  # noqa: S608 - constants

    return connection.exec_driver_sql(query, {"before": before}).one()


def empty(
    connection: Connection,
    kind: OldRows,
    before: datetime,
    most: int,
) -> int:
    """Empty up to `most` rows that no other transaction holds; return how many."""
    changes = ", ".join(f"{column} = {value}" for column, value in kind.emptied.items())
    query = f"""
        UPDATE {kind.table} SET {changes}
        WHERE {kind.key} IN (
            SELECT {kind.key} FROM {kind.table} WHERE {kind.is_old}
            ORDER BY {kind.key} LIMIT %(most)s FOR UPDATE SKIP LOCKED
        )
    """  # noqa: S608 - constants

    return connection.exec_driver_sql(query, {"before": before, "most": most}).rowcount


def claimed_names(
    connection: Connection,
    before: datetime,
    most: int,
) -> list[str]:
    """Return the file names that the `most` oldest rows from before that instant claim."""
    query = f"""
        SELECT file_name FROM documents WHERE {CLAIMS} AND created_at < %(before)s
        ORDER BY created_at LIMIT %(most)s
    """  # noqa: S608 - constants
    values = {"before": before, "most": most, "ok": Status.OK}

    return list(connection.exec_driver_sql(query, values).scalars())


def claims(
    connection: Connection,
    root: Path,
    names: Collection[str],
    oldest: date,
) -> list[Claim]:
    """Return the rows that claim files of these names; `oldest` is the first day to catch up."""
    query = f"""
        SELECT id, file_name, file_path, created_at,
               CASE
                   WHEN {HAS_OPEN_MAIL} THEN %(mail)s
                   WHEN {HAS_OPEN_RUN} THEN %(run)s
               END AS needed
        FROM documents WHERE {CLAIMS} AND file_name = ANY(%(names)s) ORDER BY id
    """  # noqa: S608 - constants
    values = {
        "mail": MAIL_IS_OPEN,
        "run": RUN_IS_OPEN,
        "running": RUNNING,
        "caught_up": CAUGHT_UP,
        "oldest": oldest,
        "names": list(names),
        "ok": Status.OK,
    }

    # Whatever name a row knows REPORTS_ROOT by, the place is the same.
    real_root = Path(os.path.realpath(root))
    found = []

    for row in connection.exec_driver_sql(query, values):
        folder, name = os.path.split(row.file_path)
        path = Path(os.path.realpath(folder)) / name
        below = path.relative_to(real_root) if path.is_relative_to(real_root) else None
        is_there = below is not None and os.path.lexists(path)
        found.append(Claim(row.id, row.file_name, below, is_there, row.created_at, row.needed))

    return found


def mark_pruned(connection: Connection, ids: Sequence[int], why: str) -> None:
    """Have the rows say that their file is not there any more, and why."""
    query = (
        "UPDATE documents SET status = %(pruned)s, error_message = %(why)s WHERE id = ANY(%(ids)s)"
    )
    connection.exec_driver_sql(query, {"pruned": PRUNED, "why": why, "ids": list(ids)})
