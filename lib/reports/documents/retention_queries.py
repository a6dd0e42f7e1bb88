"""The SQL of the reports' retention, and where the rows say that their files are."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from lib.db.tables import documents
from lib.model import PRUNED, Status
from lib.reports.documents.retention import Registered

NAMES_AT_ONCE = 1000


def registered(
    connection: Connection, root: Path, names: Collection[str], before: datetime, most: int
) -> list[Registered]:
    """Return the rows about files of these names, and about those that one of the `most` oldest before then claims."""
    is_old = (documents.c.status == Status.OK, documents.c.created_at < before)
    old = (
        select(documents.c.file_name)
        .where(*_has_file(), *is_old)
        .order_by(documents.c.created_at)
        .limit(most)
    )

    wanted = sorted({*names, *connection.execute(old).scalars()})
    place = _Place(root)

    return [place.registered(row) for part in _parts(wanted) for row in _rows(connection, part)]


def mark_pruned(connection: Connection, ids: Sequence[int], why: str) -> int:
    """Let the rows say that their file is not there any more, and why; return how many did not say so before."""
    claiming = documents.c.id.in_(ids), documents.c.status == Status.OK
    return connection.execute(
        update(documents).where(*claiming).values(status=PRUNED, error_message=why)
    ).rowcount


def _has_file() -> tuple[ColumnElement[bool], ...]:
    return documents.c.storage_backend == "fs", documents.c.file_path.is_not(None)


def _parts(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), NAMES_AT_ONCE):
        yield names[start : start + NAMES_AT_ONCE]


def _rows(connection: Connection, names: list[str]) -> Iterable[Row[Any]]:
    columns = (
        documents.c.id,
        documents.c.file_name,
        documents.c.file_path,
        documents.c.status,
        documents.c.created_at,
        documents.c.doc_date,
        func.coalesce(documents.c.reference_id_1, "").label("pipeline"),
    )

    return connection.execute(
        select(*columns).where(*_has_file(), documents.c.file_name.in_(names))
    )


class _Place:
    """Where REPORTS_ROOT is, under whatever name a row knows it."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def registered(self, row: Row[Any]) -> Registered:
        path = self._below(Path(row.file_path))
        return Registered(
            id=row.id,
            name=row.file_name,
            path=path,
            is_there=path is not None and os.path.lexists(self._root / path),
            span=(row.pipeline, row.doc_date or date.min),
            status=row.status,
            made_at=row.created_at,
        )

    def _below(self, path: Path) -> Path | None:
        found = Path(os.path.realpath(path.parent)) / path.name
        return found.relative_to(self._root) if found.is_relative_to(self._root) else None
