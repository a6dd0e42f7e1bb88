"""Rows in a migrated and seeded database: a run, its documents, and changes to who is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from lib.config.settings import (
    CatchUpMails,
    CatchUpSettings,
    MailSettings,
    PdfBackend,
    PdfSettings,
    PortalSettings,
    Settings,
    Volumes,
)
from lib.db import tables
from tests.factories.notify import PIPELINE, RUN, RUN_ID

PDF = b"%PDF-1.7\n.\r\nof "


def add_run(engine, **changes) -> None:
    """Insert the summary row of the ordinary run."""
    row = {
        "pipeline_name": PIPELINE,
        "run_id": RUN_ID,
        "run_env": RUN.run_env,
        "started_at": RUN.started_at,
        "finished_at": RUN.finished_at,
        "total_time_taken": RUN.total_time_taken,
        "report_date": RUN.report_on,
        "overall_status": RUN.overall_status,
        "summary_text": RUN.summary_text,
        "metrics_json": None,
    }
    execute(engine, insert(tables.pipeline_run_summaries).values(row | changes))


def add_report(engine, root: Path, store_code: str, **changes) -> Path:
    """Write a report of the ordinary run and its documents row.

    Source: docs/reference/contract.md#pipelines-and-documents.
    """
    path = root / f"{store_code}_2025-11-14.pdf"
    path.write_bytes(PDF + store_code.encode())
    row = {
        "doc_type": "store_daily_pdf",
        "doc_subtype": "pipeline_report",
        "doc_date": RUN.report_on,
        "reference_name_1": "pipeline",
        "reference_id_1": PIPELINE,
        "reference_name_2": "run_id",
        "reference_id_2": RUN_ID,
        "reference_name_3": "store_code",
        "reference_id_3": store_code,
        "file_name": path.name,
        "mime_type": "application/pdf",
        "file_path": str(path),
        "checksum": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    execute(engine, insert(tables.documents).values(row | changes))
    return path


def profile_id(engine, code: str, pipeline: str = PIPELINE) -> int:
    """Return the id of a seeded profile."""
    profiles, pipelines = tables.notification_profiles, tables.pipelines
    query = (
        select(profiles.c.id)
        .join(pipelines)
        .where(profiles.c.code == code, pipelines.c.code == pipeline)
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def add_recipient(engine, profile: str, address: str, **changes) -> None:
    """Add an address to a seeded profile of the daily pipeline."""
    row = {"profile_id": profile_id(engine, profile), "email_address": address, **changes}
    execute(engine, insert(tables.notification_recipients).values(row))


def remove_recipients(engine, profile: str) -> None:
    table = tables.notification_recipients
    execute(engine, delete(table).where(table.c.profile_id == profile_id(engine, profile)))


def change_template(engine, profile: str, **changes) -> None:
    table = tables.email_templates
    execute(
        engine,
        update(table).where(table.c.profile_id == profile_id(engine, profile)).values(changes),
    )


def add_mail(engine, run, message_id, *, message=None, **delivery) -> None:
    """Insert a mail of the run with one delivery; `message` changes columns of its text."""
    text = {
        "message_id": message_id,
        "position": 0,
        "subject": "",
        "body": "",
        "to_addresses": [],
        "cc_addresses": [],
        "attachments": [],
        "dated_at": run.started_at,
    }
    row = {
        "pipeline_name": run.pipeline,
        "report_date": run.report_on,
        "profile_code": "store_daily_reports",
        "profile_env": "any",
        "recipient": "owner@example.invalid",
        "content_version": "first",
        "send_as": "to",
        "run_id": run.run_id,
        "message_id": message_id,
    }
    execute(engine, insert(tables.notification_messages).values(text | (message or {})))
    execute(engine, insert(tables.notification_deliveries).values(row | delivery))


def execute(engine, statement) -> None:
    with engine.begin() as connection:
        connection.execute(statement)


def settings(root: Path, mail: MailSettings | None) -> Settings:
    """Settings of a job that only sends mail; reports are under `root`."""
    portal = PortalSettings("", "", "", "/{store_code}", 1, 1.0, root / "state.json", None, None)
    return Settings(
        run_env="dev",
        zone=ZoneInfo("Asia/Kolkata"),
        database_url="",
        stores=(),
        report_stores=(),
        portal=portal,
        mail=mail,
        pdf=PdfSettings(PdfBackend.WEASYPRINT, None),
        catch_up=CatchUpSettings(26, 400, CatchUpMails.DIGEST),
        volumes=Volumes(root, root, root, root),
        ingest_batch_size=3000,
        json_log_file=None,
        log_retention_days=30,
    )
