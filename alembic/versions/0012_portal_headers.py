"""The headers that each store's dashboard sections and exports had last time, so that a change is noticed.

A downgrade forgets them; the next run after an upgrade learns them anew and reports no change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012_portal_headers"
down_revision = "0011_seen_in_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_headers",
        sa.Column("store_code", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_code", "source", name="pk_portal_headers"),
    )


def downgrade() -> None:
    op.drop_table("portal_headers")
