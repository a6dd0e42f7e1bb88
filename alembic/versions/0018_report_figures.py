"""The figures of a report's first page, kept with its row: a mail that goes out later says what the PDF says.

Rows from before have none; their mails name no figures. A downgrade forgets them, and making the reports again brings
them back.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018_report_figures"
down_revision = "0017_nonpackage_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("figures_json", JSONB))


def downgrade() -> None:
    op.drop_column("documents", "figures_json")
