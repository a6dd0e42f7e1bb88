"""SQL of a drill: the scratch database itself, what is made ready in it, and what is judged.

Nothing here changes a row of another database than the scratch one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on

from lib.db.grants import quoted
from lib.db.tables import (
    documents,
    form_returns,
    ingest_counts,
    ingest_rejects,
    metadata,
    notification_deliveries,
    pipeline_run_summaries,
)
from lib.domain.exports import EXPORTS
from lib.domain.mail_states import OWED_STATES, MailState
from lib.model import RUNNING, Pipeline

#: No mail server of the world takes a mail for it (RFC 6761).
NOBODY = "drill.invalid"
#: For a session that was told to end to be gone.
END_TIMEOUT_MS = 5000

_MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_OWN_DATABASES = """
    SELECT datname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba
    WHERE rolname = current_user ORDER BY datname
"""
#: Of a session at the database of DATABASE_URL, for as long as it holds a drill.
_DRILL_LOCK = func.hashtextextended("simplify-drill", 0)
_END_SESSIONS = """
    SELECT count(pg_terminate_backend(pid, :patience_ms)) FROM pg_stat_activity
    WHERE datname = :name AND pid <> pg_backend_pid()
"""

_MASK_READERS = """
    UPDATE notification_recipients
    SET email_address = 'reader-' || id || '@' || :domain, display_name = NULL
"""
#: Of mails from before the backup, which are no part of the drill.
_SETTLE_OLD_MAILS = """
    UPDATE notification_deliveries SET state = :failed, reason = 'left out of the drill'
    WHERE state IN :owed
"""
_ADD_READER = """
    INSERT INTO notification_recipients (profile_id, store_code, env, email_address)
    SELECT profile.id, :store_code, 'any', 'store-' || lower(:store_code) || '@' || :domain
    FROM notification_profiles AS profile JOIN pipelines ON pipelines.id = profile.pipeline_id
    WHERE pipelines.code = :pipeline AND profile.scope = 'store' AND profile.is_active
      AND profile.env IN ('any', :run_env)
"""
_LOCKS = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database()
"""


class DeliveryRow(NamedTuple):
    """One recipient's part of a mail."""

    message_id: str
    recipient: str
    profile: str
    store_code: str
    state: MailState


class ReportRow(NamedTuple):
    """The newest row of a store's report."""

    store_code: str
    file_path: str
    checksum: str
    size_bytes: int


def may_create_databases(connection: Connection) -> bool:
    """Return True if the role may make the scratch database."""
    return bool(connection.execute(text(_MAY_CREATE)).scalar_one())


def lock_drills(connection: Connection) -> bool:
    """Take the lock of drills beside the connection's database; return False if it is taken.

    Once more for each `unlock_drills` to come.
    """
    return bool(connection.execute(select(func.pg_try_advisory_lock(_DRILL_LOCK))).scalar_one())


def unlock_drills(connection: Connection) -> None:
    """Give the lock of drills back, which was taken by this connection."""
    connection.execute(select(func.pg_advisory_unlock(_DRILL_LOCK)))


def own_databases(connection: Connection) -> list[str]:
    """Return the databases of the server that belong to the connection's role."""
    return list(connection.execute(text(_OWN_DATABASES)).scalars())


def create_database(connection: Connection, name: str) -> None:
    """Make an empty database. Outside a transaction."""
    connection.execute(text(f"CREATE DATABASE {quoted(name)} TEMPLATE template0 ENCODING 'UTF8'"))


def drop_database(connection: Connection, name: str) -> None:
    """Drop it, whoever is connected to it. Outside a transaction."""
    connection.execute(text(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)"))


def end_sessions(connection: Connection, name: str) -> int:
    """End every session at the database, wait until they are gone; return how many there were."""
    found = connection.execute(text(_END_SESSIONS), {"name": name, "patience_ms": END_TIMEOUT_MS})
    return int(found.scalar_one())


def row_counts(connection: Connection) -> dict[str, int]:
    """Return the rows of each table that the jobs know, by its name."""
    found = {}

    for name, table in metadata.tables.items():
        found[name] = connection.execute(select(func.count()).select_from(table)).scalar_one()

    return found


def make_ready(
    connection: Connection,
    *,
    on: date,
    run_env: str,
    stores: Collection[str],
) -> None:
    """Make a run of the day `on` necessary, whose mails can reach nobody.

    1. Each reader's address becomes one that does not exist, and nothing from before is mailed.
    2. Each report store has a reader of its own.
    3. What was done about the day is forgotten; the rows of the exports and dashboards stay.
    """
    connection.execute(text(_MASK_READERS), {"domain": NOBODY})
    connection.execute(
        text(_SETTLE_OLD_MAILS).bindparams(bindparam("owed", expanding=True)),
        {"failed": MailState.FAILED, "owed": OWED_STATES},
    )

    for code in stores:
        connection.execute(
            text(_ADD_READER),
            {
                "store_code": code,
                "domain": NOBODY,
                "pipeline": Pipeline.DAILY,
                "run_env": run_env,
            },
        )

    _forget(connection, on)


def _forget(connection: Connection, on: date) -> None:
    """Remove what runs of the day noted about themselves: accounting, reports, mails, the runs."""
    runs = _runs_of(on)
    connection.execute(
        update(form_returns).where(form_returns.c.run_id.in_(runs)).values(run_id=None)
    )

    for table in (notification_deliveries, documents, ingest_counts, ingest_rejects):
        connection.execute(delete(table).where(table.c.run_id.in_(runs)))

    run = pipeline_run_summaries.c
    connection.execute(
        delete(pipeline_run_summaries).where(
            run.pipeline_name == Pipeline.DAILY, run.report_date == on
        )
    )


def _runs_of(on: date) -> Select[tuple[str]]:
    run = pipeline_run_summaries.c
    return select(run.run_id).where(run.pipeline_name == Pipeline.DAILY, run.report_date == on)


def addresses_of_people(connection: Connection) -> int:
    """Return how many addresses a run could mail to that are not at NOBODY."""
    statement = """
        SELECT (SELECT count(*) FROM notification_recipients WHERE email_address NOT LIKE :nobody)
             + (SELECT count(*) FROM notification_deliveries
                WHERE state IN :owed AND recipient NOT LIKE :nobody)
    """
    query = text(statement).bindparams(bindparam("owed", expanding=True))
    found = connection.execute(query, {"nobody": f"%@{NOBODY}", "owed": OWED_STATES})

    return int(found.scalar_one())


def deliveries(connection: Connection, on: date) -> list[DeliveryRow]:
    """Return what the runs of the day promised, and what became of it."""
    row = notification_deliveries.c
    query = select(
        row.message_id, row.recipient, row.profile_code, row.store_code, row.state
    ).where(row.pipeline_name == Pipeline.DAILY, row.report_date == on)
    found = []

    for message_id, recipient, profile, store_code, state in connection.execute(query):
        found.append(DeliveryRow(message_id, recipient, profile, store_code, MailState(state)))

    return found


def promised(connection: Connection) -> set[tuple[str, str]]:
    """Return Message-ID and recipient of everything that may be mailed, whichever day it is about.

    A day that is made again may correct one before it.
    """
    row = notification_deliveries.c
    found = connection.execute(select(row.message_id, row.recipient))

    return {(message_id, recipient) for message_id, recipient in found}


def run_states(connection: Connection, on: date) -> tuple[int, int]:
    """Return how many runs close the day, and how many still say that they are running."""
    query = text(
        "SELECT count(*) FILTER (WHERE closes), count(*) FILTER (WHERE overall_status = :running)"
        " FROM pipeline_run_summaries WHERE pipeline_name = :pipeline AND report_date = :on"
    )
    values = {"pipeline": Pipeline.DAILY, "on": on, "running": RUNNING}
    closing, running = connection.execute(query, values).one()

    return closing, running


def wrong_sums(connection: Connection) -> Iterator[str]:
    """Yield store and export of each count in which a row is unaccounted for."""
    count = ingest_counts.c
    accounted = count.inserted + count.updated + count.unchanged + count.skipped + count.rejected

    for store, bucket in connection.execute(
        select(count.store_code, count.bucket).where(count.read != accounted)
    ):
        yield f"{store} {bucket}"


def inserted(connection: Connection, on: date) -> dict[str, int]:
    """Return for each table of an export how many rows the runs of the day say they added."""
    count = ingest_counts.c
    query = (
        select(count.bucket, func.sum(count.inserted))
        .where(count.run_id.in_(_runs_of(on)))
        .group_by(count.bucket)
    )
    found = {}

    for bucket, total in connection.execute(query):
        found[EXPORTS[bucket].table] = int(total)

    return found


def newest_reports(connection: Connection, on: date) -> list[ReportRow]:
    """Return the row of each store's daily report of the day; of several the newest."""
    row = documents.c
    query = (
        select(row.reference_id_3, row.file_path, row.checksum, row.file_size_bytes)
        .ext(distinct_on(row.reference_id_3))
        .where(row.reference_id_1 == Pipeline.DAILY, row.doc_date == on, row.status == "ok")
        .order_by(row.reference_id_3, row.id.desc())
    )

    return [ReportRow(*found) for found in connection.execute(query)]


def held_locks(connection: Connection) -> int:
    """Return how many advisory locks are held at this database."""
    return int(connection.execute(text(_LOCKS)).scalar_one())
