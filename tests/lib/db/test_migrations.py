"""Pending revisions are seen, named and applied once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect
from lib.db.errors import DatabaseUnavailable, PendingMigration, UnknownRevision
from lib.errors import UsageError


@pytest.fixture
def empty(empty_database):
    engine = connect(empty_database, application_name="tests")
    yield engine
    engine.dispose()


def ask(engine, question, *arguments):
    with engine.connect() as connection:
        return question(connection, *arguments)


def test_a_migrated_database_is_current(engine):
    assert ask(engine, migrations.current) == migrations.head()

    assert ask(engine, migrations.pending) == []
    ask(engine, migrations.require_current)


def test_an_empty_database_lacks_everything(empty):
    assert ask(empty, migrations.current) is None

    assert ask(empty, migrations.pending)[:2] == ["0001_init", "0002_undelivered_uc"]
    with pytest.raises(PendingMigration, match=r"run: python -m jobs\.migrate"):
        ask(empty, migrations.require_current)


def test_asking_changes_nothing(empty):
    ask(empty, migrations.pending)
    with empty.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            ).scalar_one()
            == 0
        )


def test_upgrading_stops_where_it_is_told_and_goes_on_from_there(empty):
    assert migrations.upgrade(empty, "0002_undelivered_uc") == ["0001_init", "0002_undelivered_uc"]

    assert migrations.upgrade(empty, "0003_undelivered_pk") == ["0003_undelivered_pk"]
    assert migrations.upgrade(empty)[0] == "0004_store_dashboard"
    assert migrations.upgrade(empty) == []


def test_upgrading_never_goes_back(engine):
    assert migrations.upgrade(engine, "0001_init") == []
    assert ask(engine, migrations.current) == migrations.head()


def test_an_unknown_target_is_a_wrong_command_line(engine):
    with pytest.raises(UsageError, match="no revision '0999_dream'"):
        migrations.upgrade(engine, "0999_dream")


def test_a_database_that_is_newer_than_the_code_is_worked_on_but_never_migrated(engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999_future'"))
    with pytest.raises(UnknownRevision, match="at revision 0999_future"):
        ask(engine, migrations.pending)
    with pytest.raises(UnknownRevision, match="at revision 0999_future"):
        migrations.upgrade(engine)

    assert ask(engine, migrations.needed) == []
    ask(engine, migrations.require_current)


def test_two_migrations_at_once_apply_each_revision_once(empty):
    barrier, applied = threading.Barrier(2), []

    def migrate():
        barrier.wait()
        applied.append(migrations.upgrade(empty))

    threads = [threading.Thread(target=migrate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(map(len, applied)) == 0
    assert ask(empty, migrations.pending) == []


def test_a_table_in_use_stops_a_migration_after_a_short_wait(empty, monkeypatch):
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_S", 0.05)
    migrations.upgrade(empty, "0002_undelivered_uc")
    with empty.connect() as reader:
        reader.execute(text("SELECT count(*) FROM undelivered_orders"))
        with pytest.raises(DatabaseUnavailable, match="busy"):
            migrations.upgrade(empty)

    assert ask(empty, migrations.current) == "0002_undelivered_uc"
    migrations.upgrade(empty)


def test_a_migration_leaves_no_lock_and_no_setting_behind(empty):
    migrations.upgrade(empty)
    with empty.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "30s"
        assert connection.execute(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": migrations.LOCK_KEY}
        ).scalar_one()
