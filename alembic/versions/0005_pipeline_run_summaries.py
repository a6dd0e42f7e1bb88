"""One row a run: how it ended, in words and in numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005_pipeline_run_summaries"
down_revision = "0004_store_dashboard"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pipeline_run_summaries",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("pipeline_name", sa.String(100), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("run_env", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total_time_taken", sa.String(8), nullable=False),
        sa.Column("report_date", sa.Date),
        sa.Column("overall_status", sa.String(32), nullable=False),
        sa.Column("summary_text", sa.Text, nullable=False),
        sa.Column("phases_json", JSONB),
        sa.Column("metrics_json", JSONB),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.UniqueConstraint("run_id", name="pipeline_run_summaries_run_id_key"),
        sa.CheckConstraint(
            "total_time_taken ~ '^[0-9]{2}:[0-9]{2}:[0-9]{2}$'",
            name="ck_pipeline_run_summaries_total_time_format",
        ),
    )


def downgrade() -> None:
    op.drop_table("pipeline_run_summaries")
