"""The SQL that reads what a plan is made from. Choosing among the rows is the plan's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from lib.db import tables
from lib.domain.mail_states import MailState
from lib.model import PRUNED, RUNNING, Status
from lib.notify.model.rows import Document, Facts, Profile, Recipient, RunSummaryRow, Template


def read(
    connection: Connection,
    pipeline_name: str,
    run_id: str,
) -> Facts:
    """Return what the database says about the run and its pipeline."""
    pipeline = connection.execute(_pipeline(pipeline_name)).one_or_none()
    profiles = _profiles(connection, pipeline.id) if pipeline else ()
    ids = [profile.id for profile in profiles]
    run = _run(connection, run_id)

    return Facts(
        pipeline_name=pipeline_name,
        run_id=run_id,
        pipeline_description=pipeline.description if pipeline else None,
        run=run,
        profiles=profiles,
        templates=_templates(connection, ids),
        recipients=_recipients(connection, ids),
        documents=_documents(connection, pipeline_name, run) if run else (),
        store_names=_store_names(connection),
        undecided=_undecided(connection, pipeline_name, run_id),
    )


def report_date(connection: Connection, run_id: str) -> date | None:
    """Return the day that the run is about; of a run without one, the day on which it started.

    None if there is no such run.
    """
    run = _run(connection, run_id)
    return (run.report_on or run.started_at.date()) if run else None


def _pipeline(code: str) -> Select[Any]:
    table = tables.pipelines
    return select(table.c.id, table.c.description).where(table.c.code == code)


def _run(connection: Connection, run_id: str) -> RunSummaryRow | None:
    table = tables.pipeline_run_summaries
    query = select(table).where(table.c.run_id == run_id)

    row = connection.execute(query).one_or_none()
    if row is None:
        return None

    return RunSummaryRow(
        pipeline_name=row.pipeline_name,
        run_id=row.run_id,
        run_env=row.run_env,
        report_on=row.report_date,
        overall_status=_status_so_far(row.overall_status, row.phases_json),
        summary_text=row.summary_text,
        started_at=row.started_at,
        finished_at=row.finished_at,
        total_time_taken=row.total_time_taken,
        metrics=row.metrics_json if isinstance(row.metrics_json, dict) else {},
    )


def _status_so_far(
    overall_status: str,
    phases: Mapping[str, Mapping[str, int]] | None,
) -> str:
    """Return how the run went; while its row is still open, the outcomes of its phases say so."""
    if overall_status != RUNNING:
        return overall_status

    met: set[str] = set()

    for counts in (phases or {}).values():
        met |= {status for status, number in counts.items() if number}

    return Status.worst(list(map(Status, met)))


def _profiles(connection: Connection, pipeline_id: int) -> tuple[Profile, ...]:
    table = tables.notification_profiles
    columns = (
        table.c.id,
        table.c.code,
        table.c.env,
        table.c.scope,
        table.c.attach_mode,
        table.c.is_active,
    )

    query = select(*columns).where(table.c.pipeline_id == pipeline_id)
    rows = connection.execute(query.order_by(table.c.code, table.c.env))

    found = []

    for row in rows:
        found.append(Profile(*row))

    return tuple(found)


def _templates(connection: Connection, profile_ids: list[int]) -> tuple[Template, ...]:
    table = tables.email_templates
    columns = (
        table.c.profile_id,
        table.c.subject_template,
        table.c.body_template,
        table.c.name,
        table.c.is_active,
    )

    query = select(*columns).where(table.c.profile_id.in_(profile_ids))
    found = []

    for row in connection.execute(query.order_by(table.c.id)):
        found.append(Template(*row))

    return tuple(found)


def _recipients(connection: Connection, profile_ids: list[int]) -> tuple[Recipient, ...]:
    table = tables.notification_recipients
    query = select(table).where(table.c.profile_id.in_(profile_ids))

    return tuple(map(_recipient, connection.execute(query.order_by(table.c.id))))


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(
        id=row.id,
        profile_id=row.profile_id,
        address=row.email_address,
        send_as=row.send_as,
        store_code=row.store_code,
        env=row.env,
        display_name=row.display_name,
        is_active=row.is_active,
    )


def _documents(
    connection: Connection,
    pipeline_name: str,
    run: RunSummaryRow,
) -> tuple[Document, ...]:
    """Return the period's documents, oldest row first.

    A run that goes on where another one ended makes only what was missing, so reports of the same
    date count whichever run made them. A forced run makes everything again and counts its own only.
    A superseded version is mailed to nobody.

    Source: docs/reference/contract.md#pipelines-and-documents.
    """
    table = tables.documents
    of_run = and_(
        table.c.reference_name_2 == "run_id",
        table.c.reference_id_2 == run.run_id,
    )
    of_period = table.c.doc_date == run.report_on
    query = select(table).where(
        table.c.reference_name_1 == "pipeline",
        table.c.reference_id_1 == pipeline_name,
        of_run if run.is_forced else or_(of_run, of_period),
        table.c.status.in_([Status.OK, PRUNED]),
        table.c.superseded_at.is_(None),
    )

    return tuple(map(_document, connection.execute(query.order_by(table.c.id))))


def _document(row: Row[Any]) -> Document:
    is_store = row.reference_name_3 == "store_code" and row.reference_id_3
    return Document(
        id=row.id,
        doc_type=row.doc_type,
        store_code=row.reference_id_3.strip().upper() if is_store else None,
        file_name=row.file_name,
        path=row.file_path,
        mime_type=row.mime_type,
        storage_backend=row.storage_backend,
        checksum=row.checksum,
        is_pruned=row.status == PRUNED,
        figures=row.figures_json,
    )


def _store_names(connection: Connection) -> dict[str, str]:
    table = tables.store_master
    query = select(table.c.store_code, table.c.store_name).where(table.c.store_name.is_not(None))

    found = {}

    for row in connection.execute(query):
        found[row.store_code.upper()] = row.store_name

    return found


def _undecided(
    connection: Connection,
    pipeline_name: str,
    run_id: str,
) -> tuple[str, ...]:
    """Return the other runs of the pipeline that have an uncertain mail, in order."""
    table = tables.notification_deliveries
    query = select(table.c.run_id).where(
        table.c.pipeline_name == pipeline_name,
        table.c.run_id != run_id,
        table.c.state == MailState.UNCERTAIN,
    )

    return tuple(connection.execute(query.distinct().order_by(table.c.run_id)).scalars())
