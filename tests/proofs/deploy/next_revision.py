"""A revision that this release does not have.

Expand only, and every row gets something the older code never writes.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "next_release"
down_revision = max(path.stem for path in Path(__file__).parent.glob("[0-9]*.py"))
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("printed_by", sa.Text(), server_default="next"))
    op.create_table("next_release", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("next_release")
    op.drop_column("documents", "printed_by")
