"""A merged file into its table: COPY into a staging table, then set-based SQL, in one transaction (DOMAIN B.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lib.ingest import books, queries, stays
from lib.ingest.buckets import LAYOUTS, Layout
from lib.ingest.copying import copy_in, our_errors
from lib.ingest.counts import Counts
from lib.ingest.errors import DamagedMerge
from lib.ingest.merge import Merge
from lib.ingest.staging import Staging
from lib.model import Bucket, Finding, RunRef, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

BATCH_SIZE = 500
"""Rows. Small, so that the server works on one batch while the next is read."""


@dataclass(frozen=True)
class Load:
    """What became of one bucket's rows, by store."""

    bucket: Bucket
    counts: dict[str, Counts]
    """One for each store in the merge's counts."""
    findings: tuple[Finding, ...] = field(default=())


def load(engine: Engine, merge: Merge, run: RunRef, *, is_whole: bool = True, batch_size: int = BATCH_SIZE) -> Load:
    """Load the merged file in one transaction; loading it again changes nothing. Memory: a few batches.

    With the rows go the books of the run, whose row must exist: counts by store, rejected rows, and which rows have
    left the export of `run.report_on` (docs/adr/0009). Not `is_whole`: some rows of an export rather than the export
    itself, which say nothing about what they lack and get no counts.

    Raises BucketNotLoaded or DatabaseUnavailable (nothing stored, nothing of another bucket touched) or DamagedMerge.
    """
    layout = LAYOUTS[merge.bucket]
    staging = Staging(layout, merge.path.name)
    with our_errors(merge.bucket), engine.begin() as connection:
        session = _Session(connection, layout, {"seen_on": run.report_on, "bucket": str(merge.bucket)})
        _stage(connection, layout, staging, merge, batch_size)
        _reconcile(session)
        session.do(queries.find_changes(layout))
        updated = _update(session)
        inserted = session.by_store(queries.insert_new(layout))
        tallies = {tally.store_code: tally for tally in session.do(queries.count_fates(layout))}
        if tallies.keys() - merge.counts.keys():
            raise DamagedMerge(f"{merge.path.name} has rows of stores that the merge did not put there")
        counts = {
            store: _counts(file.read, file.rejected, tallies.get(store), updated.get(store, 0), inserted.get(store, 0))
            for store, file in merge.counts.items()
        }
        if layout.memory:
            _remember(session, counts, is_whole=is_whole)
        books.keep_rejects(connection, layout, merge, run, has_clashes=any(t.clashes for t in tallies.values()))
        if is_whole:
            books.keep_counts(connection, run, merge.bucket, counts)
    return Load(merge.bucket, counts, tuple(_findings(merge, staging, tallies)))


@dataclass(frozen=True)
class _Session:
    """The transaction of a load."""

    connection: Connection
    layout: Layout
    facts: dict[str, Any]
    """What the statements may name: seen_on and bucket."""

    def do(self, statement: str, **more: Any) -> CursorResult[Any]:
        return self.connection.exec_driver_sql(statement, self.facts | more)

    def by_store(self, statement: str) -> dict[str, int]:
        return {row.store_code: row.rows for row in self.do(statement)}


def _stage(connection: Connection, layout: Layout, staging: Staging, merge: Merge, batch_size: int) -> None:
    connection.exec_driver_sql(queries.PLAN_FOR_MANY_ROWS)
    connection.exec_driver_sql(queries.lock_table(layout))
    connection.exec_driver_sql(queries.create_staging(layout))
    with merge.path.open(encoding="utf-8", newline="") as file:
        copy_in(connection, queries.copy_staging(layout), staging.copy_lines(file, batch_size))


def _reconcile(session: _Session) -> None:
    """Take out the rows that collide in the file, and with the table where it has a second unique column."""
    layout = session.layout
    shared = layout.identity and session.do(queries.count_shared_identities(layout)).scalar_one()
    if shared:
        session.do(queries.mark_identity_duplicates(layout))
    session.do(queries.mark_duplicates(layout))
    if shared:
        session.do(queries.mark_identity_clashes(layout))
    if layout.identity and session.do(queries.find_edited(layout)).rowcount:
        session.do(queries.mark_edited_clashes(layout))
        session.do(queries.move_edited(layout))


def _update(session: _Session) -> dict[str, int]:
    if not session.do(queries.COUNT_STORED_CHANGES).scalar_one():
        return {}
    if session.layout.memory:
        session.do(stays.keep(session.layout, session.layout.memory))
    return session.by_store(queries.update_changed(session.layout))


def _remember(session: _Session, counts: dict[str, Counts], *, is_whole: bool) -> None:
    """Let rows leave that the newest export of their store lacks; an empty or mostly rejected export proves nothing."""
    layout = session.layout
    late = {row.store_code for row in session.do(stays.NEWER_EXPORTS)} & counts.keys()
    if late:
        session.do(stays.end_late(layout), stores=sorted(late))
    if not is_whole:
        return
    present = session.by_store(stays.count_present(layout))
    lacking = [
        store
        for store, count in counts.items()
        if store not in late and not count.is_mostly_rejected and 0 < count.ingested < present.get(store, 0)
    ]
    if lacking:
        session.do(stays.mark_left(layout), stores=lacking)


def _counts(read: int, rejected_before: int, tally: Any, updated: int, inserted: int) -> Counts:
    counts = Counts(read=read, rejected=rejected_before)
    if tally is None:
        return counts
    updated += tally.moved
    return replace(
        counts,
        inserted=inserted,
        updated=updated,
        unchanged=tally.stored - inserted - updated,
        skipped=tally.skipped + tally.duplicates,
        rejected=rejected_before + tally.rejected + tally.clashes,
        duplicates=tally.duplicates,
    )


def _findings(merge: Merge, staging: Staging, tallies: dict[str, Any]) -> Iterator[Finding]:
    def warning(store: str, text: str) -> Finding:
        return Finding(Status.WARNING, text, store, merge.bucket)

    for store, rejections in staging.rejections.items():
        severity = rejections.severity(merge.counts[store].read)
        yield from (Finding(severity, text, store, merge.bucket) for text in rejections.texts())
    for (store, column), count in staging.unreadable.items():
        yield warning(store, f"{count} values of {column} are unreadable and were left out")
    for store, tally in tallies.items():
        if tally.clashes:
            where = f"{merge.path.name} line {tally.first_clash}"
            reason = f"{LAYOUTS[merge.bucket].identity} {books.CLASH}"
            yield warning(store, f"rows rejected: {tally.clashes}, the first in {where}: {reason}")
