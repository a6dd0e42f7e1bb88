"""What a load needs of the driver beyond SQLAlchemy: COPY, and errors that quote no row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lib.db.errors import DatabaseUnavailable
from lib.errors import describe
from lib.ingest.errors import BucketNotLoaded
from lib.model import Bucket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def copy_in(connection: Connection, statement: str, batches: Iterator[bytes]) -> None:
    """Send `batches` to a COPY … FROM STDIN.

    Errors are as if SQLAlchemy, which has no word for it, had sent it.
    """
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
        #: What really happened when psycopg2 says that the COPY was cancelled.
        self.error: Exception | None = None
        self._batches = batches

    def read(self, _size: int) -> bytes:
        try:
            return next(self._batches, b"")
        except Exception as error:
            self.error = error
            raise


@contextmanager
def our_errors(bucket: Bucket) -> Iterator[None]:
    """Let no foreign text out of a bucket's load: a database error quotes the row that it refuses.

    Raises DatabaseUnavailable or BucketNotLoaded instead.
    """
    from sqlalchemy.exc import DBAPIError

    from lib.db.engine import BUSY_STATES

    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None)
        if state is None or state.startswith(BUSY_STATES):
            raise DatabaseUnavailable(
                f"the database went away under {bucket} ({state}); run the job again"
            ) from None

        raise BucketNotLoaded(
            f"{bucket} was not loaded, its files are kept: {describe(error)}"
        ) from None
