"""Mails about a run say in their subject how it ended: `OK | daily 28 Nov: 16 of 16 reports, 17 mails`.

Only a text that is still the seeded one changes. A text that a person wrote, or that comes from a file of
`jobs.notifications_sync`, stays as it is, and so does what it may name.

Source: docs/reference/domain.md#template-variables.
"""

from __future__ import annotations

from alembic import op

revision = "0019_result_in_subject"
down_revision = "0018_report_figures"
branch_labels = None
depends_on = None

SEEDED = (
    "[Simplify] {{ pipeline_name }} {{ report_date }}",
    "{{ summary_text }}\n\nEnvironment {{ run_env }}, run {{ run_id }}",
)
NEW = ("{{ result }}", "{{ result_text }}")


def upgrade() -> None:
    _change(SEEDED, NEW)


def downgrade() -> None:
    _change(NEW, SEEDED)


def _change(old: tuple[str, str], new: tuple[str, str]) -> None:
    op.execute(f"""
        UPDATE email_templates AS template
        SET subject_template = '{new[0]}', body_template = '{new[1]}'
        FROM notification_profiles AS profile
        WHERE profile.id = template.profile_id AND profile.code = 'run_summary' AND template.name = 'default'
          AND template.subject_template = '{old[0]}' AND template.body_template = '{old[1]}'
          AND NOT EXISTS (
              SELECT FROM notification_sync_rows AS synced
              WHERE synced.table_name = 'email_templates' AND synced.row_id = template.id)
    """)  # noqa: S608 - texts of this file
