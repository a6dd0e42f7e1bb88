"""Finds a store's orders without reading those of the whole chain: the primary key begins with the order's id."""

from __future__ import annotations

from alembic import op

revision = "0015_orders_by_store"
down_revision = "0014_runs_validated"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("idx_undelivered_orders_store", "undelivered_orders", ["store_code"])


def downgrade() -> None:
    op.drop_index("idx_undelivered_orders_store", "undelivered_orders")
