"""What is kept for how long: one row for each directory and each table with content that ends."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from lib import notify
from lib.config import Settings
from lib.ingest import retention as ingest_retention
from lib.model import Pipeline
from lib.pipelines.prune.files import OldFiles
from lib.pipelines.prune.reports import OldReports
from lib.pipelines.prune.rows import OldRows
from lib.portal import retention as portal_retention
from lib.removal import FileRule
from lib.reports.documents import retention as report_retention
from lib.run.lock import locked

Row = OldFiles | OldRows | OldReports


def rows(
    engine: Engine,
    settings: Settings,
    now: datetime,
) -> list[Row]:
    """Return the rows, what holds customer data first."""
    days = settings.retention
    state = settings.portal.storage_state.absolute()
    pages = settings.portal.artefacts_dir or settings.volumes.logs_dir / "portal"

    return [
        OldFiles(
            "customer files",
            settings.volumes.data_dir.absolute(),
            FileRule(
                "DATA_RETENTION_DAYS",
                days.data_days,
                ingest_retention.kind_of_file,
                ingest_retention.dated_at,
            ),
            now,
            # Only the daily run writes them.
            guard=partial(locked, engine, Pipeline.DAILY),
        ),
        OldRows(
            "rejected rows",
            "REJECT_RETENTION_DAYS",
            days.reject_days,
            ingest_retention.REJECTED_ROWS,
            engine,
            now,
            remark="never tried again by jobs.replay",
        ),
        OldFiles(
            "storage states",
            state.parent,
            FileRule(
                "STORAGE_STATE_RETENTION_DAYS",
                days.storage_state_days,
                portal_retention.kinds_of_states(state),
            ),
            now,
            # Each under the lock of its own account.
            remove=portal_retention.remove_state,
        ),
        OldFiles(
            "unknown pages",
            pages.absolute(),
            FileRule(
                "ARTEFACT_RETENTION_DAYS",
                days.artefact_days,
                portal_retention.kind_of_page,
            ),
            now,
        ),
        OldRows(
            "texts of mails",
            "MAIL_RETENTION_DAYS",
            days.mail_days,
            notify.MAIL_TEXTS,
            engine,
            now,
        ),
        OldReports(
            "reports",
            settings.volumes.reports_root.absolute(),
            FileRule(
                report_retention.SETTING,
                days.report_days,
                report_retention.kind_of_file,
            ),
            now,
            engine,
            settings,
        ),
    ]
