"""Merged rows into their table: COPY into a staging table, then set-based SQL, in one transaction.

Source: docs/reference/domain.md#upsert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lib import dates
from lib.domain.exports import EXPORTS, Export
from lib.ingest import load_accounting, presence, queries
from lib.ingest.counts import Counts, is_cut_short
from lib.ingest.errors import DamagedMerge
from lib.ingest.merge import Merge
from lib.ingest.postgres_copy import copy_in, without_quoted_rows
from lib.ingest.staged_rows import RowStatus, StagedRows
from lib.ingest.statement_counts import RowOutcome, StatementCounts
from lib.model import Bucket, Finding, RunRef, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

#: SQL, or what makes it from an export.
Statement = str | Callable[[Export], str]


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
) -> Load:
    """Load the rows of a merged file in one transaction; loading it again changes nothing.

    1. Stage: lock the table, copy the rows into a temporary one, each with its status.
    2. Reconcile: keep one row of each identity, and follow keys that were edited at the portal.
    3. Update: compare with the stored rows, archive presences that end, change what differs.
    4. Insert the rows whose key is new.
    5. Count: every row read has one outcome; a row of a store that was not merged is damage.
    6. Presence: mark rows that the export has no longer as having left it.
    7. Keep rejected rows and counts beside the rows, signed with the run, whose row must exist.

    Memory: a block of the rows. `is_whole` is False for some rows of an export rather than the
    export itself: these say nothing about what they lack and get no counts.

    Raise BucketNotLoaded or DatabaseUnavailable (nothing is stored, and no other bucket is touched)
    or DamagedMerge.
    """
    export = EXPORTS[merge.bucket]
    staged = merge.staged or StagedRows(export, merge.path)

    with without_quoted_rows(merge.bucket), engine.begin() as connection:
        session = _Session(connection, export, run)

        _stage(session, staged)
        _reconcile(session)
        _update(session)

        present = _count_present(session) if is_whole else {}
        session.count(RowOutcome.INSERTED, queries.insert_new)
        clashes = _count_statuses(session)
        counts = _counts(session, merge)

        cut_short: dict[str, int] = {}
        if export.presence:
            cut_short = _update_presence(session, merge, counts, present)

        load_accounting.keep_rejects(
            connection,
            export,
            merge,
            run,
            has_clashes=bool(clashes),
        )

        if is_whole:
            load_accounting.keep_counts(
                connection,
                run,
                merge.bucket,
                counts,
            )

    return Load(
        merge.bucket,
        counts,
        tuple(_findings(merge, staged, clashes, cut_short)),
    )


class _Session:
    """The transaction of a load, and what its statements say that they did."""

    def __init__(
        self,
        connection: Connection,
        export: Export,
        run: RunRef,
    ) -> None:
        self.connection = connection
        self.export = export
        self.seen_on = run.report_on
        self.outcomes = StatementCounts()

    def execute(
        self,
        statement: Statement,
        **parameters: Any,
    ) -> CursorResult[Any]:
        """Execute a statement, which may name seen_on and bucket, too."""
        text = statement if isinstance(statement, str) else statement(self.export)
        always = {
            "seen_on": self.seen_on,
            "bucket": str(self.export.bucket),
        }

        return self.connection.exec_driver_sql(text, always | parameters)

    def count(
        self,
        outcome: RowOutcome | RowStatus,
        statement: Statement,
    ) -> None:
        """Execute what returns store codes, each with its rows of that outcome."""
        for row in self.execute(statement):
            self.outcomes.add(outcome, row.store_code, row.rows)


def _stage(
    session: _Session,
    staged: StagedRows,
) -> None:
    export = session.export

    # one by one: without parameters, the driver sends them as they are
    for statement in (
        queries.PLAN_FOR_MANY_ROWS,
        queries.lock_table(export),
        queries.create_staging(export),
    ):
        session.connection.exec_driver_sql(statement)

    copy_in(session.connection, queries.copy_staging(export), staged.file.blocks())


def _reconcile(session: _Session) -> None:
    """Resolve rows that collide with another store's, and with the table's, by their identity."""
    export = session.export
    if not export.identity:
        return

    if session.execute(queries.has_shared_identities).scalar_one():
        session.execute(queries.mark_identity_clashes)

    if session.execute(queries.find_edited).rowcount:
        session.execute(queries.mark_edited_clashes)
        session.execute(queries.move_edited)


def _update(session: _Session) -> None:
    """Compare with the stored rows and change those that differ."""
    export = session.export
    session.execute(queries.find_known)
    known = session.execute(queries.COUNT_KNOWN).all()
    for row in known:
        if not row.changes:
            session.outcomes.add(
                RowOutcome.UNCHANGED,
                row.store_code,
                row.rows,
            )

    if any(row.changes for row in known):
        if export.presence:
            session.execute(presence.archive_ended(export, export.presence))

        session.count(RowOutcome.UPDATED, queries.update_changed)


def _count_present(session: _Session) -> dict[str, int]:
    """Return how many rows that were stored before are taken to be in the export, by store."""
    if session.export.presence is None:
        return {}

    found = session.execute(presence.count_present)
    chosen = {}

    for row in found:
        chosen[row.store_code] = row.rows

    return chosen


def _count_statuses(session: _Session) -> list[Any]:
    """Count the rows that were not matched by key.

    Return how many clash, by store, and the first line of these.
    """
    found = session.execute(queries.COUNT_STATUSES).all()
    for row in found:
        session.outcomes.add(
            RowStatus(row.row_status),
            row.store_code,
            row.rows,
        )

    return [row for row in found if row.row_status == RowStatus.CLASH]


def _counts(session: _Session, merge: Merge) -> dict[str, Counts]:
    if session.outcomes.stores() - merge.counts.keys():
        raise DamagedMerge(f"{merge.path.name} has rows of stores that the merge did not put there")

    outcomes = session.outcomes
    found = {}

    for store, file in merge.counts.items():
        found[store] = outcomes.counts(store, file)

    return found


def _update_presence(
    session: _Session,
    merge: Merge,
    counts: dict[str, Counts],
    present: dict[str, int],
) -> dict[str, int]:
    """Mark the rows that the newest export of their store lacks as having left it.

    An empty, a mostly rejected or a damaged export proves nothing, nor does one whose end is not
    proven, nor one that seems cut short. Return, by store, how many rows those that are cut short
    lack.
    """
    late = {row.store_code for row in session.execute(presence.NEWER_EXPORTS)} & counts.keys()
    if late:
        session.execute(presence.end_late, stores=sorted(late))

    lacking = {}

    for store, count in counts.items():
        proves_nothing = count.is_wrong or not count.ingested or store in merge.not_proven_whole
        if store in late or proves_nothing:
            continue

        rows = present.get(store, 0) - (count.ingested - count.inserted)
        if rows > 0:
            lacking[store] = rows

    grows = _stores_inside_a_month(session) if lacking else set()

    cut_short = {
        store: rows
        for store, rows in lacking.items()
        if store in grows and is_cut_short(rows, present[store])
    }

    if believed := lacking.keys() - cut_short.keys():
        session.execute(presence.mark_left, stores=sorted(believed))

    return cut_short


def _stores_inside_a_month(session: _Session) -> set[str]:
    """Return the stores whose last export was of the same month: what it had, this one should."""
    month = dates.month_of(session.seen_on)
    latest = session.execute(presence.LATEST_EXPORTS)

    found = set()

    for row in latest:
        if row.seen_on >= month.first:
            found.add(row.store_code)

    return found


def _findings(
    merge: Merge,
    staged: StagedRows,
    clashes: list[Any],
    cut_short: dict[str, int],
) -> Iterator[Finding]:
    def warning(store: str, text: str) -> Finding:
        return Finding(Status.WARNING, text, store, merge.bucket)

    for store, rejections in staged.rejections.items():
        severity = rejections.severity(merge.counts[store].read)

        for text in rejections.texts():
            yield Finding(severity, text, store, merge.bucket)

    for (store, column), count in staged.unreadable.items():
        yield warning(
            store,
            f"{count} values of {column} are unreadable and were left out",
        )

    for clash in clashes:
        where = f"{merge.path.name} line {clash.first_line}"
        reason = f"{EXPORTS[merge.bucket].identity} {load_accounting.CLASH}"
        text = f"rows rejected: {clash.rows}, the first in {where}: {reason}"

        yield warning(clash.store_code, text)

    for store, rows in cut_short.items():
        text = f"{rows} rows of the last export are not in this one: was it cut short?"
        yield warning(store, f"{text} They count as in it")
