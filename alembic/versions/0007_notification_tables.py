"""Who is told what about a pipeline, with placeholder rows at `example.invalid` for an operator to replace.

A fresh database gets no rows of the CRM pipeline, which no code ever ran.
"""

from __future__ import annotations

from itertools import product

import sqlalchemy as sa
from alembic import op

revision = "0007_notification_tables"
down_revision = "0006_documents"
branch_labels = None
depends_on = None

ENVIRONMENTS = "('dev', 'prod', 'local', 'any')"
STORE_CODES = ("A668", "A817")
STORE_CC = ("owner", "manager", "operations", "quality", "accounts")
RUN_RECIPIENTS = (("pipelines", "to"), ("operations", "cc"), ("owner", "cc"))

PERIODS = (
    # pipeline, adjective, what the date in a store's mail means
    ("simplify_dashboard_daily", "daily", "for {{ report_date }}"),
    ("simplify_dashboard_weekly", "weekly", "for the week ending on {{ report_date }}"),
    ("simplify_dashboard_monthly", "monthly", "for the month ending on {{ report_date }}"),
)
RUN_SUBJECT = "[Simplify] {{ pipeline_name }} {{ report_date }}"
RUN_BODY = "{{ summary_text }}\n\nEnvironment {{ run_env }}, run {{ run_id }}"


def upgrade() -> None:
    _create_tables()
    for pipeline, adjective, date_meaning in PERIODS:
        pipeline_id = _insert(
            "pipelines", code=pipeline, description=f"Simplify dashboard, {adjective} run"
        )
        _seed_run_summary(pipeline_id, adjective)
        _seed_store_reports(pipeline_id, adjective, date_meaning)


def downgrade() -> None:
    for table in (
        "notification_recipients",
        "email_templates",
        "notification_profiles",
        "pipelines",
    ):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "pipelines",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.UniqueConstraint("code", name="pipelines_code_key"),
    )
    op.create_table(
        "notification_profiles",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column(
            "pipeline_id",
            sa.BigInteger,
            sa.ForeignKey("pipelines.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("env", sa.Text, nullable=False, server_default="any"),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("attach_mode", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.UniqueConstraint(
            "pipeline_id", "code", "env", name="uq_notification_profiles_pipeline_code_env"
        ),
        sa.CheckConstraint(
            "scope IN ('run', 'store', 'combined')", name="ck_notification_profiles_scope"
        ),
        sa.CheckConstraint(
            "attach_mode IN ('none', 'per_store_pdf', 'all_store_pdfs', 'all_docs_for_run')",
            name="ck_notification_profiles_attach_mode",
        ),
        sa.CheckConstraint(f"env IN {ENVIRONMENTS}", name="ck_notification_profiles_env"),
    )
    op.create_table(
        "email_templates",
        sa.Column("id", sa.BigInteger, primary_key=True),
        _profile_id(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("subject_template", sa.Text, nullable=False),
        sa.Column("body_template", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.UniqueConstraint("profile_id", "name", name="uq_email_templates_profile_name"),
    )
    op.create_table(
        "notification_recipients",
        sa.Column("id", sa.BigInteger, primary_key=True),
        _profile_id(),
        sa.Column("store_code", sa.Text),
        sa.Column("env", sa.Text, nullable=False, server_default="any"),
        sa.Column("email_address", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text),
        sa.Column("send_as", sa.Text, nullable=False, server_default="to"),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.CheckConstraint(
            "send_as IN ('to', 'cc', 'bcc')", name="ck_notification_recipients_send_as"
        ),
        sa.CheckConstraint(f"env IN {ENVIRONMENTS}", name="ck_notification_recipients_env"),
    )


def _profile_id() -> sa.Column:
    return sa.Column(
        "profile_id",
        sa.BigInteger,
        sa.ForeignKey("notification_profiles.id", ondelete="CASCADE"),
        nullable=False,
    )


def _seed_run_summary(pipeline_id: int, adjective: str) -> None:
    profile_id = _insert(
        "notification_profiles",
        pipeline_id=pipeline_id,
        code="run_summary",
        description=f"What every {adjective} run did, to those who run it",
        scope="run",
        attach_mode="none",
    )
    _insert(
        "email_templates",
        profile_id=profile_id,
        name="default",
        subject_template=RUN_SUBJECT,
        body_template=RUN_BODY,
    )
    for who, send_as in RUN_RECIPIENTS:
        _recipient(profile_id, None, f"{who}@example.invalid", send_as)


def _seed_store_reports(pipeline_id: int, adjective: str, date_meaning: str) -> None:
    profile_id = _insert(
        "notification_profiles",
        pipeline_id=pipeline_id,
        code=f"store_{adjective}_reports",
        description=f"The {adjective} report of a store, to the people of that store",
        scope="store",
        attach_mode="per_store_pdf",
    )
    _insert(
        "email_templates",
        profile_id=profile_id,
        name="default",
        subject_template=f"{{{{ store_code }}}}: {adjective} report {date_meaning}",
        body_template=f"Attached is the {adjective} report of store {{{{ store_code }}}} {date_meaning}.",
    )
    for store_code, who in product(STORE_CODES, ("store", *STORE_CC)):
        send_as = "to" if who == "store" else "cc"
        _recipient(profile_id, store_code, f"{who}-{store_code.lower()}@example.invalid", send_as)


def _recipient(profile_id: int, store_code: str | None, address: str, send_as: str) -> None:
    _insert(
        "notification_recipients",
        profile_id=profile_id,
        store_code=store_code,
        email_address=address,
        send_as=send_as,
    )


def _insert(table: str, **values: object) -> int:
    """Insert one row and return its id."""
    row = sa.table(table, sa.column("id"), *(sa.column(name) for name in values))
    return op.get_bind().execute(sa.insert(row).values(**values).returning(row.c.id)).scalar_one()
