"""The newest revision is known without Alembic, and is the one that Alembic would say."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lib.db import migrations, revision
from lib.db.engine import connect


def test_the_newest_revision_is_the_one_that_alembic_says():
    assert revision.newest() == migrations.head()


def test_a_migrated_database_is_at_the_newest(engine):
    with engine.connect() as connection:
        assert revision.is_newest(connection)


@pytest.mark.parametrize("other", ["0022_form_returns", "0999_future"])
def test_a_database_at_another_revision_is_not(engine, other):
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :other"), {"other": other}
        )

        assert not revision.is_newest(connection)


def test_an_empty_database_is_at_none(empty_database):
    empty = connect(empty_database, application_name="tests")

    with empty.connect() as connection:
        assert not revision.is_newest(connection)

    empty.dispose()
