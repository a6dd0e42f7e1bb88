"""Which rights the role of DATABASE_URL lacks, with what to type for each.

Source: docs/reference/domain.md#database-server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import text

from lib.db import grants
from lib.db.tables import metadata
from lib.model import Finding, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA = "public"
VERSION_TABLE = "alembic_version"

_ROLE = "SELECT current_user, current_database()"
_ON_DATABASE = "SELECT has_database_privilege(current_database(), 'TEMPORARY')"
_ON_SCHEMA = """
    SELECT has_schema_privilege(oid, 'USAGE') AS may_use,
           has_schema_privilege(oid, 'CREATE') AS may_create
    FROM pg_namespace WHERE nspname = :schema
"""
#: A right on a table is one on its sequence, too: nextval is called by an INSERT.
_LACKING = """
    SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, relname AS name
    FROM pg_class
    WHERE relnamespace = to_regnamespace(:schema) AND (
        relkind IN ('r', 'p') AND relname = ANY(:tables) AND NOT (
            has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
        OR relkind IN ('r', 'p') AND relname = :version AND NOT has_table_privilege(oid, 'SELECT')
        OR relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE') AND EXISTS (
            SELECT FROM pg_depend JOIN pg_class AS owner ON owner.oid = refobjid
            WHERE objid = pg_class.oid AND owner.relname = ANY(:tables)))
    ORDER BY relname
"""
_OWNED_BY_OTHERS = """
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'p')
      AND relname = ANY(:tables) AND NOT pg_has_role(relowner, 'USAGE')
    ORDER BY relname
"""


def may_read_revision(connection: Connection) -> bool:
    """Return True unless the table of the revision is there and the role may not read it."""
    found = connection.execute(
        text(
            "SELECT has_table_privilege(oid, 'SELECT') FROM pg_class WHERE oid = to_regclass(:name)"
        ),
        {"name": f"{SCHEMA}.{VERSION_TABLE}"},
    )

    return bool(found.scalar_one_or_none() is not False)


def lacking(connection: Connection) -> Iterator[Finding]:
    """Yield an error for each right without which a job fails."""
    role, database = connection.execute(text(_ROLE)).one()

    if not connection.execute(text(_ON_DATABASE)).scalar_one():
        yield _error(
            role,
            "create temporary tables",
            grants.grant("database", [database], role),
        )

    may_use, _ = _on_schema(connection)
    if not may_use:
        yield _error(role, f"use schema {SCHEMA}", grants.grant("schema", [SCHEMA], role))

    found = connection.execute(
        text(_LACKING),
        {"schema": SCHEMA, "tables": list(metadata.tables), "version": VERSION_TABLE},
    ).all()

    for kind in ("table", "sequence"):
        names = []

        for row in found:
            if row.kind == kind:
                names.append(row.name)

        if names:
            what = f"read and write {len(names)} {kind}s"
            yield _error(role, what, grants.grant(kind, names, role))


def lacking_to_migrate(connection: Connection) -> Iterator[Finding]:
    """Yield an error for each right without which `jobs.migrate` fails."""
    role, _ = connection.execute(text(_ROLE)).one()

    _, may_create = _on_schema(connection)

    if not may_create:
        what = f"create tables in schema {SCHEMA}"
        yield _error(role, what, grants.grant("schema", [SCHEMA], role))

    owned_by_others = connection.execute(
        text(_OWNED_BY_OTHERS),
        {"schema": SCHEMA, "tables": [*metadata.tables, VERSION_TABLE]},
    ).scalars()

    for name in owned_by_others:
        statement = f"ALTER TABLE {grants.quoted(name)} OWNER TO {grants.quoted(role)};"
        yield _error(role, f"change the table {name}", statement)


def _on_schema(connection: Connection) -> tuple[bool, bool]:
    found = connection.execute(text(_ON_SCHEMA), {"schema": SCHEMA}).one_or_none()
    return (found.may_use, found.may_create) if found else (False, False)


def _error(role: str, what: str, statement: str) -> Finding:
    return Finding(
        Status.ERROR,
        f"the role {role} may not {what}; as the owner of the database, type: {statement}",
    )
