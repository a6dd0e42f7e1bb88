"""The SQL of the reports' retention, and where the rows say that their files are."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from lib.db.tables import documents
from lib.model import PRUNED, Status
from lib.reports.documents.retention import Registered

HAS_FILE = (documents.c.storage_backend == "fs", documents.c.file_path.is_not(None))


def old_names(
    connection: Connection,
    before: datetime,
    most: int,
) -> set[str]:
    """Return the file names that the `most` oldest rows from before that instant claim."""
    query = (
        select(documents.c.file_name)
        .where(
            *HAS_FILE,
            documents.c.status == Status.OK,
            documents.c.created_at < before,
        )
        .order_by(documents.c.created_at)
        .limit(most)
    )

    return set(connection.execute(query).scalars())


def registered(
    connection: Connection,
    root: Path,
    names: Collection[str],
) -> list[Registered]:
    """Return the rows about files of these names."""
    query = select(
        documents.c.id,
        documents.c.file_name,
        documents.c.file_path,
        documents.c.status,
        documents.c.created_at,
        documents.c.doc_date,
        func.coalesce(documents.c.reference_id_1, "").label("pipeline"),
    ).where(*HAS_FILE, documents.c.file_name.in_(names))

    # Whatever name a row knows REPORTS_ROOT by, the place is the same.
    real_root = Path(os.path.realpath(root))
    found = []

    for row in connection.execute(query):
        path = _below(real_root, Path(row.file_path))
        found.append(
            Registered(
                id=row.id,
                name=row.file_name,
                path=path,
                is_there=path is not None and os.path.lexists(real_root / path),
                span=(row.pipeline, row.doc_date or date.min),
                status=row.status,
                made_at=row.created_at,
            )
        )

    return found


def mark_pruned(
    connection: Connection,
    ids: Sequence[int],
    why: str,
) -> None:
    """Have the rows say that their file is not there any more, and why."""
    claiming = (documents.c.id.in_(ids), documents.c.status == Status.OK)
    connection.execute(update(documents).where(*claiming).values(status=PRUNED, error_message=why))


def _below(
    root: Path,
    path: Path,
) -> Path | None:
    found = Path(os.path.realpath(path.parent)) / path.name
    return found.relative_to(root) if found.is_relative_to(root) else None
