"""What is kept for how long: one row for each directory and each table with content that ends."""

from __future__ import annotations

import re
from functools import partial

from sqlalchemy import Engine

from lib.config import Settings
from lib.domain import exports, mail_states
from lib.domain.mail_states import OPEN_STATES
from lib.domain.pipelines import REPORT_NAMES
from lib.drill import page_file
from lib.model import Pipeline
from lib.pipelines.prune import leftovers
from lib.pipelines.prune.files import OldFiles
from lib.pipelines.prune.leftovers import Leftovers
from lib.pipelines.prune.reports import OldReports
from lib.pipelines.prune.rows import OldRows
from lib.portal import retention as portal_files
from lib.returns import directory
from lib.run.lock import locked

Kind = OldFiles | OldRows | OldReports | Leftovers
OPEN = mail_states.sql_list(OPEN_STATES)


def kinds(engine: Engine, settings: Settings) -> list[Kind]:
    """Return the rows, what holds customer data first."""
    days = settings.retention
    state = settings.portal.storage_state.absolute()
    pages = settings.portal.artefacts_dir or settings.volumes.logs_dir / "portal"

    return [
        OldFiles(
            name="customer files",
            root=settings.volumes.data_dir.absolute(),
            names={"merged file": exports.MERGED_NAME, "export": exports.EXPORT_NAME},
            setting="DATA_RETENTION_DAYS",
            days=days.data_days,
            # Only the daily run writes them.
            guard=partial(locked, engine, Pipeline.DAILY),
        ),
        *leftovers.kinds(engine),
        # That a row was rejected, where and why, stays in the table (lesson 103).
        OldRows(
            name="rejected rows",
            engine=engine,
            setting="REJECT_RETENTION_DAYS",
            days=days.reject_days,
            table="ingest_rejects",
            key="id",
            written_at="created_at",
            emptied={"row_json": "NULL"},
            is_old="row_json IS NOT NULL AND created_at < %(before)s",
            noted=("replayed_at IS NULL", "never tried again by jobs.replay"),
        ),
        OldFiles(
            name="storage states",
            root=state.parent,
            names=portal_files.states(state),
            setting="STORAGE_STATE_RETENTION_DAYS",
            days=days.storage_state_days,
            # Each under the lock of its own account.
            remove=portal_files.remove_state,
        ),
        OldFiles(
            name="unknown pages",
            root=pages.absolute(),
            names=portal_files.PAGES,
            setting="ARTEFACT_RETENTION_DAYS",
            days=days.artefact_days,
        ),
        # That a form came back, and what was ticked for which order, stays in the table.
        OldRows(
            name="comments of returned forms",
            engine=engine,
            setting="RETURN_RETENTION_DAYS",
            days=days.return_days,
            table="form_answers",
            key="id",
            written_at="created_at",
            emptied={
                "comment": "NULL",
                "about": "CASE WHEN kind = 'order' THEN about END",
            },
            is_old="""
                created_at < %(before)s
                AND (comment IS NOT NULL OR kind <> 'order' AND about IS NOT NULL)
            """,
        ),
        *_refused_forms(settings),
        # Subject, names of attachments, SHA-256 and deliveries stay, and these keep their
        # recipient: without it an old period would be mailed again
        # (docs/adr/0017-pruned-not-deleted.md). A mail is old when none of its deliveries is open
        # or was decided lately.
        OldRows(
            name="texts of mails",
            engine=engine,
            setting="MAIL_RETENTION_DAYS",
            days=days.mail_days,
            table="notification_messages",
            key="message_id",
            written_at="planned_at",
            emptied={"body": "''", "to_addresses": "'[]'", "cc_addresses": "'[]'", "panel": "NULL"},
            is_old=f"""
                planned_at < %(before)s AND body <> '' AND NOT EXISTS (
                    SELECT FROM notification_deliveries AS delivery
                    WHERE delivery.message_id = notification_messages.message_id
                      AND (delivery.state IN {OPEN} OR delivery.updated_at >= %(before)s)
                )
            """,
        ),
        # What a drill proved is read in the months after it; no row names the file.
        OldFiles(
            name="pages of drills",
            root=settings.volumes.reports_root.absolute() / page_file.FOLDER,
            names={"page of a drill": page_file.NAME},
            setting="REPORT_RETENTION_DAYS",
            days=days.report_days,
        ),
        OldReports(
            name="reports",
            root=settings.volumes.reports_root.absolute(),
            folders=re.compile(r"\d{4}", re.ASCII),
            names={"report": REPORT_NAMES},
            setting="REPORT_RETENTION_DAYS",
            days=days.report_days,
            engine=engine,
            settings=settings,
        ),
    ]


def _refused_forms(settings: Settings) -> list[Kind]:
    root = settings.returns.directory
    if root is None:
        return []

    return [
        OldFiles(
            name="refused forms",
            root=directory.aside(root),
            names={"refused form": directory.ASIDE_NAME},
            setting="RETURN_RETENTION_DAYS",
            days=settings.retention.return_days,
        )
    ]
