"""Order ids are unique only within a store (docs/reference/domain.md#export-headers)."""

from __future__ import annotations

from alembic import op

revision = "0002_undelivered_uc"
down_revision = "0001_init"
branch_labels = None
depends_on = None

TABLE = "undelivered_orders"


def upgrade() -> None:
    op.drop_constraint("uq_undelivered_order_id", TABLE, type_="unique")
    op.create_unique_constraint(
        "uq_undelivered_orders_store_code_order_id", TABLE, ["store_code", "order_id"]
    )


def downgrade() -> None:
    op.drop_constraint("uq_undelivered_orders_store_code_order_id", TABLE, type_="unique")
    op.create_unique_constraint("uq_undelivered_order_id", TABLE, ["order_id"])
