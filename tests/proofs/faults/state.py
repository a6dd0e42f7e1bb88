"""What is left when all is done.

Everything that must be as after an undisturbed run, and what must be true of itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from sqlalchemy import Connection, Table, func, select, text

from demo.mailbox import Received
from lib.db import tables
from lib.db.tables import (
    documents,
    form_answers,
    form_returns,
    ingest_counts,
    notification_deliveries,
    pipeline_run_summaries,
)
from lib.domain.mail_states import RETURNED_FORM
from lib.returns.directory import SET_ASIDE
from tests.fakes.printed_report import DIGEST
from tests.proofs.faults.scenario import Scene

COMPARED = (
    tables.missed_leads,
    tables.missed_leads_history,
    tables.undelivered_orders,
    tables.undelivered_orders_history,
    tables.repeat_customers,
    tables.nonpackage_orders,
    tables.store_master,
    tables.store_dashboard_summary,
    tables.portal_headers,
    tables.notification_profiles,
    tables.notification_recipients,
    tables.email_templates,
    tables.form_returns,
    tables.form_mailboxes,
)
"""Whole tables. Of the others, which tell of each run, only what must be the same in the end."""
LATE = re.compile(r"\[Simplify\] the \w+ mails of .* (will be|are) late")
UNSENT = ("pending", "sending", "failed")
LOCK_PATIENCE_S = 60.0
"""For the server to see that a client is gone; only a lock that stays takes so long."""
SESSION_FILES = {"storage_state.json", "storage_state.json.lease"}


@dataclass(frozen=True)
class State:
    """What two worlds are compared by; ids, instants and run ids are left out."""

    rows: dict[str, list[tuple]]
    reports: dict[str, str]
    """Name of each file below REPORTS_ROOT, and a digest of what it shows."""
    documents: list[tuple]
    """Type, date, store and status of each store's newest row."""
    closed: list[tuple]
    """Pipeline, date and the metrics that say what was done."""
    inserted: dict[tuple[str, str], int]
    """Bucket and store: rows that came new into the table, over all runs."""
    readers: set[tuple[str, str, str]]
    """Profile, store and recipient of each mail about a store that is sent or uncertain."""
    answers: list[tuple]
    """What forms that came back say, with the digest of the form."""
    refusals: list[tuple]
    """Recipient and version of each answer to a form that cannot be read."""
    set_aside: list[str]
    """Names below RETURNS_DIR."""

    def differences(self, other: State) -> Iterator[str]:
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if mine != theirs:
                yield f"{each.name} differ: {_difference(mine, theirs)}"


def inspect_state(scene: Scene) -> State:
    """Read everything that is compared."""
    with scene.engine() as engine, engine.connect() as connection:
        return State(
            rows={table.name: _rows(connection, table) for table in COMPARED},
            reports={
                str(file.relative_to(_root(scene))): _shown(file) for file in _files(_root(scene))
            },
            documents=_documents(connection),
            closed=_closed(connection),
            inserted=_inserted(connection),
            readers=_readers(connection),
            answers=_answers(connection),
            refusals=_refusals(connection),
            set_aside=[str(file.relative_to(_returns(scene))) for file in _files(_returns(scene))],
        )


def broken(scene: Scene) -> list[str]:
    """Return what is wrong in this world by itself, whatever an undisturbed one is like."""
    with scene.engine() as engine, engine.connect() as connection:
        return [
            *_unfinished_rows(connection),
            *_wrong_sums(connection),
            *_wrong_files(connection),
            *_wrong_mails(connection, scene),
            *_held_locks(connection, scene),
            *_leftovers(scene),
        ]


def deadline_alerts(scene: Scene) -> list[Received]:
    """Return the mails which warn that others will be late; no row promises them."""
    return [mail for mail in scene.mailbox.messages() if LATE.match(mail.message["Subject"])]


def uncertain(scene: Scene) -> int:
    """Return how many mails nobody can know the end of."""
    with scene.engine() as engine, engine.connect() as connection:
        query = select(func.count(notification_deliveries.c.message_id.distinct()))
        return connection.execute(
            query.where(notification_deliveries.c.state == "uncertain")
        ).scalar_one()


def _rows(connection: Connection, table: Table) -> list[tuple]:
    kept = [
        column
        for column in table.c
        if column.name not in {"id", "store_id", "run_date_time"}
        and not column.name.endswith("_at")
    ]
    return sorted((tuple(row) for row in connection.execute(select(*kept))), key=repr)


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _root(scene: Scene) -> Path:
    return scene.volumes / "reports_root"


def _returns(scene: Scene) -> Path:
    return scene.volumes / "returns_dir"


def _shown(file: Path) -> str:
    try:
        return str((PdfReader(file).metadata or {}).get(DIGEST))
    except Exception as error:  # noqa: BLE001 - a file that is no report is told as what it is
        return f"unreadable: {type(error).__name__}"


def _newest(connection: Connection) -> dict[tuple, Any]:
    rows = connection.execute(select(documents).order_by(documents.c.id))
    return {(row.doc_type, row.doc_date, row.reference_id_3): row for row in rows}


def _documents(connection: Connection) -> list[tuple]:
    return sorted((*key, row.status) for key, row in _newest(connection).items())


def _closed(connection: Connection) -> list[tuple]:
    runs = pipeline_run_summaries
    query = select(runs.c.pipeline_name, runs.c.report_date, runs.c.metrics_json).where(
        runs.c.closes
    )
    said = ("stores", "pdf", "done", "period", "stores_with_data", "pdfs_generated")
    return sorted(
        (
            (name, on, {key: metrics.get(key) for key in said})
            for name, on, metrics in connection.execute(query)
        ),
        key=lambda row: row[:2],
    )


def _inserted(connection: Connection) -> dict[tuple[str, str], int]:
    accounting = ingest_counts.c
    query = select(
        accounting.bucket, accounting.store_code, func.sum(accounting.inserted)
    ).group_by(accounting.bucket, accounting.store_code)
    return {(bucket, store): total for bucket, store, total in connection.execute(query)}


def _readers(connection: Connection) -> set[tuple[str, str, str]]:
    mails = notification_deliveries.c
    query = select(mails.profile_code, mails.store_code, mails.recipient).where(
        mails.store_code != "", mails.state.in_(["sent", "uncertain"])
    )
    return {tuple(row) for row in connection.execute(query)}


def _answers(connection: Connection) -> list[tuple]:
    said, of = form_answers.c, form_returns.c
    query = (
        select(of.digest, said.kind, said.number, said.about, said.said, said.comment)
        .join(form_returns, of.id == said.return_id)
        .order_by(of.digest, said.kind, said.number)
    )
    return [tuple(row) for row in connection.execute(query)]


def _refusals(connection: Connection) -> list[tuple]:
    mails = notification_deliveries.c
    query = (
        select(mails.recipient, mails.content_version)
        .where(mails.content_version.startswith(RETURNED_FORM))
        .order_by(mails.recipient, mails.content_version)
    )
    return [tuple(row) for row in connection.execute(query)]


def _unfinished_rows(connection: Connection) -> Iterator[str]:
    runs = pipeline_run_summaries.c
    for run_id in connection.execute(
        select(runs.run_id).where(runs.overall_status == "running")
    ).scalars():
        yield f"the row of run {run_id} is still running"
    query = select(runs.report_date).where(
        runs.pipeline_name == "simplify_dashboard_daily", runs.closes
    )
    for on, count in Counter(connection.execute(query).scalars()).items():
        if count > 1:
            yield f"{count} runs close {on}"


def _wrong_sums(connection: Connection) -> Iterator[str]:
    accounting = ingest_counts.c
    made_up = (
        accounting.read
        != accounting.inserted
        + accounting.updated
        + accounting.unchanged
        + accounting.skipped
        + accounting.rejected
    )
    for row in connection.execute(select(ingest_counts).where(made_up)):
        yield f"the counts of {row.store_code} {row.bucket} do not add up"


def _wrong_files(connection: Connection) -> Iterator[str]:
    for row in _newest(connection).values():
        if row.status != "ok":
            continue
        file = Path(row.file_path)
        content = file.read_bytes() if file.exists() else b""
        if (
            hashlib.sha256(content).hexdigest() != row.checksum
            or len(content) != row.file_size_bytes
        ):
            yield f"{file.name} is not what its row says"


def _wrong_mails(connection: Connection, scene: Scene) -> Iterator[str]:
    taken = Counter(
        (mail.message["Message-ID"], recipient)
        for mail in scene.mailbox.messages()
        for recipient in mail.recipients
    )
    promised = set()
    for row in connection.execute(select(notification_deliveries)):
        what = (row.message_id, row.recipient)
        promised.add(what)
        allowed = {"sent": {1}, "uncertain": {0, 1}}.get(row.state, {0})
        if taken[what] not in allowed:
            yield f"a mail {row.profile_code} {row.store_code} is {row.state} and arrived {taken[what]} times"
        if row.state in UNSENT:
            yield f"a mail {row.profile_code} {row.store_code} is {row.state} in the end: {row.reason}"
    warnings = {(mail.message["Message-ID"], *mail.recipients) for mail in deadline_alerts(scene)}
    if strangers := taken.keys() - promised - warnings:
        yield f"{len(strangers)} mails arrived that nobody promised"


def _held_locks(connection: Connection, scene: Scene) -> Iterator[str]:
    held = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while (count := connection.execute(held).scalar_one()) and time.monotonic() < deadline:
        time.sleep(0.02)
    if count:
        yield f"{count} locks are still held at the database"
    lease = scene.volumes / "profiles_dir" / "storage_state.json.lease"
    if lease.exists():
        with lease.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield "the portal's lease is still held"


def _leftovers(scene: Scene) -> Iterator[str]:
    for file in _files(scene.volumes):
        place, *_ = file.relative_to(scene.volumes).parts
        is_expected = {
            "reports_root": file.suffix == ".pdf" and not file.name.startswith("."),
            "profiles_dir": file.name in SESSION_FILES,
            "returns_dir": file.parent.name == SET_ASIDE,
        }.get(place, False)
        if not is_expected:
            yield f"{file.relative_to(scene.volumes)} is left over"


def _difference(mine: Any, theirs: Any) -> str:
    if isinstance(mine, dict):
        keys = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
        return "; ".join(f"{key}: {_difference(mine.get(key), theirs.get(key))}" for key in keys)
    if isinstance(mine, list | set | tuple) and isinstance(theirs, list | set | tuple):
        lost = [each for each in mine if each not in theirs]
        more = [each for each in theirs if each not in mine]
        return f"lacks {lost[:2]}, has {more[:2]} instead ({len(mine)} and {len(theirs)})"
    return f"{mine!r} became {theirs!r}"
