"""The metadata that the code queries with is the schema that the revisions make."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lib.db.engine import connect
from lib.db.tables import metadata
from tests.catalogue import catalogue


def test_alembic_finds_no_difference(engine):
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_catalogue_is_the_same_down_to_the_order_of_columns(engine, empty_database):
    other = connect(empty_database, application_name="tests")
    metadata.create_all(other)
    with engine.connect() as migrated, other.connect() as created:
        assert catalogue(created) == catalogue(migrated)
    other.dispose()
