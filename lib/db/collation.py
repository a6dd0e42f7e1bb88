"""Whether texts are indexed in the order that the server's machine has today.

The order comes from a library of the operating system, and another release of it may have another
order. PostgreSQL warns at each connection and goes on: a row may then not be found by its key.

Source: docs/how-to/upgrade-postgresql.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import text

from lib.db import grants
from lib.model import Finding, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The first server that keeps the version of a whole database.
SINCE = (15,)

_VERSIONS = """
    SELECT datname, datcollversion, pg_database_collation_actual_version(oid)
    FROM pg_database WHERE datname = current_database()
"""


def outdated(connection: Connection) -> Iterator[Finding]:
    """Yield a warning if the indexes were made by another version of the order of texts.

    Nothing where no version is known: of a database whose order is C's, and of one from before 15.
    """
    version = connection.dialect.server_version_info
    if version is None or version < SINCE:
        return

    name, made_by, today = connection.execute(text(_VERSIONS)).one()

    if made_by is not None and made_by != today:
        database = grants.quoted(name)
        repair = (
            f"REINDEX DATABASE {database}; ALTER DATABASE {database} REFRESH COLLATION VERSION;"
        )
        yield Finding(
            Status.WARNING,
            f"texts were indexed in the order of version {made_by}, and the server's machine has "
            f"version {today}, so a row may not be found by its key; "
            f"as the owner of the database, type: {repair}",
        )
