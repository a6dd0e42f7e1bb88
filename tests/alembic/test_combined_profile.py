"""The report of all stores gets the readers of the mails about the run, and nothing of an operator's is touched."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect

BEFORE = "0020_report_in_mail"
PROFILE_OF = """
    SELECT profile.id FROM notification_profiles AS profile
    JOIN pipelines AS pipeline ON pipeline.id = profile.pipeline_id
    WHERE pipeline.code = 'simplify_dashboard_{}' AND profile.code = '{}'
"""
READERS = text("""
    SELECT pipeline.code, recipient.email_address, recipient.send_as, recipient.env
    FROM notification_recipients AS recipient
    JOIN notification_profiles AS profile ON profile.id = recipient.profile_id
    JOIN pipelines AS pipeline ON pipeline.id = profile.pipeline_id
    WHERE profile.scope = 'combined' AND profile.is_active ORDER BY 1, 2, 4
""")
OTHERS = text("""
    SELECT profile.id, profile.code, profile.scope, recipient.email_address
    FROM notification_profiles AS profile
    LEFT JOIN notification_recipients AS recipient ON recipient.profile_id = profile.id
    WHERE profile.scope <> 'combined' ORDER BY 1, 4
""")


@pytest.fixture
def engine(empty_database):
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, BEFORE)
    yield engine
    engine.dispose()


def execute(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def readers(engine, pipeline="daily"):
    with engine.connect() as connection:
        rows = connection.execute(READERS)
        return [tuple(row[1:]) for row in rows if row[0].endswith(pipeline)]


def others(engine):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(OTHERS)]


def test_who_reads_about_the_runs_reads_the_report_of_all_stores(engine):
    summary = f"({PROFILE_OF.format('daily', 'run_summary')})"
    execute(
        engine,
        f"UPDATE notification_recipients SET is_active = false"
        f" WHERE profile_id = {summary} AND email_address LIKE 'owner%'",
        f"INSERT INTO notification_recipients (profile_id, email_address, send_as, env, store_code)"
        f" VALUES ({summary}, 'boss@example.invalid', 'to', 'prod', NULL),"
        f" ({summary}, 'shop@example.invalid', 'to', 'any', 'A668')",
    )
    before = others(engine)

    migrations.upgrade(engine)

    assert readers(engine) == [
        ("boss@example.invalid", "to", "prod"),
        ("operations@example.invalid", "cc", "any"),
        ("pipelines@example.invalid", "to", "any"),
    ]
    assert [len(readers(engine, pipeline)) for pipeline in ("weekly", "monthly")] == [3, 3]
    assert others(engine) == before

    with engine.connect() as connection:
        command.downgrade(migrations.config(connection), BEFORE)
    assert readers(engine) == []
    assert others(engine) == before


def test_a_pipeline_with_such_a_profile_keeps_its_own(engine):
    execute(
        engine,
        "INSERT INTO notification_profiles (pipeline_id, code, description, scope, attach_mode)"
        " SELECT id, 'own', 'Ours', 'combined', 'per_store_pdf' FROM pipelines"
        " WHERE code = 'simplify_dashboard_daily'",
        f"INSERT INTO notification_recipients (profile_id, email_address, send_as)"
        f" SELECT ({PROFILE_OF.format('daily', 'own')}), 'ours@example.invalid', 'to'",
    )

    migrations.upgrade(engine)

    assert readers(engine) == [("ours@example.invalid", "to", "any")]
    assert len(readers(engine, "weekly")) == 3


def test_a_profile_that_a_file_names_since_is_no_seed_any_more(engine):
    migrations.upgrade(engine)
    execute(
        engine,
        "INSERT INTO notification_sync_rows (table_name, row_id, digest)"
        f" SELECT 'notification_profiles', ({PROFILE_OF.format('daily', 'all_stores_report')}), 'x'",
    )
    with engine.connect() as connection:
        command.downgrade(migrations.config(connection), BEFORE)

    assert len(readers(engine)) == 3
    assert readers(engine, "weekly") == []
    migrations.upgrade(engine)
    assert len(readers(engine)) == 3
