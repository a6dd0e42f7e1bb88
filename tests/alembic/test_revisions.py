"""The chain of revisions: ids, one head, and every step both ways."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect
from tests.catalogue import catalogue

SCRIPTS = ScriptDirectory.from_config(migrations.config())
CHAIN = migrations.chain()
RELEASED = [
    "0001_init",
    "0002_undelivered_uc",
    "0003_undelivered_pk",
    "0004_store_dashboard",
    "0005_pipeline_run_summaries",
    "0006_documents",
    "0007_notification_tables",
]


def test_released_revisions_keep_their_ids_and_order():
    assert CHAIN[: len(RELEASED)] == RELEASED


def test_there_is_one_head():
    assert len(SCRIPTS.get_heads()) == 1


@pytest.mark.parametrize("revision", CHAIN)
def test_an_id_fits_the_column_that_stores_it(revision):
    assert len(revision) <= 32


@pytest.mark.parametrize("revision", CHAIN)
def test_a_file_is_named_by_its_revision(revision):
    assert SCRIPTS.get_revision(revision).path.endswith(f"/{revision}.py")


def test_the_folder_does_not_shadow_the_package():
    assert not (migrations.SCRIPTS / "__init__.py").exists()


def test_every_revision_goes_down_and_up_again(empty_database):
    engine = connect(empty_database, application_name="tests")
    with engine.connect() as connection:
        states = {}
        for revision in CHAIN:
            command.upgrade(migrations.config(connection), revision)
            states[revision] = _state(connection)
        for revision, below in zip(reversed(CHAIN), [*reversed(CHAIN[:-1]), None], strict=True):
            command.downgrade(migrations.config(connection), below or "base")
            assert _state(connection) == (states[below] if below else _nothing()), (
                f"after the downgrade of {revision}"
            )
        command.upgrade(migrations.config(connection), CHAIN[-1])
        assert _state(connection) == states[CHAIN[-1]]
    engine.dispose()


def _state(connection):
    state = catalogue(connection)
    connection.commit()
    return state


def _nothing():
    return {"columns": {}, "constraints": {}, "indexes": {}, "sequences": [], "triggers": []}


def test_the_old_keys_of_orders_are_what_the_later_revisions_expect(empty_database):
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, "0001_init")
    with engine.connect() as connection:
        orders = catalogue(connection)["constraints"]["undelivered_orders"]
    engine.dispose()

    assert orders == [
        "undelivered_orders_pkey PRIMARY KEY (order_id)",
        "uq_undelivered_order_id UNIQUE (order_id)",
    ]


def test_rows_survive_the_change_of_the_key(empty_database):
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, "0001_init")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO undelivered_orders (order_id, store_code) VALUES ('T1', 'A668')")
        )
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO undelivered_orders (order_id, store_code) VALUES ('T1', 'A817')")
        )
        stores = (
            connection.execute(text("SELECT store_code FROM undelivered_orders ORDER BY 1"))
            .scalars()
            .all()
        )
    engine.dispose()

    assert stores == ["A668", "A817"]


def test_the_tool_itself_refuses_to_guess_a_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(CommandError, match="DATABASE_URL is missing"):
        command.upgrade(migrations.config(), "head")
