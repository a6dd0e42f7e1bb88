"""Reads and writes the rows of a roster; the caller's transaction makes them one change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from lib.db import tables
from lib.notify.sync.diff import Difference, Row, Stored, Table

_TABLES = {table: tables.metadata.tables[table] for table in Table}
_SYNCED = tables.notification_sync_rows


def stored(connection: Connection) -> list[Stored]:
    """Return every row of the four tables, each table in the order of its ids; one writer at a time from now on."""
    connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended("simplify-sync", 0)))
    )
    synced = {
        (row.table_name, row.row_id): row.digest for row in connection.execute(select(_SYNCED))
    }

    return [
        Stored(row_id, row, synced.get((row.table, row_id)))
        for read in (_pipelines, _profiles, _templates, _recipients)
        for row_id, row in read(connection)
    ]


def apply(connection: Connection, difference: Difference) -> None:
    """Write the difference, and remember each row as the file has it."""
    for row in sorted(difference.added, key=lambda one: list(Table).index(one.table)):
        _remember(connection, row, _insert(connection, row))

    for old, row in difference.changed:
        table = _TABLES[row.table]
        connection.execute(update(table).where(table.c.id == old.id).values(dict(row.values)))
        _remember(connection, row, old.id)

    for old in difference.removed:
        _remove(connection, old)

    for same in difference.equal:
        _remember(connection, same.row, same.id)


def _pipelines(connection: Connection) -> Iterable[tuple[int, Row]]:
    table = tables.pipelines
    for row in connection.execute(select(table).order_by(table.c.id)):
        yield row.id, Row(Table.PIPELINES, (row.code,), {"description": row.description})


def _profiles(connection: Connection) -> Iterable[tuple[int, Row]]:
    table = tables.notification_profiles
    query = (
        select(table, tables.pipelines.c.code.label("pipeline"))
        .join(tables.pipelines)
        .order_by(table.c.id)
    )

    names = ("description", "scope", "attach_mode", "is_active", "resend_uncertain")

    for row in connection.execute(query):
        yield (
            row.id,
            Row(
                Table.PROFILES,
                (row.pipeline, row.code, row.env),
                {n: getattr(row, n) for n in names},
            ),
        )


def _templates(connection: Connection) -> Iterable[tuple[int, Row]]:
    names = ("subject_template", "body_template", "is_active")

    for row in connection.execute(_with_profile(tables.email_templates)):
        yield (
            row.id,
            Row(
                Table.TEMPLATES, (*_profile_key(row), row.name), {n: getattr(row, n) for n in names}
            ),
        )


def _recipients(connection: Connection) -> Iterable[tuple[int, Row]]:
    for row in connection.execute(_with_profile(tables.notification_recipients)):
        store = (row.store_code or "").strip().upper()
        key = (*_profile_key(row), store, row.env, row.email_address.strip().lower())
        values = {
            "send_as": row.send_as,
            "display_name": row.display_name or None,
            "is_active": row.is_active,
        }

        yield row.id, Row(Table.RECIPIENTS, key, values)


def _with_profile(table: Any) -> Any:
    profiles, pipelines = tables.notification_profiles, tables.pipelines
    columns = (
        pipelines.c.code.label("pipeline"),
        profiles.c.code.label("profile"),
        profiles.c.env.label("profile_env"),
    )

    return (
        select(table, *columns)
        .select_from(table)
        .join(profiles)
        .join(pipelines)
        .order_by(table.c.id)
    )


def _profile_key(row: Any) -> tuple[str, str, str]:
    return row.pipeline, row.profile, row.profile_env


def _insert(connection: Connection, row: Row) -> int:
    table = _TABLES[row.table]
    statement = (
        insert(table).values(_parents(connection, row) | dict(row.values)).returning(table.c.id)
    )

    return int(connection.execute(statement).scalar_one())


def _parents(connection: Connection, row: Row) -> dict[str, Any]:
    """Return the columns that a row's key stands for."""
    if row.table is Table.PIPELINES:
        return {"code": row.key[0]}

    if row.table is Table.PROFILES:
        query = select(tables.pipelines.c.id).where(tables.pipelines.c.code == row.key[0])
        return {
            "pipeline_id": connection.execute(query).scalar_one(),
            "code": row.key[1],
            "env": row.key[2],
        }

    profiles = tables.notification_profiles
    query = (
        select(profiles.c.id)
        .join(tables.pipelines)
        .where(
            tables.pipelines.c.code == row.key[0],
            profiles.c.code == row.key[1],
            profiles.c.env == row.key[2],
        )
    )

    parent = {"profile_id": connection.execute(query).scalar_one()}

    if row.table is Table.TEMPLATES:
        return parent | {"name": row.key[3]}

    return parent | {
        "store_code": row.key[3] or None,
        "env": row.key[4],
        "email_address": row.key[5],
    }


def _remove(connection: Connection, old: Stored) -> None:
    """Delete a recipient; switch anything else off."""
    table = _TABLES[old.row.table]

    if old.row.table is not Table.RECIPIENTS:
        connection.execute(update(table).where(table.c.id == old.id).values(is_active=False))
        _remember(
            connection,
            Row(old.row.table, old.row.key, {**old.row.values, "is_active": False}),
            old.id,
        )

        return

    connection.execute(delete(table).where(table.c.id == old.id))
    connection.execute(
        delete(_SYNCED).where(_SYNCED.c.table_name == old.row.table, _SYNCED.c.row_id == old.id)
    )


def _remember(connection: Connection, row: Row, row_id: int) -> None:
    now = {"digest": row.digest, "synced_at": func.now()}
    statement = upsert(_SYNCED).values(table_name=row.table, row_id=row_id, **now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["table_name", "row_id"], set_=now)
    )
