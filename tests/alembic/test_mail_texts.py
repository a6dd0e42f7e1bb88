"""Seeded texts of mails get better; a text that a person wrote, or a file brought, stays."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect

OWN = "Our own text about {{ pipeline_name }}"
TEXTS = text("""
    SELECT pipeline.code, template.subject_template, template.body_template
    FROM email_templates AS template
    JOIN notification_profiles AS profile ON profile.id = template.profile_id
    JOIN pipelines AS pipeline ON pipeline.id = profile.pipeline_id
    WHERE profile.code = 'run_summary' ORDER BY 1
""")
TEMPLATE_OF = """
    SELECT template.id FROM email_templates AS template
    JOIN notification_profiles AS profile ON profile.id = template.profile_id
    JOIN pipelines AS pipeline ON pipeline.id = profile.pipeline_id
    WHERE profile.code = 'run_summary' AND pipeline.code = 'simplify_dashboard_{}'
"""
SEEDED = (
    "[Simplify] {{ pipeline_name }} {{ report_date }}",
    "{{ summary_text }}\n\nEnvironment {{ run_env }}, run {{ run_id }}",
)


@pytest.fixture
def engine(empty_database):
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, "0018_report_figures")
    yield engine
    engine.dispose()


def texts(engine):
    with engine.connect() as connection:
        return {row[0].rpartition("_")[2]: tuple(row[1:]) for row in connection.execute(TEXTS)}


def test_a_seeded_text_about_a_run_changes_and_no_other_does(engine):
    with engine.begin() as connection:
        connection.execute(
            text(
                f"UPDATE email_templates SET body_template = '{OWN}'"
                f" WHERE id = ({TEMPLATE_OF.format('weekly')})"
            )
        )
        connection.execute(
            text(
                "INSERT INTO notification_sync_rows (table_name, row_id, digest)"
                f" VALUES ('email_templates', ({TEMPLATE_OF.format('monthly')}), 'x')"
            )
        )

    before = texts(engine)
    assert before["daily"] == before["monthly"] == SEEDED
    migrations.upgrade(engine)
    after = texts(engine)
    assert after == before | {"daily": ("{{ result }}", "{{ result_text }}")}

    with engine.connect() as connection:
        command.downgrade(migrations.config(connection), "0018_report_figures")
    assert texts(engine) == before


STORE_TEXTS = text("""
    SELECT profile.code, template.subject_template, template.body_template
    FROM email_templates AS template
    JOIN notification_profiles AS profile ON profile.id = template.profile_id
    WHERE profile.scope = 'store' ORDER BY 1
""")
AS_EDITED = text("""
    UPDATE email_templates SET subject_template = replace(subject_template, 'store_code', 'store_name'),
                               body_template = replace(body_template, 'store_code', 'store_name')
""")


@pytest.mark.parametrize("shape", ["as released", "as edited later"])
def test_a_seeded_text_about_a_report_gets_its_figures_in_either_shape(engine, shape):
    with engine.begin() as connection:
        if shape == "as edited later":
            connection.execute(AS_EDITED)

        own = text(
            "UPDATE email_templates SET subject_template = 'Namaste'"
            " WHERE subject_template LIKE '%monthly%'"
        )
        connection.execute(own)

    migrations.upgrade(engine)

    with engine.connect() as connection:
        found = {row[0]: tuple(row[1:]) for row in connection.execute(STORE_TEXTS)}

    own_subject, own_body = found.pop("store_monthly_reports")
    assert own_subject == "Namaste"
    assert own_body.startswith("Attached is the monthly report")
    assert set(found.values()) == {("{{ headline }}", "{{ report_text }}")}

    with engine.connect() as connection:
        command.downgrade(migrations.config(connection), "0019_result_in_subject")
        released = {row[0]: row[1] for row in connection.execute(STORE_TEXTS)}

    assert released["store_daily_reports"] == "{{ store_code }}: daily report for {{ report_date }}"
