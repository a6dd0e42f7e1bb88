"""The three tables that the portal's CSV exports are kept in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_init"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "missed_leads",
        sa.Column("pickup_row_id", sa.Integer, primary_key=True),
        sa.Column("mobile_number", sa.String, nullable=False),
        sa.Column("pickup_no", sa.String),
        sa.Column("pickup_created_date", sa.Date),
        sa.Column("pickup_created_time", sa.String),
        sa.Column("store_code", sa.String, nullable=False),
        sa.Column("store_name", sa.String),
        sa.Column("pickup_date", sa.Date),
        sa.Column("pickup_time", sa.String),
        sa.Column("customer_name", sa.String),
        sa.Column("special_instruction", sa.String),
        sa.Column("source", sa.String),
        sa.Column("final_source", sa.String),
        sa.Column("customer_type", sa.String),
        sa.Column("is_order_placed", sa.Boolean),
        sa.UniqueConstraint("store_code", "mobile_number", name="uq_missed_leads_store_mobile"),
    )
    op.create_table(
        "undelivered_orders",
        sa.Column("order_id", sa.String, primary_key=True),
        sa.Column("order_date", sa.Date),
        sa.Column("store_code", sa.String),
        sa.Column("store_name", sa.String),
        sa.Column("taxable_amount", sa.Double),
        sa.Column("net_amount", sa.Double),
        sa.Column("service_code", sa.String),
        sa.Column("mobile_no", sa.String),
        sa.Column("status", sa.String),
        sa.Column("customer_id", sa.String),
        sa.Column("expected_deliver_on", sa.Date),
        sa.Column("actual_deliver_on", sa.Date),
    )
    # apart, because inside CREATE TABLE the server would merge it with the primary key of the same column
    op.create_unique_constraint("uq_undelivered_order_id", "undelivered_orders", ["order_id"])
    op.create_table(
        "repeat_customers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("store_code", sa.String, nullable=False),
        sa.Column("mobile_no", sa.String, nullable=False),
        sa.Column("status", sa.String),
        sa.UniqueConstraint("store_code", "mobile_no", name="uq_repeat_store_mobile"),
    )


def downgrade() -> None:
    op.drop_table("repeat_customers")
    op.drop_table("undelivered_orders")
    op.drop_table("missed_leads")
