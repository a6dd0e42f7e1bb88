"""What a load needs of the driver beyond SQLAlchemy: COPY, and errors that quote no row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lib import stop
from lib.db.errors import DatabaseRefused, DatabaseUnavailable
from lib.errors import describe
from lib.ingest.errors import BucketNotLoaded
from lib.model import Bucket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def copy_in(
    connection: Connection,
    statement: str,
    batches: Iterator[bytes],
) -> None:
    """Send `batches` to a COPY … FROM STDIN.

    Errors are as if SQLAlchemy, which has no word for it, had sent it. A request to stop ends the
    COPY before the next batch: Interrupted, and nothing is stored.
    """
    from sqlalchemy.exc import DBAPIError

    cursor: Any = connection.connection.cursor()
    stream = _Stream(batches)

    # psycopg2 makes a database error of whatever a callback raises, Interrupted included, so a stop
    # must not reach the callback as an exception.
    with stop.deferred_signals():
        try:
            cursor.copy_expert(statement, stream)
        except connection.dialect.loaded_dbapi.Error as error:
            raise stream.error or DBAPIError(
                statement,
                None,
                error,
            ) from None
        finally:
            cursor.close()


class _Stopped(Exception):
    """Ends a COPY for a stop that is carried out behind it."""


class _Stream:
    """What psycopg2 reads COPY data from: one batch a call."""

    def __init__(self, batches: Iterator[bytes]) -> None:
        #: What really happened when psycopg2 says that the COPY was cancelled.
        self.error: Exception | None = None
        self._batches = batches

    def read(self, _size: int) -> bytes:
        if stop.is_requested():
            self.error = _Stopped()
            raise self.error

        try:
            return next(self._batches, b"")
        except Exception as error:
            self.error = error
            raise


@contextmanager
def without_quoted_rows(bucket: Bucket) -> Iterator[None]:
    """Let no foreign text out of a bucket's load: a database error quotes the row that it refuses.

    Raise DatabaseUnavailable, DatabaseRefused or BucketNotLoaded instead.
    """
    from sqlalchemy.exc import DBAPIError

    from lib.db.sqlstates import Remedy, remedy_of

    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None)

        remedy = remedy_of(state)

        if remedy is Remedy.WAIT:
            raise DatabaseUnavailable(
                f"the database went away under {bucket} ({state}); run the job again"
            ) from None

        if remedy is Remedy.PERSON:
            raise DatabaseRefused(
                f"the database does not let {bucket} be loaded: {describe(error)}; "
                "run: python -m jobs.db_check"
            ) from None

        raise BucketNotLoaded(
            f"{bucket} was not loaded, its files are kept: {describe(error)}"
        ) from None
