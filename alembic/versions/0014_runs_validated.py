"""Proves that every document and delivery has its run, where that is so: readers and writers go on meanwhile.

Where it is not so the key stays as it is, for new rows only: `jobs.db_check` tells the orphans and repairs them when
asked to.
"""

from __future__ import annotations

from alembic import op

revision = "0014_runs_validated"
down_revision = "0013_run_references"
branch_labels = None
depends_on = None

VALIDATE = """
    DO $$ BEGIN
        IF NOT EXISTS (
            SELECT FROM {table} AS own
            WHERE run_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM pipeline_run_summaries AS run WHERE run.run_id = own.run_id)
        ) THEN
            ALTER TABLE {table} VALIDATE CONSTRAINT {table}_run_id_fkey;
        END IF;
    END $$
"""


def upgrade() -> None:
    for table in ("documents", "notification_deliveries"):
        op.execute(VALIDATE.format(table=table))


def downgrade() -> None:
    for table in ("documents", "notification_deliveries"):
        op.drop_constraint(f"{table}_run_id_fkey", table, type_="foreignkey")
        op.create_foreign_key(
            f"{table}_run_id_fkey",
            table,
            "pipeline_run_summaries",
            ["run_id"],
            ["run_id"],
            postgresql_not_valid=True,
        )
