"""The report of all stores is mailed to those who read the mails about the run.

It was made and mailed to nobody. A pipeline without a profile of scope `combined` gets one, with the active readers of
its mails about the run; what exists is not touched. The downgrade removes those profiles unless a file of
`jobs.notifications_sync` names them since.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from alembic import op

revision = "0021_combined_profile"
down_revision = "0020_report_in_mail"
branch_labels = None
depends_on = None

CODE = "all_stores_report"
DESCRIPTION = "The report of all stores, to those who read about the runs"

# A reader of one env's mails about the run reads that env's report; each address once.
SEED = f"""
    WITH made AS (
        INSERT INTO notification_profiles (pipeline_id, code, description, env, scope, attach_mode)
        SELECT pipeline.id, '{CODE}', '{DESCRIPTION}', 'any', 'combined', 'per_store_pdf'
        FROM pipelines AS pipeline
        WHERE pipeline.code IN (
            'simplify_dashboard_daily', 'simplify_dashboard_weekly', 'simplify_dashboard_monthly')
          AND NOT EXISTS (
            SELECT FROM notification_profiles AS profile
            WHERE profile.pipeline_id = pipeline.id
              AND (profile.scope = 'combined' OR profile.code = '{CODE}'))
        RETURNING id, pipeline_id
    ), texts AS (
        INSERT INTO email_templates (profile_id, name, subject_template, body_template)
        SELECT made.id, 'default', '{{{{ headline }}}}', '{{{{ report_text }}}}' FROM made
    )
    INSERT INTO notification_recipients (profile_id, env, email_address, display_name, send_as)
    SELECT DISTINCT ON (made.id, lower(reader.email_address), env.name)
        made.id, env.name, reader.email_address, reader.display_name, reader.send_as
    FROM made
    JOIN notification_profiles AS about_run
        ON about_run.pipeline_id = made.pipeline_id AND about_run.scope = 'run'
        AND about_run.is_active
    JOIN notification_recipients AS reader
        ON reader.profile_id = about_run.id AND reader.is_active AND reader.store_code IS NULL
    CROSS JOIN LATERAL (
        SELECT CASE reader.env WHEN 'any' THEN about_run.env ELSE reader.env END AS name) AS env
    ORDER BY made.id, lower(reader.email_address), env.name, reader.id
"""  # noqa: S608 - texts of this file


def upgrade() -> None:
    op.execute(SEED)


def downgrade() -> None:
    op.execute(f"""
        DELETE FROM notification_profiles AS profile
        WHERE profile.code = '{CODE}' AND profile.description = '{DESCRIPTION}'
          AND NOT EXISTS (
              SELECT FROM notification_sync_rows AS synced
              WHERE synced.table_name = 'notification_profiles' AND synced.row_id = profile.id)
    """)  # noqa: S608 - texts of this file
