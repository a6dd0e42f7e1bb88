"""The SQL that reads what is stored of a run: its row, reports, mails, load accounting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from lib.db import scratch
from lib.db.tables import (
    COUNTED,
    documents,
    form_answers,
    form_returns,
    ingest_counts,
    ingest_rejects,
    store_dashboard_summary,
    store_master,
)
from lib.db.tables import notification_deliveries as deliveries
from lib.db.tables import notification_messages as messages
from lib.db.tables import pipeline_run_summaries as runs
from lib.domain.exports import EXPORTS
from lib.domain.mail_states import CORRECTION, LATE, RETURNED_FORM
from lib.model import PRUNED, Bucket, Pipeline, RunRef, Status
from lib.pipelines.replay_run.result import StoredMail, StoredReport, StoredRun

#: Of a bucket and a store.
Unit = tuple[Bucket, str]

#: Rows whose content is shown of one export at most.
SHOWN_ROWS = 20


def stored_run(connection: Connection, run_id: str) -> StoredRun | None:
    """Return the run; None where there is no such row."""
    signed_at = (
        select(func.max(documents.c.created_at))
        .where(documents.c.run_id == run_id)
        .scalar_subquery()
    )
    # The row of a run that was killed has no end but its start.
    ended_at = func.greatest(runs.c.finished_at, signed_at)
    query = select(runs, ended_at.label("known_until")).where(runs.c.run_id == run_id)
    row = connection.execute(query).one_or_none()

    if row is None or row.report_date is None or row.pipeline_name not in set(Pipeline):
        return None

    has_end = row.finished_at > row.started_at
    return StoredRun(
        _ref(row),
        row.overall_status,
        row.finished_at if has_end else row.known_until,
        row.metrics_json or {},
    )


def _ref(row: Any) -> RunRef:
    return RunRef(
        Pipeline(row.pipeline_name),
        row.run_id,
        row.run_env,
        row.report_date,
        row.started_at,
    )


def stored_reports(connection: Connection, run: StoredRun) -> list[StoredReport]:
    """Return the newest report of each store that this run or one before it signs.

    Of a forced run only its own: that is what it mails.
    """
    document = documents.c
    newest = (
        select(
            document.id,
            document.reference_id_3,
            document.file_path,
            document.checksum,
            document.figures_json,
            document.created_at,
            runs.c.pipeline_name,
            runs.c.run_id,
            runs.c.run_env,
            runs.c.report_date,
            runs.c.started_at,
        )
        .ext(distinct_on(document.reference_id_3))
        .join(runs, document.run_id == runs.c.run_id)
        .where(
            document.reference_name_1 == "pipeline",
            document.reference_id_1 == run.ref.pipeline,
            document.reference_name_3 == "store_code",
            document.doc_date == run.ref.report_on,
            document.status.in_([Status.OK, PRUNED]),
            runs.c.started_at <= run.ref.started_at,
        )
        .order_by(document.reference_id_3, runs.c.started_at.desc(), document.id.desc())
    )

    if run.metrics.get("forced") is True:
        newest = newest.where(runs.c.run_id == run.ref.run_id)

    found = []

    for row in connection.execute(newest):
        found.append(
            StoredReport(
                row.id,
                row.reference_id_3,
                _ref(row),
                row.file_path,
                row.checksum,
                row.figures_json,
                row.created_at,
            )
        )

    return found


def reports_of(connection: Connection, run: StoredRun) -> dict[str, Any]:
    """Return the reports of the run's date that are made, by store: path, checksum, figures.

    Of the connection's schema; the newest row of each store counts.
    """
    document = documents.c
    query = (
        select(
            document.reference_id_3,
            document.file_path,
            document.checksum,
            document.figures_json,
        )
        .where(
            document.reference_id_1 == run.ref.pipeline,
            document.doc_date == run.ref.report_on,
            document.status == Status.OK,
        )
        .order_by(document.id)
    )

    return {row.reference_id_3: row for row in connection.execute(query)}


def stored_mails(connection: Connection, run: StoredRun) -> list[StoredMail]:
    """Return the mails that the run owed, whatever became of them."""
    delivery = deliveries.c
    mine = and_(
        delivery.pipeline_name == run.ref.pipeline,
        delivery.report_date == run.ref.report_on,
        delivery.run_id == run.ref.run_id,
    )
    periods = (
        select(func.count(delivery.report_date.distinct()))
        .where(delivery.message_id == messages.c.message_id)
        .scalar_subquery()
    )
    query = (
        select(
            delivery.profile_code,
            delivery.store_code,
            delivery.content_version,
            delivery.recipient,
            delivery.send_as,
            messages,
            periods.correlate(messages).label("periods"),
        )
        .join(messages, messages.c.message_id == delivery.message_id)
        .where(mine)
        .order_by(messages.c.position, messages.c.message_id, delivery.id)
    )
    of_message: dict[str, list[Row[Any]]] = {}

    for row in connection.execute(query):
        if _is_planned_by_run(row):
            of_message.setdefault(row.message_id, []).append(row)

    return list(map(_mail, of_message.values()))


def _is_planned_by_run(row: Row[Any]) -> bool:
    """Return False for word that a report is late, or that a form cannot be read."""
    version = row.content_version
    return version != LATE and not version.startswith(RETURNED_FORM)


def _mail(rows: list[Row[Any]]) -> StoredMail:
    first = rows[0]
    is_correction = first.content_version.startswith(CORRECTION)
    attached = []

    for document in first.attachments:
        attached.append(document.get("shown_name") or document["file_name"])

    return StoredMail(
        profile=first.profile_code,
        store_code=first.store_code,
        kind="correction" if is_correction else "",
        subject=first.subject,
        body=first.body,
        recipients={row.recipient: row.send_as for row in rows},
        attachments=tuple(attached),
        problem=first.problem,
        dated_at=first.dated_at,
        is_digest=first.periods > 1,
    )


def set_as_planned(
    connection: Connection,
    run_id: str,
    values: Mapping[str, Any],
) -> None:
    """Give the row of the run other values, such as it had when its mails were planned."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))


def summary_row(connection: Connection, run_id: str) -> Row[Any]:
    """Return the row of the run."""
    return connection.execute(select(runs).where(runs.c.run_id == run_id)).one()


def accounts(connection: Connection, run_id: str) -> dict[Unit, dict[str, int]]:
    """Return the load accounting of each export of the run, by the names of `ingest_counts`."""
    query = (
        select(ingest_counts)
        .where(ingest_counts.c.run_id == run_id)
        .order_by(ingest_counts.c.bucket, ingest_counts.c.store_code)
    )
    found = {}

    for row in connection.execute(query):
        counts = {}

        for name in COUNTED:
            counts[name] = getattr(row, name)

        found[Bucket(row.bucket), row.store_code] = counts

    return found


def loaded_since(connection: Connection, run: StoredRun) -> set[Unit]:
    """Return the exports of which a later run has loaded another one."""
    query = (
        select(ingest_counts.c.bucket, ingest_counts.c.store_code)
        .join(runs, runs.c.run_id == ingest_counts.c.run_id)
        .where(runs.c.started_at > run.ref.started_at)
        .distinct()
    )

    return {(Bucket(bucket), code) for bucket, code in connection.execute(query)}


def rejects(connection: Connection, run_id: str) -> dict[Unit, tuple[int, int]]:
    """Return of each export how many rows were rejected, and how many of these are kept."""
    reject = ingest_rejects.c
    query = (
        select(reject.bucket, reject.store_code, func.count(), func.count(reject.row_json))
        .where(reject.run_id == run_id)
        .group_by(reject.bucket, reject.store_code)
        .order_by(reject.bucket, reject.store_code)
    )
    found = {}

    for bucket, code, number, kept in connection.execute(query):
        found[Bucket(bucket), code] = (number, kept)

    return found


def forget_accounts(connection: Connection, run_id: str, units: Iterable[Unit]) -> None:
    """Remove the accounts of these exports, which are loaded once more."""
    counts = ingest_counts.c

    for bucket, code in units:
        connection.execute(
            ingest_counts.delete().where(
                counts.run_id == run_id,
                counts.bucket == bucket,
                counts.store_code == code,
            )
        )


def changed_rows(
    connection: Connection,
    bucket: Bucket,
    store_code: str,
    source: str,
) -> tuple[dict[str, int], list[str]]:
    """Return in how many rows of the store each column differs from `source`'s table.

    And the first of these rows in words: customers' data. A row that only one of both has counts
    under its key.
    """
    export = EXPORTS[bucket]
    then = scratch.in_schema(source, _table(bucket))
    same = " AND ".join(f"own.{name} = past.{name}" for name in export.key)
    of_store = "upper(store_code) = upper(%(store)s)"
    names = ", ".join(export.names)

    found = connection.exec_driver_sql(
        f"""
            SELECT to_jsonb(own) AS own, to_jsonb(past) AS past
            FROM (SELECT {names} FROM {export.table} WHERE {of_store}) AS own
            FULL JOIN (SELECT {names} FROM {then} WHERE {of_store}) AS past ON {same}
            WHERE to_jsonb(own) IS DISTINCT FROM to_jsonb(past)
            ORDER BY coalesce(to_jsonb(own), to_jsonb(past)) -> '{export.own_key[0]}'
        """,  # noqa: S608 - names of lib.domain.exports
        {"store": store_code},
    )
    columns: dict[str, int] = {}
    words: list[str] = []

    for row in found:
        own, past = row.own or {}, row.past or {}
        key = ", ".join(str((own or past)[name]) for name in export.own_key)

        for name in export.names:
            if own.get(name) != past.get(name):
                columns[name] = columns.get(name, 0) + 1

                if len(words) < SHOWN_ROWS:
                    words.append(f"{key}: {name} {past.get(name)!r} → {own.get(name)!r}")

    return columns, words


def _table(bucket: Bucket) -> Any:
    return documents.metadata.tables[EXPORTS[bucket].table]


def read_again_since(
    connection: Connection,
    run: StoredRun,
    stores: Collection[str],
) -> dict[str, list[date]]:
    """Return the days of the run's period whose dashboard was read again after it, by store."""
    summary = store_dashboard_summary.c
    code = func.upper(store_master.c.store_code)
    query = (
        select(code, summary.dashboard_date)
        .join(store_master, summary.store_id == store_master.c.id)
        .where(
            code.in_(list(stores)),
            summary.dashboard_date.between(run.period.first, run.period.last),
            summary.created_at <= run.known_until,
            summary.run_date_time > run.known_until,
        )
        .order_by(code, summary.dashboard_date)
    )
    found: dict[str, list[date]] = {}

    for store_code, on in connection.execute(query):
        found.setdefault(store_code, []).append(on)

    return found


def has_emptied_forms(connection: Connection, stores: Collection[str], until: datetime) -> bool:
    """Return True if answers of forms that the run knew have lost what they were about."""
    query = (
        select(form_answers.c.id)
        .join(form_returns, form_returns.c.id == form_answers.c.return_id)
        .where(
            func.upper(form_returns.c.store_code).in_(list(stores)),
            form_returns.c.read_at <= until,
            form_answers.c.about.is_(None),
        )
        .limit(1)
    )

    return connection.execute(query).first() is not None
