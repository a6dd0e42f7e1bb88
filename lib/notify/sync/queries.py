"""The SQL of the notification configuration; the caller's transaction makes it one change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from lib.db import tables
from lib.notify.sync.diff import ConfigurationRow, Difference, StoredRow, Table, Value

_TABLES = {table: tables.metadata.tables[table] for table in Table}
_SYNCED = tables.notification_sync_rows


def stored_rows(connection: Connection) -> list[StoredRow]:
    """Return every row of the four tables, each table in the order of its ids.

    From now on other processes that sync wait until the transaction ends.
    """
    key = func.hashtextextended("simplify-sync", 0)
    connection.execute(select(func.pg_advisory_xact_lock(key)))

    synced = {}
    for row in connection.execute(select(_SYNCED)):
        synced[row.table_name, row.row_id] = row.digest

    found = []
    for read in (_pipelines, _profiles, _templates, _recipients):
        for row_id, one in read(connection):
            found.append(
                StoredRow(
                    row_id,
                    one,
                    synced.get((one.table, row_id)),
                )
            )

    return found


def apply_difference(connection: Connection, difference: Difference) -> None:
    """Write the difference, and remember each row as the file has it."""
    order = list(Table)

    for row in sorted(difference.added, key=lambda one: order.index(one.table)):
        _remember(connection, row, _insert(connection, row))

    for old, row in difference.changed:
        table = _TABLES[row.table]
        connection.execute(update(table).where(table.c.id == old.id).values(dict(row.values)))
        _remember(connection, row, old.id)

    for old in difference.removed:
        _remove(connection, old)

    for same in difference.equal:
        _remember(connection, same.row, same.id)


def _pipelines(connection: Connection) -> Iterable[tuple[int, ConfigurationRow]]:
    table = tables.pipelines

    for row in connection.execute(select(table).order_by(table.c.id)):
        values = {"description": row.description}
        yield (
            row.id,
            ConfigurationRow(
                Table.PIPELINES,
                (row.code,),
                values,
            ),
        )


def _profiles(connection: Connection) -> Iterable[tuple[int, ConfigurationRow]]:
    table = tables.notification_profiles
    pipeline = tables.pipelines.c.code.label("pipeline")
    query = select(table, pipeline).join(tables.pipelines).order_by(table.c.id)
    names = ("description", "scope", "attach_mode", "is_active", "resend_uncertain")

    for row in connection.execute(query):
        key = (row.pipeline, row.code, row.env)
        yield (
            row.id,
            ConfigurationRow(
                Table.PROFILES,
                key,
                _values(row, names),
            ),
        )


def _templates(connection: Connection) -> Iterable[tuple[int, ConfigurationRow]]:
    names = ("subject_template", "body_template", "is_active")

    for row in connection.execute(_with_profile(tables.email_templates)):
        key = (*_profile_key(row), row.name)
        yield (
            row.id,
            ConfigurationRow(
                Table.TEMPLATES,
                key,
                _values(row, names),
            ),
        )


def _recipients(connection: Connection) -> Iterable[tuple[int, ConfigurationRow]]:
    for row in connection.execute(_with_profile(tables.notification_recipients)):
        store = (row.store_code or "").strip().upper()
        key = (
            *_profile_key(row),
            store,
            row.env,
            row.email_address.strip().lower(),
        )
        values = {
            "send_as": row.send_as,
            "display_name": row.display_name or None,
            "is_active": row.is_active,
        }

        yield row.id, ConfigurationRow(Table.RECIPIENTS, key, values)


def _values(row: Any, names: Iterable[str]) -> dict[str, Value]:
    found = {}

    for name in names:
        found[name] = getattr(row, name)

    return found


def _with_profile(table: Any) -> Any:
    profiles = tables.notification_profiles
    pipelines = tables.pipelines
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


def _insert(connection: Connection, row: ConfigurationRow) -> int:
    table = _TABLES[row.table]
    values = _parents(connection, row) | dict(row.values)
    statement = insert(table).values(values).returning(table.c.id)

    return int(connection.execute(statement).scalar_one())


def _parents(connection: Connection, row: ConfigurationRow) -> dict[str, Any]:
    """Return the columns that a row's key stands for."""
    pipelines = tables.pipelines
    profiles = tables.notification_profiles

    if row.table is Table.PIPELINES:
        return {"code": row.key[0]}

    if row.table is Table.PROFILES:
        code, profile, env = row.key
        query = select(pipelines.c.id).where(pipelines.c.code == code)
        pipeline_id = connection.execute(query).scalar_one()

        return {
            "pipeline_id": pipeline_id,
            "code": profile,
            "env": env,
        }

    code, profile, env = row.key[:3]
    query = (
        select(profiles.c.id)
        .join(pipelines)
        .where(
            pipelines.c.code == code,
            profiles.c.code == profile,
            profiles.c.env == env,
        )
    )

    parent = {"profile_id": connection.execute(query).scalar_one()}

    if row.table is Table.TEMPLATES:
        return parent | {"name": row.key[3]}

    store, recipient_env, address = row.key[3:]
    return parent | {
        "store_code": store or None,
        "env": recipient_env,
        "email_address": address,
    }


def _remove(connection: Connection, old: StoredRow) -> None:
    """Delete a recipient; switch anything else off."""
    table = _TABLES[old.row.table]

    if old.row.table is not Table.RECIPIENTS:
        connection.execute(update(table).where(table.c.id == old.id).values(is_active=False))
        off = ConfigurationRow(
            old.row.table,
            old.row.key,
            {**old.row.values, "is_active": False},
        )
        _remember(connection, off, old.id)

        return

    connection.execute(delete(table).where(table.c.id == old.id))

    of_row = (_SYNCED.c.table_name == old.row.table, _SYNCED.c.row_id == old.id)
    connection.execute(delete(_SYNCED).where(*of_row))


def _remember(
    connection: Connection,
    row: ConfigurationRow,
    row_id: int,
) -> None:
    values = {"digest": row.digest, "synced_at": func.now()}
    statement = upsert(_SYNCED).values(
        table_name=row.table,
        row_id=row_id,
        **values,
    )

    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["table_name", "row_id"],
            set_=values,
        )
    )
