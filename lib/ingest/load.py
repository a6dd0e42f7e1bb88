"""A merged file into its table: COPY into a staging table, then set-based SQL, in one transaction.

Source: docs/reference/domain.md#upsert.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lib import dates
from lib.domain.exports import EXPORTS, Export
from lib.ingest import load_accounting, presence, queries
from lib.ingest.counts import Counts, is_cut_short
from lib.ingest.errors import DamagedMerge
from lib.ingest.merge import Merge
from lib.ingest.postgres_copy import copy_in, our_errors
from lib.ingest.staged_rows import Fate, Staging
from lib.ingest.statement_counts import Stored, Tally
from lib.model import Bucket, Finding, RunRef, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

#: Rows at most. So few stay in the processor's caches, and the server works on one batch while the
#: next is read.
BATCH_SIZE = 500


@dataclass(frozen=True)
class Load:
    """What became of one bucket's rows, by store."""

    bucket: Bucket
    #: One for each store in the merge's counts.
    counts: dict[str, Counts]
    findings: tuple[Finding, ...] = field(default=())


def load(
    engine: Engine,
    merge: Merge,
    run: RunRef,
    *,
    is_whole: bool = True,
    batch_size: int = BATCH_SIZE,
) -> Load:
    """Load the merged file in one transaction; loading it again changes nothing.

    Memory: a few batches.

    With the rows go the books of the run, whose row must exist: counts by store, rejected rows, and
    which rows have left the export of `run.report_on` (docs/adr/0009). Not `is_whole`: some rows of
    an export rather than the export itself, which say nothing about what they lack and get no
    counts.

    Raises BucketNotLoaded or DatabaseUnavailable (nothing stored, nothing of another bucket
    touched) or DamagedMerge.
    """
    export = EXPORTS[merge.bucket]
    staging = Staging(export, merge.path.name)

    with our_errors(merge.bucket), engine.begin() as connection:
        session = _Session(
            connection, export, {"seen_on": run.report_on, "bucket": str(merge.bucket)}
        )
        _stage(connection, export, staging, merge, batch_size)
        _reconcile(session)
        _update(session)

        present = _count_present(session) if is_whole else {}
        session.count(Stored.INSERTED, queries.insert_new(export))
        clashes = _count_fates(session)

        if session.tally.stores() - merge.counts.keys():
            raise DamagedMerge(
                f"{merge.path.name} has rows of stores that the merge did not put there"
            )

        counts = {store: session.tally.counts(store, file) for store, file in merge.counts.items()}
        cut_short = _remember(session, counts, present) if export.presence else {}
        load_accounting.keep_rejects(connection, export, merge, run, has_clashes=bool(clashes))

        if is_whole:
            load_accounting.keep_counts(connection, run, merge.bucket, counts)

    return Load(merge.bucket, counts, tuple(_findings(merge, staging, clashes, cut_short)))


@dataclass(frozen=True)
class _Session:
    """The transaction of a load."""

    connection: Connection
    export: Export
    #: What the statements may name: seen_on and bucket.
    facts: dict[str, Any]
    tally: Tally = field(default_factory=Tally)

    def do(self, statement: str, **more: Any) -> CursorResult[Any]:
        return self.connection.exec_driver_sql(statement, self.facts | more)

    def count(self, outcome: Stored | Fate, statement: str) -> None:
        """Do what returns store codes with rows of that outcome."""
        for row in self.do(statement):
            self.tally.add(outcome, row.store_code, row.rows)


def _stage(
    connection: Connection, export: Export, staging: Staging, merge: Merge, batch_size: int
) -> None:
    connection.exec_driver_sql(queries.PLAN_FOR_MANY_ROWS)
    connection.exec_driver_sql(queries.lock_table(export))
    connection.exec_driver_sql(queries.create_staging(export))

    with merge.path.open(encoding="utf-8", newline="") as file:
        copy_in(
            connection,
            queries.copy_staging(export),
            staging.copy_lines(file, min(batch_size, BATCH_SIZE)),
        )


def _reconcile(session: _Session) -> None:
    """Take out the rows that collide in the file, and with the table where it has a second unique column."""
    export = session.export

    shared = export.identity and session.do(queries.has_shared_identities(export)).scalar_one()
    if shared:
        session.do(queries.mark_identity_duplicates(export))

    session.count(Fate.DUPLICATE, queries.remove_duplicates(export))

    if shared:
        session.do(queries.mark_identity_clashes(export))

    if export.identity and session.do(queries.find_edited(export)).rowcount:
        session.do(queries.mark_edited_clashes(export))
        session.do(queries.move_edited(export))


def _update(session: _Session) -> None:
    """Compare with the stored rows and change those that differ."""
    session.do(queries.find_known(session.export))

    known = session.do(queries.COUNT_KNOWN).all()
    for row in known:
        if not row.changes:
            session.tally.add(Stored.UNCHANGED, row.store_code, row.rows)

    if any(row.changes for row in known):
        if session.export.presence:
            session.do(presence.keep(session.export, session.export.presence))

        session.count(Stored.UPDATED, queries.update_changed(session.export))


def _count_fates(session: _Session) -> list[Any]:
    """Count the rows that were not matched by key; return how many clash, by store, and the first line of these."""
    fates = session.do(queries.COUNT_FATES).all()
    for row in fates:
        session.tally.add(Fate(row.fate), row.store_code, row.rows)

    return [row for row in fates if row.fate == Fate.CLASH]


def _count_present(session: _Session) -> dict[str, int]:
    """Return how many rows that were stored before are taken to be in the export, by store."""
    if session.export.presence is None:
        return {}

    return {row.store_code: row.rows for row in session.do(presence.count_present(session.export))}


def _remember(
    session: _Session, counts: dict[str, Counts], present: dict[str, int]
) -> dict[str, int]:
    """Let rows leave that the newest export of their store lacks; an empty or mostly rejected export proves nothing.

    Nor does one that seems cut short: return, by store, how many rows those lack.
    """
    export = session.export

    late = {row.store_code for row in session.do(presence.NEWER_EXPORTS)} & counts.keys()
    if late:
        session.do(presence.end_late(export), stores=sorted(late))

    lacking = {
        store: rows
        for store, count in counts.items()
        if store not in late
        and not count.is_wrong
        and count.ingested
        and (rows := present.get(store, 0) - (count.ingested - count.inserted)) > 0
    }

    grows = _stores_inside_a_month(session) if lacking else set()

    cut_short = {
        store: rows
        for store, rows in lacking.items()
        if store in grows and is_cut_short(rows, present[store])
    }
    if believed := lacking.keys() - cut_short.keys():
        session.do(presence.mark_left(export), stores=sorted(believed))

    return cut_short


def _stores_inside_a_month(session: _Session) -> set[str]:
    """Return the stores whose last export was of the same month: what it had, this one should have."""
    month = dates.month_of(session.facts["seen_on"])
    return {
        row.store_code for row in session.do(presence.LATEST_EXPORTS) if row.seen_on >= month.first
    }


def _findings(
    merge: Merge, staging: Staging, clashes: list[Any], cut_short: dict[str, int]
) -> Iterator[Finding]:
    def warning(store: str, text: str) -> Finding:
        return Finding(Status.WARNING, text, store, merge.bucket)

    for store, rejections in staging.rejections.items():
        severity = rejections.severity(merge.counts[store].read)
        yield from (Finding(severity, text, store, merge.bucket) for text in rejections.texts())

    for (store, column), count in staging.unreadable.items():
        yield warning(store, f"{count} values of {column} are unreadable and were left out")

    for clash in clashes:
        where = f"{merge.path.name} line {clash.first_line}"
        reason = f"{EXPORTS[merge.bucket].identity} {load_accounting.CLASH}"
        yield warning(
            clash.store_code, f"rows rejected: {clash.rows}, the first in {where}: {reason}"
        )

    for store, rows in cut_short.items():
        yield warning(
            store,
            f"{rows} rows of the last export are not in this one: was it cut short? They count as in it",
        )
