"""When a row was in its store's export, what each load counted, and every row that it refused.

`missed_leads` and `undelivered_orders` learn when a row came, left and closed; what they cannot hold themselves (an
earlier stay of a row that came back, a pickup that another one of the same customer replaced) goes to the `_history`
tables. Rows that are there already keep nulls: when they came is not known. Only adds: tables, and nullable columns
without a default, which rewrite nothing. A downgrade forgets all of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011_seen_in_exports"
down_revision = "0010_pipeline_codes"
branch_labels = None
depends_on = None

STAYS = ("first_seen_on", "last_seen_on", "left_on")


def upgrade() -> None:
    for table in ("missed_leads", "undelivered_orders"):
        for name in (*STAYS, "closed_seen_on"):
            op.add_column(table, sa.Column(name, sa.Date))
    _create_history()
    _create_counts()
    _create_rejects()


def downgrade() -> None:
    for table in (
        "ingest_rejects",
        "ingest_counts",
        "undelivered_orders_history",
        "missed_leads_history",
    ):
        op.drop_table(table)
    for table in ("missed_leads", "undelivered_orders"):
        for name in (*STAYS, "closed_seen_on"):
            op.drop_column(table, name)


def _create_history() -> None:
    op.create_table(
        "missed_leads_history",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("pickup_row_id", sa.Integer, nullable=False),
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
        *(sa.Column(name, sa.Date) for name in (*STAYS, "closed_seen_on")),
        sa.Column("ended_on", sa.Date, nullable=False),
    )
    op.create_index("idx_missed_leads_history_store", "missed_leads_history", ["store_code"])
    op.create_table(
        "undelivered_orders_history",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("order_id", sa.String, nullable=False),
        sa.Column("store_code", sa.String, nullable=False),
        *(sa.Column(name, sa.Date) for name in STAYS),
        sa.Column("ended_on", sa.Date, nullable=False),
    )
    op.create_index(
        "idx_undelivered_orders_history_key",
        "undelivered_orders_history",
        ["store_code", "order_id"],
    )


def _create_counts() -> None:
    counts = ("read", "inserted", "updated", "unchanged", "skipped", "rejected", "duplicates")
    op.create_table(
        "ingest_counts",
        _run_id("ingest_counts_run_id_fkey"),
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("store_code", sa.Text, nullable=False),
        sa.Column("seen_on", sa.Date, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("run_id", "bucket", "store_code", name="pk_ingest_counts"),
    )
    op.create_index("idx_ingest_counts_seen", "ingest_counts", ["bucket", "store_code", "seen_on"])


def _create_rejects() -> None:
    op.create_table(
        "ingest_rejects",
        sa.Column("id", sa.BigInteger, primary_key=True),
        _run_id("ingest_rejects_run_id_fkey"),
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("store_code", sa.Text, nullable=False),
        sa.Column("seen_on", sa.Date, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("column_name", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("row_json", JSONB),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("replayed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("idx_ingest_rejects_run", "ingest_rejects", ["run_id", "bucket"])
    op.execute("REVOKE ALL ON ingest_rejects FROM PUBLIC")


def _run_id(constraint: str) -> sa.Column:
    target = sa.ForeignKey("pipeline_run_summaries.run_id", name=constraint)
    return sa.Column("run_id", sa.String(64), target, nullable=False)
