"""The SQL of the row that a report has in `documents`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert

from lib.db.tables import documents
from lib.model import Status

#: What makes two rows those of one report of one run.
IDENTITY = (
    "doc_type",
    "doc_date",
    "reference_name_1",
    "reference_id_1",
    "reference_name_2",
    "reference_id_2",
    "reference_name_3",
    "reference_id_3",
)


def replace_document(
    connection: Connection,
    document: Mapping[str, Any],
) -> None:
    """Insert a row of `documents` in place of what the same run may have for the same report.

    A failure replaces a failure only: the report that was made before is still on disk, and its row
    says so.
    """
    same = list(IDENTITY)

    if document["status"] == Status.ERROR:
        same.append("status")

    of_this_report = [documents.c[name] == document[name] for name in same]

    connection.execute(delete(documents).where(*of_this_report))
    connection.execute(insert(documents).values(**document))
