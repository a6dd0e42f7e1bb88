"""The SQL of the rows that a report has in `documents`, one a version, and of what was mailed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, case, column, delete, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import JSONB

from lib.db.tables import documents
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.domain.mail_states import MAYBE_READ_STATES
from lib.model import PRUNED, Pipeline, Status

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


@dataclass(frozen=True)
class StoredVersion:
    """The newest version of a report, as its row has it."""

    id: int
    version: int
    #: Of the file; None where the row has none.
    checksum: str | None
    figures: Mapping[str, Any] | None
    restated: Mapping[str, Any] | None


def newest_version(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
    store_code: str,
) -> StoredVersion | None:
    """Return the report of a store and report date that was made last; None where none was."""
    document = documents.c
    query = (
        select(
            document.id,
            document.version,
            document.checksum,
            document.figures_json,
            document.restated_json,
        )
        .where(*_of_report(pipeline, report_on, store_code))
        .order_by(document.id.desc())
        .limit(1)
    )

    row = connection.execute(query).one_or_none()
    return StoredVersion(*row) if row else None


def supersede(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
    store_code: str,
    kept: tuple[StoredVersion, Path] | None,
) -> None:
    """Write that every report of a store and report date so far has a later version now.

    `kept` is the version whose file lies at a path of its own from now on. The files of others were
    written over before.
    """
    of_report = _of_report(pipeline, report_on, store_code)

    if kept is not None:
        version, path = kept
        connection.execute(
            update(documents)
            .where(documents.c.id == version.id)
            .values(superseded_at=func.now(), file_path=str(path), file_name=path.name)
        )

    is_lost = documents.c.status == Status.OK
    why = "the file was written over when the report was made again"

    connection.execute(
        update(documents)
        .where(*of_report)
        .values(
            superseded_at=func.now(),
            status=PRUNED,
            error_message=case((is_lost, why), else_=documents.c.error_message),
        )
    )


def mailed_figures(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
    file_name: str,
) -> Mapping[str, Any] | None:
    """Return the figures of a report as a mail said them last; None where none did.

    Whoever may or may not have got the mail counts.
    """
    attached = func.jsonb_array_elements(messages.c.attachments).table_valued(
        column("value", JSONB),
        name="attached",
    )
    document = attached.c.value

    query = (
        select(document["figures"])
        .select_from(deliveries)
        .join(messages, deliveries.c.message_id == messages.c.message_id)
        .join(attached, true())
        .where(
            deliveries.c.pipeline_name == pipeline,
            deliveries.c.report_date == report_on,
            deliveries.c.state.in_(MAYBE_READ_STATES),
            document["file_name"].astext == file_name,
            func.jsonb_typeof(document["figures"]) == "object",
        )
        .order_by(messages.c.planned_at.desc(), deliveries.c.id.desc())
        .limit(1)
    )

    return connection.execute(query).scalar()


def _of_report(
    pipeline: Pipeline,
    report_on: date,
    store_code: str,
) -> list[Any]:
    """Return the conditions of the rows of a report that was made and has no later version."""
    document = documents.c

    return [
        document.reference_name_1 == "pipeline",
        document.reference_id_1 == pipeline,
        document.reference_name_3 == "store_code",
        document.reference_id_3 == store_code,
        document.doc_date == report_on,
        document.status.in_([Status.OK, PRUNED]),
        document.superseded_at.is_(None),
    ]


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
    is_current = documents.c.superseded_at.is_(None)

    connection.execute(delete(documents).where(*of_this_report, is_current))
    connection.execute(insert(documents).values(**document))
