"""Which revision the schema is at, which one the code needs, and how it is applied.

Only `jobs.migrate` applies one.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from lib import log
from lib.db.errors import PendingMigration, UnknownRevision
from lib.db.revision import SCRIPTS
from lib.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

COMMAND = "python -m jobs.migrate"
#: Advisory lock of a migration; the number means nothing, it only must not change.
LOCK_KEY = 0x51_4D_50_4C
#: Longer waits would queue every reader behind us.
LOCK_TIMEOUT_S = 10


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; `alembic/env.py` runs revisions on its `connection`."""
    configuration = Config()
    configuration.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    configuration.attributes["connection"] = connection

    return configuration


def chain() -> list[str]:
    """Return every revision that this code has, oldest first; the last one is what it needs."""
    newest_first = ScriptDirectory.from_config(config()).walk_revisions()
    revisions = [script.revision for script in newest_first]

    return revisions[::-1]


def head() -> str:
    """Return the revision that this code needs."""
    return chain()[-1]


def current(connection: Connection) -> str | None:
    """Return the revision of the database; None for one that was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def pending(connection: Connection, revision: str = "head") -> list[str]:
    """Return the revisions up to `revision` that are not applied yet, oldest first.

    Raise UnknownRevision if the database is at a revision that this code does not have, UsageError
    if there is no such `revision`.
    """
    known = chain()
    now = current(connection)

    target = known[-1] if revision == "head" else revision
    if target not in known:
        raise UsageError(f"there is no revision {target!r}; the newest is {known[-1]}")

    if now is not None and now not in known:
        raise UnknownRevision(
            f"the database is at revision {now}, which this version does not have: "
            "the version that applied it is newer"
        )

    applied = 0 if now is None else known.index(now) + 1
    return known[applied : known.index(target) + 1]


def needed(connection: Connection, revision: str = "head") -> list[str]:
    """Return what is pending, oldest first.

    For a database that is newer than this code nothing is, with a warning: revisions only add, so
    the version before can go on after a rollback.
    """
    try:
        return pending(connection, revision)
    except UnknownRevision as newer:
        log.warning(str(newer))
        return []


def require_current(connection: Connection) -> None:
    """Raise PendingMigration unless every revision of this code is applied."""
    if waiting := needed(connection):
        raise PendingMigration(
            f"the database lacks {len(waiting)} revisions, up to {waiting[-1]}; run: {COMMAND}"
        )


def upgrade(engine: Engine, revision: str = "head") -> list[str]:
    """Apply what is pending up to `revision`, each revision in its own transaction.

    Return what was applied. Never goes down. Waits for another migration to end, and gives up
    (DatabaseUnavailable) where a lock is not to be had in LOCK_TIMEOUT_S; revisions that were
    applied by then stay, and the next call continues.
    """
    with alone(engine) as connection:
        waiting = pending(connection, revision)
        connection.commit()

        if waiting:
            command.upgrade(config(connection), waiting[-1])

    return waiting


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that holds the lock of migrations, in no transaction.

    It has the time-outs of a migration.
    """
    with engine.connect() as connection:
        # closed, not pooled, afterwards: its settings and its lock go with it
        connection.detach()

        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        connection.commit()
        yield connection
