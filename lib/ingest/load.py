"""A merged file into its table: COPY into a staging table, then set-based SQL, in one transaction (DOMAIN B.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lib.ingest import queries
from lib.ingest.buckets import LAYOUTS, Layout
from lib.ingest.copying import copy_in, our_errors
from lib.ingest.counts import Counts
from lib.ingest.errors import DamagedMerge
from lib.ingest.merge import Merge
from lib.ingest.staging import Staging
from lib.model import Bucket, Finding, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BATCH_SIZE = 500
"""Rows. Small, so that the server works on one batch while the next is read."""


@dataclass(frozen=True)
class Load:
    """What became of one bucket's rows, by store."""

    bucket: Bucket
    counts: dict[str, Counts]
    """One for each store in the merge's counts."""
    findings: tuple[Finding, ...] = field(default=())


def load(engine: Engine, merge: Merge, batch_size: int = BATCH_SIZE) -> Load:
    """Load the merged file in one transaction; loading it again changes nothing. Memory: a few batches.

    Raises BucketNotLoaded or DatabaseUnavailable (nothing stored, nothing of another bucket touched) or DamagedMerge.
    """
    layout = LAYOUTS[merge.bucket]
    staging = Staging(layout, merge.path.name)
    with our_errors(merge.bucket), engine.begin() as connection:
        _stage(connection, layout, staging, merge, batch_size)
        _reconcile(connection, layout)
        connection.exec_driver_sql(queries.find_changes(layout))
        updated = _by_store(connection, queries.update_changed(layout))
        inserted = _by_store(connection, queries.insert_new(layout))
        tallies = {tally.store_code: tally for tally in connection.exec_driver_sql(queries.count_fates(layout))}
        if tallies.keys() - merge.counts.keys():
            raise DamagedMerge(f"{merge.path.name} has rows of stores that the merge did not put there")
    return Load(
        merge.bucket,
        {
            store: _counts(file.read, file.rejected, tallies.get(store), updated.get(store, 0), inserted.get(store, 0))
            for store, file in merge.counts.items()
        },
        tuple(_findings(merge, staging, tallies)),
    )


def _stage(connection: Connection, layout: Layout, staging: Staging, merge: Merge, batch_size: int) -> None:
    connection.exec_driver_sql(queries.lock_table(layout))
    connection.exec_driver_sql(queries.create_staging(layout))
    with merge.path.open(encoding="utf-8", newline="") as file:
        copy_in(connection, queries.copy_staging(layout), staging.copy_lines(file, batch_size))


def _reconcile(connection: Connection, layout: Layout) -> None:
    """Take out the rows that collide in the file, and with the table where it has a second unique column."""
    shared = layout.identity and connection.exec_driver_sql(queries.count_shared_identities(layout)).scalar_one()
    if shared:
        connection.exec_driver_sql(queries.mark_identity_duplicates(layout))
    connection.exec_driver_sql(queries.mark_duplicates(layout))
    if shared:
        connection.exec_driver_sql(queries.mark_identity_clashes(layout))
    if layout.identity and connection.exec_driver_sql(queries.find_edited(layout)).rowcount:
        connection.exec_driver_sql(queries.mark_edited_clashes(layout))
        connection.exec_driver_sql(queries.move_edited(layout))


def _by_store(connection: Connection, statement: str) -> dict[str, int]:
    return {row.store_code: row.rows for row in connection.exec_driver_sql(statement)}


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
        yield from (warning(store, text) for text in rejections.texts())
    for (store, column), count in staging.unreadable.items():
        yield warning(store, f"{count} values of {column} are unreadable and were left out")
    for store, tally in tallies.items():
        if tally.clashes:
            where = f"{merge.path.name} line {tally.first_clash}"
            reason = f"{LAYOUTS[merge.bucket].identity} is another row's already"
            yield warning(store, f"rows rejected: {tally.clashes}, the first in {where}: {reason}")
