"""The primary key of an order is the order id and its store.

The downgrade fails, and changes nothing, where two stores hold the same order id by now.
"""

from __future__ import annotations

from alembic import op

revision = "0003_undelivered_pk"
down_revision = "0002_undelivered_uc"
branch_labels = None
depends_on = None

TABLE = "undelivered_orders"


def upgrade() -> None:
    # an edited database may have lost one of the two uniques already
    op.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS uq_undelivered_order_id")
    op.execute(
        f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS uq_undelivered_orders_store_code_order_id"
    )
    op.drop_constraint("undelivered_orders_pkey", TABLE, type_="primary")
    op.alter_column(TABLE, "order_id", nullable=False)
    op.alter_column(TABLE, "store_code", nullable=False)
    op.create_primary_key("pk_undelivered_order", TABLE, ["order_id", "store_code"])


def downgrade() -> None:
    op.drop_constraint("pk_undelivered_order", TABLE, type_="primary")
    op.alter_column(TABLE, "store_code", nullable=True)
    op.create_primary_key("undelivered_orders_pkey", TABLE, ["order_id"])
    op.create_unique_constraint(
        "uq_undelivered_orders_store_code_order_id", TABLE, ["store_code", "order_id"]
    )
