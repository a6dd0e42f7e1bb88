"""One row a file that the pipelines made, with three free references to find it by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_documents"
down_revision = "0005_pipeline_run_summaries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("doc_type", sa.String(50), nullable=False),
        sa.Column("doc_subtype", sa.String(50)),
        sa.Column("doc_date", sa.Date),
        *_references(),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("mime_type", sa.String(100), nullable=False),
        sa.Column("file_size_bytes", sa.BigInteger),
        sa.Column("storage_backend", sa.String(10), nullable=False, server_default="fs"),
        sa.Column("file_path", sa.Text),
        sa.Column("file_blob", sa.LargeBinary),
        sa.Column("checksum", sa.Text),
        sa.Column("status", sa.String(32), nullable=False, server_default="ok"),
        sa.Column("error_message", sa.Text),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("created_by", sa.String(64)),
        sa.CheckConstraint(
            "storage_backend IN ('fs', 'db', 's3')", name="ck_documents_storage_backend"
        ),
    )
    for number in (1, 2, 3):
        op.create_index(
            f"idx_documents_ref{number}",
            "documents",
            [f"reference_name_{number}", f"reference_id_{number}"],
        )
    op.create_index("idx_documents_type", "documents", ["doc_type", "doc_subtype", "doc_date"])


def _references() -> list[sa.Column]:
    return [
        column
        for number in (1, 2, 3)
        for column in (
            sa.Column(f"reference_name_{number}", sa.String(50)),
            sa.Column(f"reference_id_{number}", sa.String(100)),
        )
    ]


def downgrade() -> None:
    op.drop_table("documents")
