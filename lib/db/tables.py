"""The tables as SQLAlchemy sees them; a test holds them equal to what the revisions make.

Source: docs/reference/domain.md#tables-at-revision-0007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from lib.domain import mail_states
from lib.domain.exports import EXPORTS, ColumnKind, Export
from lib.domain.limits import METRIC_LIMITS
from lib.domain.mail_states import OPEN_STATES, MailState
from lib.model import METRICS, Bucket, MetricKind

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

metadata = MetaData()

METRIC_TYPES: dict[MetricKind, TypeEngine[Any]] = {
    kind: Numeric(*limit.numeric) if limit.numeric else Integer()
    for kind, limit in METRIC_LIMITS.items()
}
#: A document is found by up to three pairs of name and id.
#:
#: Source: docs/reference/contract.md#pipelines-and-documents.
REFERENCES = (1, 2, 3)


def _id() -> Column[int]:
    return Column("id", BigInteger, primary_key=True)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _active() -> Column[bool]:
    return Column("is_active", Boolean, nullable=False, server_default=true())


def _any_env() -> Column[str]:
    return Column("env", Text, nullable=False, server_default="any")


def _parent(name: str, target: str) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(target, ondelete="CASCADE"), nullable=False)


# What the exports say (docs/reference/domain.md#the-exports). One row a lead, order or customer of
# a store; every column is the portal's.

#: When a row came into its store's export and left it, as report dates T; `lib.db.backlog` says how
#: they are read.
PRESENCE_DAYS = ("first_seen_on", "last_seen_on", "left_on")


def _days(*names: str) -> list[Column[object]]:
    return [Column(name, Date) for name in names]


def _lead_columns() -> list[Column[object]]:
    return [
        Column("mobile_number", String, nullable=False),
        Column("pickup_no", String),
        Column("pickup_created_date", Date),
        Column("pickup_created_time", String),
        Column("store_code", String, nullable=False),
        Column("store_name", String),
        Column("pickup_date", Date),
        Column("pickup_time", String),
        Column("customer_name", String),
        Column("special_instruction", String),
        Column("source", String),
        Column("final_source", String),
        Column("customer_type", String),
        Column("is_order_placed", Boolean),
        *_days(*PRESENCE_DAYS, "closed_seen_on"),
    ]


missed_leads = Table(
    "missed_leads",
    metadata,
    Column("pickup_row_id", Integer, primary_key=True),
    *_lead_columns(),
    UniqueConstraint("store_code", "mobile_number", name="uq_missed_leads_store_mobile"),
)

missed_leads_history = Table(
    "missed_leads_history",
    metadata,
    _id(),
    Column("pickup_row_id", Integer, nullable=False),
    *_lead_columns(),
    Column("ended_on", Date, nullable=False),
    Index("idx_missed_leads_history_store", "store_code"),
)

undelivered_orders = Table(
    "undelivered_orders",
    metadata,
    Column("order_id", String, nullable=False),
    Column("order_date", Date),
    Column("store_code", String, nullable=False),
    Column("store_name", String),
    Column("taxable_amount", Double),
    Column("net_amount", Double),
    Column("service_code", String),
    Column("mobile_no", String),
    Column("status", String),
    Column("customer_id", String),
    Column("expected_deliver_on", Date),
    Column("actual_deliver_on", Date),
    *_days(*PRESENCE_DAYS, "closed_seen_on"),
    PrimaryKeyConstraint("order_id", "store_code", name="pk_undelivered_order"),
    Index("idx_undelivered_orders_store", "store_code"),
)

undelivered_orders_history = Table(
    "undelivered_orders_history",
    metadata,
    _id(),
    Column("order_id", String, nullable=False),
    Column("store_code", String, nullable=False),
    *_days(*PRESENCE_DAYS),
    Column("ended_on", Date, nullable=False),
    Index("idx_undelivered_orders_history_key", "store_code", "order_id"),
)

_EXPORT_TYPES: dict[ColumnKind, TypeEngine[Any]] = {
    ColumnKind.TEXT: String(),
    ColumnKind.PHONE: String(),
    ColumnKind.MOBILE: String(),
    ColumnKind.WHOLE: Integer(),
    ColumnKind.AMOUNT: Double(),
    ColumnKind.FLAG: Boolean(),
    ColumnKind.DAY: Date(),
}


def _export_table(export: Export) -> Table:
    """Return the table of an export without presence history, made from its row alone."""
    columns = [
        Column(column.name, _EXPORT_TYPES[column.kind], nullable=not column.is_required)
        for column in export.columns
    ]

    return Table(
        export.table,
        metadata,
        Column("id", Integer, primary_key=True),
        *columns,
        UniqueConstraint(*export.key, name=export.unique_name),
    )


repeat_customers = _export_table(EXPORTS[Bucket.REPEAT_CUSTOMERS])
nonpackage_orders = _export_table(EXPORTS[Bucket.NONPACKAGE_ALL])

# What the dashboards say (docs/reference/domain.md#dashboard-metrics): one row a store, one row a
# store and day T.

store_master = Table(
    "store_master",
    metadata,
    _id(),
    Column("store_code", Text, nullable=False),
    Column("store_name", Text),
    Column("gstin", Text),
    Column("launch_date", Date),
    _active(),
    _now("created_at"),
    _now("updated_at"),
    UniqueConstraint("store_code", name="store_master_store_code_key"),
)

store_dashboard_summary = Table(
    "store_dashboard_summary",
    metadata,
    _id(),
    _parent("store_id", "store_master.id"),
    Column("dashboard_date", Date, nullable=False),
    Column("run_date_time", DateTime(timezone=True), nullable=False),
    *(Column(metric.name, METRIC_TYPES[metric.kind]) for metric in METRICS),
    _now("created_at"),
    _now("updated_at"),
    UniqueConstraint(
        "store_id",
        "dashboard_date",
        name="uq_store_dashboard_summary_store_date",
    ),
)

# What the portal's tables and files looked like, last time, to each store: one row a section and a
# bucket.

portal_headers = Table(
    "portal_headers",
    metadata,
    Column("store_code", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("texts", JSONB, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("store_code", "source", name="pk_portal_headers"),
)

# What the runs did and made: one row a run (its start included), one row a file.

pipeline_run_summaries = Table(
    "pipeline_run_summaries",
    metadata,
    _id(),
    Column("pipeline_name", String(100), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("run_env", String(32), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    Column("total_time_taken", String(8), nullable=False),
    Column("report_date", Date),
    Column("overall_status", String(32), nullable=False),
    Column("summary_text", Text, nullable=False),
    Column("phases_json", JSONB),
    Column("metrics_json", JSONB),
    _now("created_at"),
    Column("closes", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("run_id", name="pipeline_run_summaries_run_id_key"),
    CheckConstraint(
        "total_time_taken ~ '^[0-9]{2}:[0-9]{2}:[0-9]{2}$'",
        name="ck_pipeline_run_summaries_total_time_format",
    ),
    Index(
        "uq_pipeline_run_summaries_closed",
        *("pipeline_name", "report_date"),
        unique=True,
        postgresql_where=column("closes"),
    ),
)


def _references() -> list[Column[str]]:
    columns = (("name", 50), ("id", 100))
    found = []
    for number in REFERENCES:
        found += [Column(f"reference_{what}_{number}", String(size)) for what, size in columns]

    return found


documents = Table(
    "documents",
    metadata,
    _id(),
    Column("doc_type", String(50), nullable=False),
    Column("doc_subtype", String(50)),
    Column("doc_date", Date),
    *_references(),
    Column("file_name", Text, nullable=False),
    Column("mime_type", String(100), nullable=False),
    Column("file_size_bytes", BigInteger),
    Column("storage_backend", String(10), nullable=False, server_default="fs"),
    Column("file_path", Text),
    Column("file_blob", LargeBinary),
    Column("checksum", Text),
    Column("status", String(32), nullable=False, server_default="ok"),
    Column("error_message", Text),
    _now("created_at"),
    Column("created_by", String(64)),
    Column(
        "run_id",
        String(100),
        Computed(
            "CASE WHEN (reference_name_2)::text = 'run_id'::text THEN reference_id_2"
            " ELSE NULL::character varying END",
            persisted=True,
        ),
        ForeignKey("pipeline_run_summaries.run_id"),
    ),
    # lib.domain.headline
    Column("figures_json", JSONB(none_as_null=True)),
    # 1, or one more than that of the report whose figures it replaces
    Column("version", Integer, nullable=False, server_default="1"),
    # when a later version took its place
    Column("superseded_at", DateTime(timezone=True)),
    # lib.domain.restatement
    Column("restated_json", JSONB(none_as_null=True)),
    CheckConstraint(
        "storage_backend IN ('fs', 'db', 's3')",
        name="ck_documents_storage_backend",
    ),
    *(
        Index(f"idx_documents_ref{n}", f"reference_name_{n}", f"reference_id_{n}")
        for n in REFERENCES
    ),
    Index("idx_documents_type", "doc_type", "doc_subtype", "doc_date"),
)

# What stores said in forms that came back. What the portal says of the same orders and leads is in
# the tables of the exports, and stays that.

form_returns = Table(
    "form_returns",
    metadata,
    _id(),
    # SHA-256 of the PDF: one that comes twice is one return.
    Column("digest", String(64), nullable=False),
    # None: the PDF was in RETURNS_DIR.
    Column("sender", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    # Of the report whose form it is; None where that is not known.
    Column("store_code", Text),
    Column("report_date", Date),
    Column("run_id", String(64), ForeignKey("pipeline_run_summaries.run_id")),
    _now("read_at"),
    UniqueConstraint("digest", name="uq_form_returns_digest"),
    CheckConstraint("state IN ('read', 'refused')", name="ck_form_returns_state"),
    Index("idx_form_returns_report", "store_code", "report_date"),
)

form_answers = Table(
    "form_answers",
    metadata,
    _id(),
    _parent("return_id", "form_returns.id"),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    # An order id; a lead's mobile number.
    Column("about", Text),
    Column("said", Text),
    Column("comment", Text),
    _now("created_at"),
    UniqueConstraint("return_id", "kind", "number", name="uq_form_answers_row"),
    CheckConstraint("kind IN ('order', 'lead')", name="ck_form_answers_kind"),
    CheckConstraint("said IN ('yes', 'no', 'both')", name="ck_form_answers_said"),
)

form_mailboxes = Table(
    "form_mailboxes",
    metadata,
    Column("mailbox", Text, nullable=False),
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    _now("updated_at"),
    PrimaryKeyConstraint("mailbox", name="pk_form_mailboxes"),
)

# Load accounting: what became of each row that was read.


def _run_id() -> Column[str]:
    return Column(
        "run_id",
        String(64),
        ForeignKey("pipeline_run_summaries.run_id"),
        nullable=False,
    )


COUNTED = ("read", "inserted", "updated", "unchanged", "skipped", "rejected", "duplicates")

ingest_counts = Table(
    "ingest_counts",
    metadata,
    _run_id(),
    Column("bucket", Text, nullable=False),
    Column("store_code", Text, nullable=False),
    Column("seen_on", Date, nullable=False),
    *(Column(name, Integer, nullable=False) for name in COUNTED),
    PrimaryKeyConstraint("run_id", "bucket", "store_code", name="pk_ingest_counts"),
    Index("idx_ingest_counts_seen", "bucket", "store_code", "seen_on"),
)

ingest_rejects = Table(
    "ingest_rejects",
    metadata,
    _id(),
    _run_id(),
    Column("bucket", Text, nullable=False),
    Column("store_code", Text, nullable=False),
    Column("seen_on", Date, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("column_name", Text),
    Column("reason", Text, nullable=False),
    Column("row_json", JSONB),
    _now("created_at"),
    Column("replayed_at", DateTime(timezone=True)),
    Index("idx_ingest_rejects_run", "run_id", "bucket"),
)

# Who is told what (docs/reference/domain.md#notification-selection): a pipeline has profiles, a
# profile has templates and recipients.

pipelines = Table(
    "pipelines",
    metadata,
    _id(),
    Column("code", Text, nullable=False),
    Column("description", Text, nullable=False),
    UniqueConstraint("code", name="pipelines_code_key"),
)

notification_profiles = Table(
    "notification_profiles",
    metadata,
    _id(),
    _parent("pipeline_id", "pipelines.id"),
    Column("code", Text, nullable=False),
    Column("description", Text, nullable=False),
    _any_env(),
    Column("scope", Text, nullable=False),
    Column("attach_mode", Text, nullable=False),
    _active(),
    Column("resend_uncertain", Boolean, nullable=False, server_default=false()),
    UniqueConstraint(
        "pipeline_id",
        "code",
        "env",
        name="uq_notification_profiles_pipeline_code_env",
    ),
    CheckConstraint(
        "scope IN ('run', 'store', 'combined')",
        name="ck_notification_profiles_scope",
    ),
    CheckConstraint(
        "attach_mode IN ('none', 'per_store_pdf', 'all_store_pdfs', 'all_docs_for_run')",
        name="ck_notification_profiles_attach_mode",
    ),
    CheckConstraint(
        "env IN ('dev', 'prod', 'local', 'any')",
        name="ck_notification_profiles_env",
    ),
)

email_templates = Table(
    "email_templates",
    metadata,
    _id(),
    _parent("profile_id", "notification_profiles.id"),
    Column("name", Text, nullable=False),
    Column("subject_template", Text, nullable=False),
    Column("body_template", Text, nullable=False),
    _active(),
    UniqueConstraint("profile_id", "name", name="uq_email_templates_profile_name"),
)

notification_recipients = Table(
    "notification_recipients",
    metadata,
    _id(),
    _parent("profile_id", "notification_profiles.id"),
    Column("store_code", Text),
    _any_env(),
    Column("email_address", Text, nullable=False),
    Column("display_name", Text),
    Column("send_as", Text, nullable=False, server_default="to"),
    _active(),
    _now("created_at"),
    CheckConstraint(
        "send_as IN ('to', 'cc', 'bcc')",
        name="ck_notification_recipients_send_as",
    ),
    CheckConstraint(
        "env IN ('dev', 'prod', 'local', 'any')",
        name="ck_notification_recipients_env",
    ),
)

# What was promised to whom and what became of it: a message has deliveries, one a recipient (and
# period, in a digest).

notification_messages = Table(
    "notification_messages",
    metadata,
    Column("message_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("to_addresses", JSONB, nullable=False),
    Column("cc_addresses", JSONB, nullable=False),
    Column("attachments", JSONB, nullable=False),
    Column("dated_at", DateTime(timezone=True), nullable=False),
    Column("problem", Text),
    Column("sha256", Text),
    _now("planned_at"),
    Column("panel", JSONB),
    PrimaryKeyConstraint("message_id", name="pk_notification_messages"),
)

notification_deliveries = Table(
    "notification_deliveries",
    metadata,
    _id(),
    Column("pipeline_name", String(100), nullable=False),
    Column("report_date", Date, nullable=False),
    Column("profile_code", Text, nullable=False),
    Column("profile_env", Text, nullable=False),
    Column("store_code", Text, nullable=False, server_default=""),
    Column("recipient", Text, nullable=False),
    Column("content_version", Text, nullable=False),
    Column("send_as", Text, nullable=False),
    _run_id(),
    Column(
        "message_id",
        Text,
        ForeignKey("notification_messages.message_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("state", Text, nullable=False, server_default=MailState.PENDING),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("claimed_by", Text),
    Column("claimed_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False, server_default=""),
    _now("created_at"),
    _now("updated_at"),
    UniqueConstraint(
        "pipeline_name",
        "report_date",
        "profile_code",
        "profile_env",
        "store_code",
        "recipient",
        "content_version",
        name="uq_notification_deliveries_once",
    ),
    CheckConstraint(
        f"state IN {mail_states.sql_list(MailState)}",
        name="ck_notification_deliveries_state",
    ),
    CheckConstraint(
        "send_as IN ('to', 'cc', 'bcc')",
        name="ck_notification_deliveries_send_as",
    ),
    Index("idx_notification_deliveries_message", "message_id"),
    Index(
        "idx_notification_deliveries_open",
        "pipeline_name",
        "report_date",
        postgresql_where=text(f"state IN {mail_states.sql_list(OPEN_STATES)}"),
    ),
)

notification_alerts = Table(
    "notification_alerts",
    metadata,
    _id(),
    Column("unit", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("occurrences", Integer, nullable=False, server_default="1"),
    Column("told_at", DateTime(timezone=True)),
    Column("recovered_at", DateTime(timezone=True)),
    Index(
        "uq_notification_alerts_open",
        "unit",
        "cause",
        unique=True,
        postgresql_where=text("recovered_at IS NULL"),
    ),
)

notification_sync_rows = Table(
    "notification_sync_rows",
    metadata,
    Column("table_name", Text, nullable=False),
    Column("row_id", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    _now("synced_at"),
    PrimaryKeyConstraint("table_name", "row_id", name="pk_notification_sync_rows"),
)
