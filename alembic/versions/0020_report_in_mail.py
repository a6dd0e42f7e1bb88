"""Mails that bring a report have its figures in subject, preview and text.

`notification_messages.panel` is what their page shows large. Only texts that are still the seeded ones change, in either
shape of revision 0007 (`store_code` or `store_name`); a text that a person wrote, or that comes from a file of
`jobs.notifications_sync`, stays as it is, and so does what it may name. The downgrade brings the texts with `store_code`.

Source: docs/reference/domain.md#template-variables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020_report_in_mail"
down_revision = "0019_result_in_subject"
branch_labels = None
depends_on = None

NEW = ("{{ headline }}", "{{ report_text }}")
MEANINGS = {
    "daily": "for {{ report_date }}",
    "weekly": "for the week ending on {{ report_date }}",
    "monthly": "for the month ending on {{ report_date }}",
}


def upgrade() -> None:
    op.add_column("notification_messages", sa.Column("panel", JSONB))

    for adjective, meaning in MEANINGS.items():
        for variable in ("store_code", "store_name"):
            _change(adjective, _seeded(adjective, meaning, variable), NEW)


def downgrade() -> None:
    op.drop_column("notification_messages", "panel")

    for adjective, meaning in MEANINGS.items():
        _change(adjective, NEW, _seeded(adjective, meaning, "store_code"))


def _seeded(
    adjective: str,
    meaning: str,
    variable: str,
) -> tuple[str, str]:
    store = f"{{{{ {variable} }}}}"
    return (
        f"{store}: {adjective} report {meaning}",
        f"Attached is the {adjective} report of store {store} {meaning}.",
    )


def _change(
    adjective: str,
    old: tuple[str, str],
    new: tuple[str, str],
) -> None:
    op.execute(f"""
        UPDATE email_templates AS template
        SET subject_template = '{new[0]}', body_template = '{new[1]}'
        FROM notification_profiles AS profile
        WHERE profile.id = template.profile_id AND profile.code = 'store_{adjective}_reports'
          AND template.name = 'default'
          AND template.subject_template = '{old[0]}' AND template.body_template = '{old[1]}'
          AND NOT EXISTS (
              SELECT FROM notification_sync_rows AS synced
              WHERE synced.table_name = 'email_templates' AND synced.row_id = template.id)
    """)  # noqa: S608 - texts of this file
