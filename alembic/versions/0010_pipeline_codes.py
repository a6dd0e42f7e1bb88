"""Every pipeline is named by one code: what an edited 0007 called `dashboard_daily` becomes `simplify_dashboard_daily`.

A database stamped 0007 comes in two shapes (docs/reference/domain.md#two-shapes-of-revision-0007,
lessons 84, 87). All tables that name a pipeline follow, documents and the first line of old
summaries included. Where both codes exist, the pipeline that ran last takes in the other: it keeps
its own texts, gets the profiles, recipients and templates that it lacks, and a template that says
something else under the same name is kept, inactive, as `<name> (<code it came from>)`. The CRM
pipeline, which nothing ever ran, goes if no run or document names it and it has no more than 0007
seeded.

The downgrade leaves the codes: 0007 in its first shape has the same ones.
"""

from __future__ import annotations

from alembic import op

revision = "0010_pipeline_codes"
down_revision = "0009_notification_ledger"
branch_labels = None
depends_on = None

RENAMED = (
    """
    CREATE TEMPORARY TABLE renamed ON COMMIT DROP AS
    SELECT 'dashboard_' || period AS old, 'simplify_dashboard_' || period AS new
    FROM unnest(ARRAY['daily', 'weekly', 'monthly']) AS period
    """,
)

UNITED = (
    """
    CREATE TEMPORARY TABLE united ON COMMIT DROP AS
    SELECT winner.id AS winner, loser.id AS loser, loser.code AS loser_code
    FROM renamed
    CROSS JOIN LATERAL (
        SELECT coalesce(
            (SELECT pipeline_name FROM pipeline_run_summaries WHERE pipeline_name IN (old, new)
             ORDER BY started_at DESC, id DESC LIMIT 1), new) AS code) AS ran_last
    JOIN pipelines AS winner ON winner.code = ran_last.code
    JOIN pipelines AS loser ON loser.code IN (old, new) AND loser.code <> winner.code
    """,
    """
    UPDATE notification_profiles AS own SET pipeline_id = united.winner
    FROM united
    WHERE own.pipeline_id = united.loser AND NOT EXISTS (
        SELECT FROM notification_profiles AS other
        WHERE other.pipeline_id = united.winner AND other.code = own.code AND other.env = own.env)
    """,
    """
    CREATE TEMPORARY TABLE twins ON COMMIT DROP AS
    SELECT loser.id AS loser, winner.id AS winner, united.loser_code
    FROM united
    JOIN notification_profiles AS loser ON loser.pipeline_id = united.loser
    JOIN notification_profiles AS winner
      ON winner.pipeline_id = united.winner AND winner.code = loser.code AND winner.env = loser.env
    """,
    """
    UPDATE notification_recipients AS own SET profile_id = twins.winner
    FROM twins
    WHERE own.profile_id = twins.loser AND NOT EXISTS (
        SELECT FROM notification_recipients AS other
        WHERE other.profile_id = twins.winner AND lower(other.email_address) = lower(own.email_address)
          AND (other.store_code, other.env, other.send_as) IS NOT DISTINCT FROM (own.store_code, own.env, own.send_as))
    """,
    """
    UPDATE email_templates AS own
    SET profile_id = twins.winner, name = own.name || ' (' || twins.loser_code || ')', is_active = false
    FROM twins JOIN email_templates AS other ON other.profile_id = twins.winner
    WHERE own.profile_id = twins.loser AND other.name = own.name
      AND (other.subject_template, other.body_template) <> (own.subject_template, own.body_template)
    """,
    """
    UPDATE email_templates AS own SET profile_id = twins.winner
    FROM twins
    WHERE own.profile_id = twins.loser AND NOT EXISTS (
        SELECT FROM email_templates AS other WHERE other.profile_id = twins.winner AND other.name = own.name)
    """,
    "DELETE FROM pipelines USING united WHERE pipelines.id = united.loser",
)
"""Each moves what the winner lacks; what is the loser's in the end says the same as a row of the winner."""

REWRITTEN = (
    "UPDATE pipelines SET code = new FROM renamed WHERE code = old",
    "UPDATE pipeline_run_summaries SET pipeline_name = new FROM renamed WHERE pipeline_name = old",
    r"""
    UPDATE pipeline_run_summaries
    SET summary_text = 'Pipeline: ' || new || substr(summary_text, length('Pipeline: ' || old) + 1)
    FROM renamed WHERE starts_with(summary_text, 'Pipeline: ' || old || E'\n')
    """,
    *(
        f"UPDATE documents SET reference_id_{n} = new FROM renamed WHERE reference_id_{n} = old"  # noqa: S608
        for n in (1, 2, 3)
    ),
)

CRM_GONE = (
    """
    DELETE FROM pipelines
    WHERE code = 'crm_downloader_daily'
      AND NOT EXISTS (SELECT FROM pipeline_run_summaries WHERE pipeline_name = code)
      AND NOT EXISTS (SELECT FROM documents WHERE code IN (reference_id_1, reference_id_2, reference_id_3))
      AND NOT EXISTS (
          SELECT FROM notification_profiles AS profile
          WHERE pipeline_id = pipelines.id
            AND (profile.code <> 'run_summary'
                 OR EXISTS (SELECT FROM email_templates WHERE profile_id = profile.id AND name <> 'default')
                 OR (SELECT count(*) FROM notification_recipients WHERE profile_id = profile.id) > 3))
    """,
)


def upgrade() -> None:
    for statement in (*RENAMED, *UNITED, *REWRITTEN, *CRM_GONE):
        op.execute(statement)
    for table in ("twins", "united", "renamed"):
        op.execute(f"DROP TABLE {table}")


def downgrade() -> None:
    """Leave the codes as they are: 0009 and 0007 know no others."""
