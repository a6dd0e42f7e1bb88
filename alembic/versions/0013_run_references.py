"""Documents and deliveries belong to a run that has a row: the server refuses any other from now on.

A document names its run by a pair of reference columns, so the foreign key needs a column of its own, which the server
fills in. That rewrites `documents`, a few thousand narrow rows, in well under a second. Both keys are NOT VALID: rows
that are there already are not looked at here, so that nothing but the moment of the change is locked. The next revision
validates them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_run_references"
down_revision = "0012_portal_headers"
branch_labels = None
depends_on = None

RUN_OF_DOCUMENT = "CASE WHEN (reference_name_2)::text = 'run_id'::text THEN reference_id_2 ELSE NULL::character varying END"


def upgrade() -> None:
    op.add_column(
        "documents",
        sa.Column("run_id", sa.String(100), sa.Computed(RUN_OF_DOCUMENT, persisted=True)),
    )
    for table in ("documents", "notification_deliveries"):
        op.create_foreign_key(
            f"{table}_run_id_fkey",
            table,
            "pipeline_run_summaries",
            ["run_id"],
            ["run_id"],
            postgresql_not_valid=True,
        )


def downgrade() -> None:
    for table in ("documents", "notification_deliveries"):
        op.drop_constraint(f"{table}_run_id_fkey", table, type_="foreignkey")
    op.drop_column("documents", "run_id")
