"""A merged file into its table: COPY into a staging table, then set-based SQL, in one transaction (DOMAIN B.5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from operator import add
from typing import TYPE_CHECKING, Any

from lib.db.errors import DatabaseUnavailable
from lib.errors import describe
from lib.ingest import queries
from lib.ingest.buckets import LAYOUTS, Layout
from lib.ingest.errors import BucketNotLoaded
from lib.ingest.merge import Merge
from lib.ingest.staging import Staging
from lib.model import Bucket, Finding, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BATCH_SIZE = 500


@dataclass(frozen=True)
class Counts:
    """What became of the data rows of one store's file (DOMAIN B.8).

    Every row read is in exactly one of inserted, updated, unchanged, skipped and rejected.
    """

    read: int = 0
    """Counted while reading the store's file; all others are counted in SQL."""
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    """In the table with nothing to change, or outdone by the stored row."""
    skipped: int = 0
    """Without a usable customer number, or a duplicate: the part `duplicates` of these."""
    rejected: int = 0
    """With a reason: in the store's file (no CSV row, another store's) or in the merged one (bad or missing value)."""
    duplicates: int = 0
    """Lost to another row of the same key in the file."""

    @property
    def merged(self) -> int:
        """Rows after duplicates were removed."""
        return self.read - self.duplicates

    @property
    def ingested(self) -> int:
        """Rows that the table now holds, changed or not."""
        return self.inserted + self.updated + self.unchanged

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for exactly once."""
        is_whole = min(astuple(self)) >= 0 and self.duplicates <= self.skipped
        return is_whole and self.read == self.ingested + self.skipped + self.rejected

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, astuple(self), astuple(other)))


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
    with _our_errors(merge.bucket), engine.begin() as connection:
        _stage(connection, layout, staging, merge, batch_size)
        _reconcile(connection, layout)
        connection.exec_driver_sql(queries.find_changes(layout))
        updated = _by_store(connection, queries.update_changed(layout))
        inserted = _by_store(connection, queries.insert_new(layout))
        tallies = {tally.store_code: tally for tally in connection.exec_driver_sql(queries.count_fates(layout))}
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
        _copy(connection, queries.copy_staging(layout), staging.copy_lines(file, batch_size))


def _copy(connection: Connection, statement: str, batches: Iterator[bytes]) -> None:
    """COPY past SQLAlchemy, which has no word for it, with errors as if it had."""
    from sqlalchemy.exc import DBAPIError

    cursor: Any = connection.connection.cursor()
    stream = _Stream(batches)
    try:
        cursor.copy_expert(statement, stream)
    except connection.dialect.loaded_dbapi.Error as error:
        raise stream.error or DBAPIError(statement, None, error) from None
    finally:
        cursor.close()


class _Stream:
    """What psycopg2 reads COPY data from: one batch a call."""

    def __init__(self, batches: Iterator[bytes]) -> None:
        self.error: Exception | None = None
        """What really happened when psycopg2 says that the COPY was cancelled."""
        self._batches = batches

    def read(self, _size: int) -> bytes:
        try:
            return next(self._batches, b"")
        except Exception as error:
            self.error = error
            raise


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


@contextmanager
def _our_errors(bucket: Bucket) -> Iterator[None]:
    """Let no foreign text out: a database error quotes the row that it refuses."""
    from sqlalchemy.exc import DBAPIError

    from lib.db.engine import BUSY_STATES

    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None)
        if state is None or state.startswith(BUSY_STATES):
            raise DatabaseUnavailable(f"the database went away under {bucket} ({state}); run the job again") from None
        raise BucketNotLoaded(f"{bucket} was not loaded, its files are kept: {describe(error)}") from None
