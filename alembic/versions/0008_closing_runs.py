"""At most one run closes a pipeline's report date, and the database says so.

Of the rows that are there, the latest `ok` or `warning` run of a date whose reports exist closes it: such a date was
done, and catching it up again would mail old reports to everybody. A run that made nothing closes nothing. Codes with
and without the prefix `simplify_` count as one pipeline, so that renaming them later meets no second closed row.

A downgrade forgets which run closed what; upgrading again reads it from the documents once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_closing_runs"
down_revision = "0007_notification_tables"
branch_labels = None
depends_on = None

TABLE = "pipeline_run_summaries"
INDEX = "uq_pipeline_run_summaries_closed"

ADOPT = """
    UPDATE pipeline_run_summaries SET closes = true WHERE id IN (
        SELECT DISTINCT ON (regexp_replace(run.pipeline_name, '^simplify_', ''), run.report_date) run.id
        FROM pipeline_run_summaries AS run
        WHERE run.overall_status IN ('ok', 'warning')
          AND run.report_date IS NOT NULL
          AND EXISTS (
              SELECT FROM documents
              WHERE reference_name_2 = 'run_id' AND reference_id_2 = run.run_id AND status = 'ok'
          )
        ORDER BY regexp_replace(run.pipeline_name, '^simplify_', ''), run.report_date, run.started_at DESC, run.id DESC
    )
"""


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("closes", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(ADOPT)
    op.create_index(
        INDEX,
        TABLE,
        ["pipeline_name", "report_date"],
        unique=True,
        postgresql_where=sa.text("closes"),
    )


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, "closes")
