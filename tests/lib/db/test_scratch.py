"""A schema of its own: nothing real is found in it, and nothing of it stays."""

import pytest
from sqlalchemy import inspect, select, text

from lib.db import scratch, tables
from lib.db.errors import DatabaseRefused
from lib.db.tables import metadata, store_master
from lib.errors import ConfigurationError
from lib.pipelines.prune import leftovers
from tests.factories.tables import add_store


def schemas(engine):
    with engine.connect() as connection:
        return scratch.left(connection)


def test_it_has_every_table_and_finds_no_other(engine, database):
    add_store(engine, "A668", "RIVERSIDE COLONY")

    with scratch.schema(engine, database) as inside:
        assert set(inspect(inside).get_table_names()) == set(metadata.tables)
        with inside.begin() as connection:
            assert connection.execute(select(store_master.c.store_code)).all() == []
            assert connection.execute(select(tables.pipelines)).all() == []
            with pytest.raises(DatabaseRefused):
                connection.execute(text("SELECT * FROM alembic_version"))


def test_it_is_gone_however_the_block_ends(engine, database):
    def fails():
        with scratch.schema(engine, database):
            assert len(schemas(engine)) == 1
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fails()
    assert schemas(engine) == []


def test_copies_number_on_and_leave_the_real_numbers_alone(engine, database):
    add_store(engine, "A668", "RIVERSIDE COLONY")
    numbers = text("SELECT last_value FROM store_master_id_seq")

    with engine.connect() as connection:
        before = connection.execute(numbers).scalar_one()
        source = scratch.real_schema(connection)

    with scratch.schema(engine, database) as inside, inside.begin() as connection:
        assert scratch.copy(connection, store_master, source) == 1
        new = store_master.insert().values(store_code="A817").returning(store_master.c.id)
        assert connection.execute(new).scalar_one() > before

    with engine.connect() as connection:
        assert connection.execute(numbers).scalar_one() == before
        assert connection.execute(select(store_master.c.store_code)).scalars().all() == ["A668"]


def test_what_a_killed_process_left_goes_with_the_next_start_and_what_is_in_use_stays(
    engine, database
):
    name = f"{scratch.PREFIX}0123456789ab"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        connection.execute(text("CREATE SCHEMA simplify_scratch_of_somebody"))

    with scratch.schema(engine, database):
        (first,) = schemas(engine)
        assert first != name
        with scratch.schema(engine, database):
            assert len(schemas(engine)) == 2

    assert schemas(engine) == []


def test_the_nightly_removal_drops_it_too(engine, database):
    name = f"{scratch.PREFIX}0123456789ab"
    kind, *_ = leftovers.kinds(engine)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))

    with scratch.schema(engine, database):
        # The start has removed it.
        kind.run(None, dry_run=False)
        assert len(schemas(engine)) == 1

    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))

    kind.run(None, dry_run=True)
    assert schemas(engine) == [name]
    kind.run(None, dry_run=False)
    assert schemas(engine) == []


def test_a_role_that_may_not_is_told_what_to_type(engine, database, as_role, role):
    def asked():
        with scratch.schema(as_role(database), database):
            pytest.fail("it was made")

    with pytest.raises(ConfigurationError, match=f"GRANT CREATE ON DATABASE .* TO {role};"):
        asked()


def test_a_session_of_it_has_no_other_schema_on_its_path(engine, database):
    with scratch.schema(engine, database) as inside, inside.connect() as connection:
        path = connection.execute(text("SHOW search_path")).scalar_one()
        assert path.startswith(scratch.PREFIX)
        assert "," not in path
