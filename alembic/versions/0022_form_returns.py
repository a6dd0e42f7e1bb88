"""What stores say in forms that they send back, in tables of its own.

Orders and leads stay what the portal says. The downgrade drops what was said.

Source: docs/how-to/read-forms-that-come-back.md.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_form_returns"
down_revision = "0021_combined_profile"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)

    op.create_table(
        "form_returns",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sender", sa.Text),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("store_code", sa.Text),
        sa.Column("report_date", sa.Date),
        sa.Column("run_id", sa.String(64), sa.ForeignKey("pipeline_run_summaries.run_id")),
        sa.Column("read_at", instant, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("digest", name="uq_form_returns_digest"),
        sa.CheckConstraint("state IN ('read', 'refused')", name="ck_form_returns_state"),
    )
    op.create_index("idx_form_returns_report", "form_returns", ["store_code", "report_date"])

    op.create_table(
        "form_answers",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column(
            "return_id",
            sa.BigInteger,
            sa.ForeignKey("form_returns.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("about", sa.Text),
        sa.Column("said", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("created_at", instant, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("return_id", "kind", "number", name="uq_form_answers_row"),
        sa.CheckConstraint("kind IN ('order', 'lead')", name="ck_form_answers_kind"),
        sa.CheckConstraint("said IN ('yes', 'no', 'both')", name="ck_form_answers_said"),
    )

    op.create_table(
        "form_mailboxes",
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("uid_validity", sa.BigInteger, nullable=False),
        sa.Column("last_uid", sa.BigInteger, nullable=False),
        sa.Column("updated_at", instant, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("mailbox", name="pk_form_mailboxes"),
    )


def downgrade() -> None:
    op.drop_table("form_mailboxes")
    op.drop_table("form_answers")
    op.drop_table("form_returns")
