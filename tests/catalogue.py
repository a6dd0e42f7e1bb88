"""What a database consists of, as PostgreSQL itself tells it, in a shape that can be compared as a whole."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
           coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
    ORDER BY c.relname, a.attnum
"""
# PostgreSQL 18 keeps NOT NULL as constraints of type n; they are told with the columns
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid::regclass::text <> 'alembic_version'
    ORDER BY 1, 2
"""
INDEXES = """
    SELECT tablename, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, indexname
"""
SEQUENCES = """
    SELECT sequencename || ' ' || data_type FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1
"""
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"


def catalogue(connection: Connection) -> dict:
    """Return columns (in order), constraints and indexes by table, and the sequences and triggers."""
    columns, constraints, indexes = defaultdict(list), defaultdict(list), defaultdict(list)
    for table, name, kind, null, default in connection.execute(text(COLUMNS)):
        columns[table].append(f"{name} {kind}{null}{default}")
    for table, definition in connection.execute(text(CONSTRAINTS)):
        constraints[table].append(definition)
    for table, definition in connection.execute(text(INDEXES)):
        indexes[table].append(definition.replace("public.", ""))
    return {
        "columns": dict(columns),
        "constraints": dict(constraints),
        "indexes": dict(indexes),
        "sequences": connection.execute(text(SEQUENCES)).scalars().all(),
        "triggers": connection.execute(text(TRIGGERS)).scalars().all(),
    }
