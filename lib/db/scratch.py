"""Schemas that exist for the length of a block: every table, empty, beside the real ones.

A session of such a schema finds no other table: its search path is that schema alone, and no
statement of the jobs names a schema. What a killed process left is removed by whoever comes next.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, func, select, text

from lib.db import grants
from lib.db.engine import connect
from lib.db.tables import metadata
from lib.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PREFIX = "simplify_scratch_"
_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{12}}", re.ASCII)

_MAY_CREATE = """
    SELECT has_database_privilege(current_database(), 'CREATE'), current_user, current_database()
"""


@contextmanager
def schema(engine: Engine, database_url: str) -> Iterator[Engine]:
    """Yield an engine whose sessions find the tables of a new schema, and no others.

    1. What earlier processes left is removed.
    2. The schema's advisory lock is taken, which dies with this process: it says that the schema
       is in use.
    3. Every table is made, empty.
    4. At the end of the block the schema is dropped, whatever ended it.

    Raise ConfigurationError if the role may create no schema.
    """
    name = f"{PREFIX}{uuid.uuid4().hex[:12]}"

    # Autocommit: a lock that is held for minutes must not hold a transaction open as well.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        _require_right(holder)
        remove_unused(holder)
        holder.execute(select(func.pg_advisory_lock(_key(name))))

        try:
            holder.execute(text(f"CREATE SCHEMA {name}"))
            inside = connect(
                database_url,
                application_name="simplify scratch",
                schema=name,
            )

            try:
                metadata.create_all(inside, checkfirst=False)
                yield inside
            finally:
                inside.dispose()
        finally:
            _drop(holder, name)
            holder.execute(select(func.pg_advisory_unlock(_key(name))))


def left(connection: Connection) -> list[str]:
    """Return the scratch schemas that are there, in use or not."""
    found = connection.execute(text("SELECT nspname FROM pg_namespace ORDER BY nspname")).scalars()
    return list(filter(_NAME.fullmatch, found))


def unused(connection: Connection) -> Iterator[str]:
    """Yield the scratch schemas whose process is gone; each is locked until the next one."""
    for name in left(connection):
        key = _key(name)

        if connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one():
            try:
                yield name
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))


def remove_unused(connection: Connection) -> int:
    """Drop the scratch schemas whose process is gone; return how many there were.

    `connection` commits each statement by itself.
    """
    removed = 0

    for name in unused(connection):
        _drop(connection, name)
        removed += 1

    return removed


def copy(
    connection: Connection,
    table: Table,
    source: str,
    where: str = "true",
    *,
    changed: Mapping[str, str] | None = None,
    joined: str = "",
    **values: Any,
) -> int:
    """Copy rows of `source`'s table into the connection's schema; return how many.

    `where` and `joined` are SQL about the row `own`, `source` is its schema as SQL names it,
    `changed` has by column the SQL of what is stored in place of the value. Numbers that the table
    gives out go on behind the copied ones.
    """
    names, chosen = [], []

    for column in table.columns:
        if column.computed is None:
            names.append(column.name)
            chosen.append((changed or {}).get(column.name, f"own.{column.name}"))

    found = connection.exec_driver_sql(
        f"""
            INSERT INTO {table.name} ({", ".join(names)})
            SELECT {", ".join(chosen)} FROM {in_schema(source, table)} AS own {joined}
            WHERE {where}
        """,  # noqa: S608 - names of our tables and SQL of ours
        values,
    )

    numbered = table.autoincrement_column

    if numbered is not None:
        last = select(func.max(numbered)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, numbered.name)
        connection.execute(select(func.setval(sequence, func.coalesce(last, 0) + 1, False)))

    return found.rowcount


def in_schema(source: str, table: Table) -> str:
    """Return the table of that schema; both as SQL names them."""
    return f"{source}.{table.name}"


def real_schema(connection: Connection) -> str:
    """Return the schema of the session's tables, as SQL names it."""
    return str(connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one())


def _require_right(connection: Connection) -> None:
    may_create, role, database = connection.execute(text(_MAY_CREATE)).one()

    if not may_create:
        on = f"ON DATABASE {grants.quoted(database)} TO {grants.quoted(role)}"
        raise ConfigurationError(
            f"the role {role} may not create a schema;"
            f" as the owner of the database, type: GRANT CREATE {on};"
        )


def _drop(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))


def _key(name: str) -> Any:
    return func.hashtextextended(f"simplify-scratch:{name}", 0)
