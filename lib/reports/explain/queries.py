"""The SQL of explanations: when dashboards were read, by which runs, and what exports became.

Reads only; nothing of a customer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, Row, func, select

from lib.dates import Period
from lib.db.tables import COUNTED, documents, ingest_counts, ingest_rejects, store_master
from lib.db.tables import pipeline_run_summaries as runs
from lib.db.tables import store_dashboard_summary as summary
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Pipeline
from lib.reports.explain.provenance import (
    DashboardRead,
    DocumentRow,
    ExportAccount,
    ListSource,
    PastRun,
)


def is_known(connection: Connection, store_code: str) -> bool:
    """Return True if the database knows the store."""
    code = func.upper(store_master.c.store_code)
    query = select(func.count()).where(code == store_code)

    return connection.execute(query).scalar_one() > 0


def readings(
    connection: Connection,
    store_codes: Collection[str],
    days: Period,
) -> dict[tuple[str, date], DashboardRead]:
    """Return by store code and day when the stored dashboard was read, and by which run."""
    at_work = _daily_runs(connection, days)
    code = func.upper(store_master.c.store_code)
    query = (
        select(
            code.label("code"),
            summary.c.dashboard_date,
            summary.c.run_date_time,
            summary.c.created_at,
        )
        .join(store_master, summary.c.store_id == store_master.c.id)
        .where(
            code.in_(list(store_codes)),
            summary.c.dashboard_date.between(days.first, days.last),
        )
    )

    found = {}

    for row in connection.execute(query):
        on, read_at = row.dashboard_date, row.run_date_time
        found[row.code, on] = DashboardRead(
            read_at,
            min(row.created_at, read_at),
            _run_at(at_work, on, read_at),
        )

    return found


def _daily_runs(connection: Connection, days: Period) -> Sequence[Any]:
    """Return the daily runs of these days, the latest first."""
    query = (
        select(
            runs.c.run_id,
            runs.c.report_date,
            runs.c.started_at,
            runs.c.finished_at,
        )
        .where(
            runs.c.pipeline_name == Pipeline.DAILY,
            runs.c.report_date.between(days.first, days.last),
        )
        .order_by(runs.c.started_at.desc())
    )

    return connection.execute(query).all()


def _run_at(
    latest_first: Sequence[Any],
    on: date,
    at: datetime,
) -> str | None:
    """Return the daily run of the day that was at work then: its lock lets only one be.

    The row of a run that was killed has no end but its start.
    """
    for run in latest_first:
        if run.report_date != on or run.started_at > at:
            continue

        has_no_end = run.finished_at == run.started_at
        return str(run.run_id) if has_no_end or run.finished_at >= at else None

    return None


def list_source(
    connection: Connection,
    store_code: str,
    bucket: Bucket,
    on: date,
) -> ListSource:
    """Return the accounts of the store's newest export up to the end of `on`."""
    counts = ingest_counts.c
    of_store = (counts.bucket == bucket, counts.store_code == store_code)
    newest = select(func.max(counts.seen_on)).where(*of_store, counts.seen_on <= on)
    seen_on = connection.execute(newest).scalar_one()

    if seen_on is None:
        return ListSource(bucket, (), f"no export of it up to {on} has a load accounting")

    query = (
        select(ingest_counts, runs.c.metrics_json)
        .outerjoin(runs, runs.c.run_id == counts.run_id)
        .where(*of_store, counts.seen_on == seen_on)
        .order_by(runs.c.started_at, counts.run_id)
    )

    accounts = []

    for row in connection.execute(query):
        accounts.append(_account(connection, row, store_code, bucket))

    reason = "" if seen_on == on else f"no export of {on} was read; this is the one before"
    return ListSource(bucket, tuple(accounts), reason)


def _account(
    connection: Connection,
    row: Row[Any],
    store_code: str,
    bucket: Bucket,
) -> ExportAccount:
    noted = ((row.metrics_json or {}).get("buckets") or {}).get(bucket) or {}
    counts = {}

    for name in COUNTED:
        counts[name] = getattr(row, name)

    return ExportAccount(
        bucket=bucket,
        seen_on=row.seen_on,
        run_id=row.run_id,
        counts=counts,
        file_name=EXPORTS[bucket].file_name(store_code),
        merged_name=PurePath(noted["merged_file"]).name if noted.get("merged_file") else None,
        rejects=_rejects(connection, row.run_id, bucket, store_code),
    )


def _rejects(
    connection: Connection,
    run_id: str,
    bucket: Bucket,
    store_code: str,
) -> dict[str, int]:
    """Return the reasons of the rejected rows, with the column, each with how many it concerns."""
    rejects = ingest_rejects.c
    query = (
        select(rejects.column_name, rejects.reason, func.count())
        .where(
            rejects.run_id == run_id,
            rejects.bucket == bucket,
            rejects.store_code == store_code,
        )
        .group_by(rejects.column_name, rejects.reason)
        .order_by(rejects.column_name, rejects.reason)
    )

    found = {}

    for column, reason, number in connection.execute(query):
        found[f"{column} {reason}" if column else reason] = number

    return found


def documents_of(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
    store_code: str,
) -> tuple[DocumentRow, ...]:
    """Return the rows of the report, the newest first."""
    document = documents.c
    query = (
        select(
            document.run_id,
            document.status,
            document.file_name,
            document.created_at,
            document.error_message,
        )
        .where(
            document.reference_name_1 == "pipeline",
            document.reference_id_1 == pipeline,
            document.reference_name_3 == "store_code",
            document.reference_id_3 == store_code,
            document.doc_date == report_on,
        )
        .order_by(document.id.desc())
    )

    found = []

    for row in connection.execute(query):
        found.append(DocumentRow(*row))

    return tuple(found)


def stored_span(connection: Connection, store_code: str) -> Period | None:
    """Return the first and the last stored day of the store; None where there is none."""
    query = (
        select(func.min(summary.c.dashboard_date), func.max(summary.c.dashboard_date))
        .join(store_master, summary.c.store_id == store_master.c.id)
        .where(func.upper(store_master.c.store_code) == store_code)
    )

    first, last = connection.execute(query).one()

    return None if first is None else Period(first, last)


def runs_about(
    connection: Connection,
    days: Period,
    store_code: str,
) -> list[PastRun]:
    """Return the daily runs about these days, the oldest first."""
    query = (
        select(
            runs.c.run_id,
            runs.c.report_date,
            runs.c.overall_status,
            runs.c.metrics_json,
        )
        .where(
            runs.c.pipeline_name == Pipeline.DAILY,
            runs.c.report_date.between(days.first, days.last),
        )
        .order_by(runs.c.report_date, runs.c.started_at)
    )

    found = []

    for row in connection.execute(query):
        failures = ((row.metrics_json or {}).get("stores") or {}).get("report_failures") or {}
        found.append(
            PastRun(
                row.run_id,
                row.report_date,
                row.overall_status,
                failures.get(store_code),
            )
        )

    return found
