"""Documents and deliveries of a run that has no row: kept out, told, repaired when asked."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib.db import migrations, references
from lib.db.engine import connect

DOCUMENT = """
    INSERT INTO documents (doc_type, doc_date, reference_name_1, reference_id_1, reference_name_2, reference_id_2,
                           file_name, mime_type, created_at)
    VALUES ('store_daily_pdf', '2025-11-14', 'pipeline', 'simplify_dashboard_daily', 'run_id', '{run_id}', 'x.pdf',
            'application/pdf', '2025-11-15 02:40Z')
"""
OTHER = """
    INSERT INTO documents (doc_type, reference_name_2, reference_id_2, file_name, mime_type)
    VALUES ('invoice', 'order', 'T1', 'x.pdf', 'application/pdf')
"""


@pytest.fixture
def adopted(empty_database):
    """An engine on a database that had two orphans at 0007 and was upgraded."""
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, "0007_notification_tables")
    with engine.begin() as connection:
        for statement in (DOCUMENT.format(run_id="r1"), DOCUMENT.format(run_id="r1"), OTHER):
            connection.execute(text(statement))
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def test_orphans_of_an_old_database_survive_the_upgrade_and_are_counted(adopted):
    with adopted.connect() as connection:
        assert references.orphans(connection) == {"documents": 2}
        assert references.not_validated(connection) == {"documents_run_id_fkey": "documents"}


@pytest.mark.parametrize("database_with", ["adopted", "engine"])
@pytest.mark.integration
def test_a_new_document_without_a_run_is_refused(request, database_with):
    engine = request.getfixturevalue(database_with)
    with pytest.raises(IntegrityError, match="documents_run_id_fkey"), engine.begin() as connection:
        connection.execute(text(DOCUMENT.format(run_id="r2")))


def test_a_document_that_names_no_run_is_nobodys_business(engine):
    with engine.begin() as connection:
        connection.execute(text(OTHER))
        assert references.orphans(connection) == {}


def test_a_repair_gives_the_run_a_row_that_closes_nothing_and_proves_the_keys(adopted):
    with adopted.begin() as connection:
        assert references.repair(connection) == ["r1"]
        assert references.repair(connection) == []
        assert (references.orphans(connection), references.not_validated(connection)) == ({}, {})
        found = connection.execute(
            text(
                "SELECT pipeline_name, run_id, report_date::text, overall_status, closes FROM pipeline_run_summaries"
            )
        )
        assert found.all() == [("simplify_dashboard_daily", "r1", "2025-11-14", "warning", False)]


def test_an_id_that_no_row_can_hold_stays_an_orphan(adopted):
    with adopted.begin() as connection:
        connection.execute(text("ALTER TABLE documents DROP CONSTRAINT documents_run_id_fkey"))
        connection.execute(text(DOCUMENT.format(run_id="r" * 65)))
        assert references.repair(connection) == ["r1"]
        assert references.orphans(connection) == {"documents": 1}
