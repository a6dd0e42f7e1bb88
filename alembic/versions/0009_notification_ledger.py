"""What was promised to whom and what became of it: messages, their deliveries, alerts, and what the file sync wrote.

Only adds. A downgrade forgets which mails went, so that a run of the same period would send them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009_notification_ledger"
down_revision = "0008_closing_runs"
branch_labels = None
depends_on = None

STATES = "('pending', 'sending', 'sent', 'failed', 'uncertain')"


def upgrade() -> None:
    op.add_column(
        "notification_profiles",
        sa.Column("resend_uncertain", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    _create_messages()
    _create_deliveries()
    _create_alerts()
    op.create_table(
        "notification_sync_rows",
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        _now("synced_at"),
        sa.PrimaryKeyConstraint("table_name", "row_id", name="pk_notification_sync_rows"),
    )


def downgrade() -> None:
    for table in (
        "notification_sync_rows",
        "notification_alerts",
        "notification_deliveries",
        "notification_messages",
    ):
        op.drop_table(table)
    op.drop_column("notification_profiles", "resend_uncertain")


def _create_messages() -> None:
    op.create_table(
        "notification_messages",
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("to_addresses", JSONB, nullable=False),
        sa.Column("cc_addresses", JSONB, nullable=False),
        sa.Column("attachments", JSONB, nullable=False),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("sha256", sa.Text),
        _now("planned_at"),
        sa.PrimaryKeyConstraint("message_id", name="pk_notification_messages"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "notification_deliveries",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("pipeline_name", sa.String(100), nullable=False),
        sa.Column("report_date", sa.Date, nullable=False),
        sa.Column("profile_code", sa.Text, nullable=False),
        sa.Column("profile_env", sa.Text, nullable=False),
        sa.Column("store_code", sa.Text, nullable=False, server_default=""),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("content_version", sa.Text, nullable=False),
        sa.Column("send_as", sa.Text, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column(
            "message_id",
            sa.Text,
            sa.ForeignKey("notification_messages.message_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        _now("created_at"),
        _now("updated_at"),
        sa.UniqueConstraint(
            "pipeline_name",
            "report_date",
            "profile_code",
            "profile_env",
            "store_code",
            "recipient",
            "content_version",
            name="uq_notification_deliveries_once",
        ),
        sa.CheckConstraint(f"state IN {STATES}", name="ck_notification_deliveries_state"),
        sa.CheckConstraint(
            "send_as IN ('to', 'cc', 'bcc')", name="ck_notification_deliveries_send_as"
        ),
    )
    op.create_index(
        "idx_notification_deliveries_message", "notification_deliveries", ["message_id"]
    )
    op.create_index(
        "idx_notification_deliveries_open",
        "notification_deliveries",
        ["pipeline_name", "report_date"],
        postgresql_where=sa.text("state IN ('pending', 'sending', 'uncertain')"),
    )


def _create_alerts() -> None:
    op.create_table(
        "notification_alerts",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurrences", sa.Integer, nullable=False, server_default="1"),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("recovered_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "uq_notification_alerts_open",
        "notification_alerts",
        ["unit", "cause"],
        unique=True,
        postgresql_where=sa.text("recovered_at IS NULL"),
    )


def _now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
