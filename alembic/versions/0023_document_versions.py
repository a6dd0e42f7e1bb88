"""Versions of a weekly or monthly report, and what a report restates of those that were mailed before.

A report that is made again with other figures keeps the row and the file of the earlier one, as its superseded version. A
downgrade forgets which rows are superseded, so it removes these; their files are then removed by jobs.prune as files
that no row claims.

Source: docs/explanation/reports.md#restated-figures.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023_document_versions"
down_revision = "0022_form_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "documents",
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )
    op.add_column("documents", sa.Column("superseded_at", sa.DateTime(timezone=True)))
    op.add_column("documents", sa.Column("restated_json", JSONB))


def downgrade() -> None:
    op.execute("DELETE FROM documents WHERE superseded_at IS NOT NULL")

    for column in ("restated_json", "superseded_at", "version"):
        op.drop_column("documents", column)
