"""Stores, and what the portal's dashboard said about each of them, one row a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_store_dashboard"
down_revision = "0003_undelivered_pk"
branch_labels = None
depends_on = None

METRICS = """
    prev_month_revenue target_revenue lmt_d_revenue mtd_revenue ftd_revenue
    tgt_vs_ach_pct growth_pct extrapolated_pct
    pickup_new_count pickup_new_conv_count pickup_new_conv_pct
    pickup_existing_count pickup_existing_conv_count pickup_existing_conv_pct
    pickup_total_count pickup_total_conv_count pickup_total_conv_pct
    delivery_total_orders delivery_within_tat_count delivery_tat_pct
    delivery_total_delivered delivery_undel_over_10_days delivery_total_undelivered
    repeat_customer_base_6m repeat_orders repeat_total_base_pct
    package_target package_new package_ftd package_achievement_pct package_overall
    package_non_pkg_over_800 package_non_pkg_over_800_undelivered
""".split()
"""The metrics as they were at this revision; they never follow later changes of the code."""


def upgrade() -> None:
    op.create_table(
        "store_master",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("store_code", sa.Text, nullable=False),
        sa.Column("store_name", sa.Text),
        sa.Column("gstin", sa.Text),
        sa.Column("launch_date", sa.Date),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        *_timestamps(),
        sa.UniqueConstraint("store_code", name="store_master_store_code_key"),
    )
    op.create_table(
        "store_dashboard_summary",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column(
            "store_id",
            sa.BigInteger,
            sa.ForeignKey("store_master.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("dashboard_date", sa.Date, nullable=False),
        sa.Column("run_date_time", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, _type_of(name)) for name in METRICS),
        *_timestamps(),
        sa.UniqueConstraint(
            "store_id", "dashboard_date", name="uq_store_dashboard_summary_store_date"
        ),
    )


def _timestamps() -> list[sa.Column]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
        for name in ("created_at", "updated_at")
    ]


def _type_of(metric: str) -> sa.types.TypeEngine:
    if metric.endswith("_revenue"):
        return sa.Numeric(14, 2)
    return sa.Numeric(6, 2) if metric.endswith("_pct") else sa.Integer()


def downgrade() -> None:
    op.drop_table("store_dashboard_summary")
    op.drop_table("store_master")
