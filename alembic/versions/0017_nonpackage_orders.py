"""The orders outside a package, one row a customer of a store, from the export of that name.

The downgrade drops them; the next run after an upgrade loads the month's again.

Source: docs/reference/domain.md#the-exports.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_nonpackage_orders"
down_revision = "0016_upper_store_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nonpackage_orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("store_code", sa.String, nullable=False),
        sa.Column("store_name", sa.String),
        sa.Column("mobile_no", sa.String, nullable=False),
        sa.Column("taxable_amount", sa.Double),
        sa.Column("order_date", sa.Date, nullable=False),
        sa.Column("expected_delivery_date", sa.Date),
        sa.Column("actual_delivery_date", sa.Date),
        sa.UniqueConstraint("store_code", "mobile_no", name="uq_nonpackage_store_mobile"),
    )


def downgrade() -> None:
    op.drop_table("nonpackage_orders")
