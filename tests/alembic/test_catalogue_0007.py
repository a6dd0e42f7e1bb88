"""Revision 0007, written out by hand: what an existing database is upgraded from.

Source: docs/reference/domain.md#tables-at-revision-0007.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sqlalchemy import text

from lib.db import migrations
from lib.db.engine import connect
from tests.catalogue import catalogue

# Columns in order. `!` is not null, `seq` a sequence named after table and column, the rest of the line the default.
COLUMNS = """
missed_leads
    pickup_row_id integer! seq
    mobile_number varchar!
    pickup_no varchar
    pickup_created_date date
    pickup_created_time varchar
    store_code varchar!
    store_name varchar
    pickup_date date
    pickup_time varchar
    customer_name varchar
    special_instruction varchar
    source varchar
    final_source varchar
    customer_type varchar
    is_order_placed boolean
undelivered_orders
    order_id varchar!
    order_date date
    store_code varchar!
    store_name varchar
    taxable_amount double
    net_amount double
    service_code varchar
    mobile_no varchar
    status varchar
    customer_id varchar
    expected_deliver_on date
    actual_deliver_on date
repeat_customers
    id integer! seq
    store_code varchar!
    mobile_no varchar!
    status varchar
store_master
    id bigint! seq
    store_code text!
    store_name text
    gstin text
    launch_date date
    is_active boolean! true
    created_at timestamptz! now()
    updated_at timestamptz! now()
store_dashboard_summary
    id bigint! seq
    store_id bigint!
    dashboard_date date!
    run_date_time timestamptz!
    prev_month_revenue numeric(14,2)
    target_revenue numeric(14,2)
    lmt_d_revenue numeric(14,2)
    mtd_revenue numeric(14,2)
    ftd_revenue numeric(14,2)
    tgt_vs_ach_pct numeric(6,2)
    growth_pct numeric(6,2)
    extrapolated_pct numeric(6,2)
    pickup_new_count integer
    pickup_new_conv_count integer
    pickup_new_conv_pct numeric(6,2)
    pickup_existing_count integer
    pickup_existing_conv_count integer
    pickup_existing_conv_pct numeric(6,2)
    pickup_total_count integer
    pickup_total_conv_count integer
    pickup_total_conv_pct numeric(6,2)
    delivery_total_orders integer
    delivery_within_tat_count integer
    delivery_tat_pct numeric(6,2)
    delivery_total_delivered integer
    delivery_undel_over_10_days integer
    delivery_total_undelivered integer
    repeat_customer_base_6m integer
    repeat_orders integer
    repeat_total_base_pct numeric(6,2)
    package_target integer
    package_new integer
    package_ftd integer
    package_achievement_pct numeric(6,2)
    package_overall integer
    package_non_pkg_over_800 integer
    package_non_pkg_over_800_undelivered integer
    created_at timestamptz! now()
    updated_at timestamptz! now()
pipeline_run_summaries
    id bigint! seq
    pipeline_name varchar(100)!
    run_id varchar(64)!
    run_env varchar(32)!
    started_at timestamptz!
    finished_at timestamptz!
    total_time_taken varchar(8)!
    report_date date
    overall_status varchar(32)!
    summary_text text!
    phases_json jsonb
    metrics_json jsonb
    created_at timestamptz! now()
documents
    id bigint! seq
    doc_type varchar(50)!
    doc_subtype varchar(50)
    doc_date date
    reference_name_1 varchar(50)
    reference_id_1 varchar(100)
    reference_name_2 varchar(50)
    reference_id_2 varchar(100)
    reference_name_3 varchar(50)
    reference_id_3 varchar(100)
    file_name text!
    mime_type varchar(100)!
    file_size_bytes bigint
    storage_backend varchar(10)! 'fs'
    file_path text
    file_blob bytea
    checksum text
    status varchar(32)! 'ok'
    error_message text
    created_at timestamptz! now()
    created_by varchar(64)
pipelines
    id bigint! seq
    code text!
    description text!
notification_profiles
    id bigint! seq
    pipeline_id bigint!
    code text!
    description text!
    env text! 'any'
    scope text!
    attach_mode text!
    is_active boolean! true
email_templates
    id bigint! seq
    profile_id bigint!
    name text!
    subject_template text!
    body_template text!
    is_active boolean! true
notification_recipients
    id bigint! seq
    profile_id bigint!
    store_code text
    env text! 'any'
    email_address text!
    display_name text
    send_as text! 'to'
    is_active boolean! true
    created_at timestamptz! now()
"""

# A CHECK is told by the literals in it.
CONSTRAINTS = """
missed_leads
    missed_leads_pkey PRIMARY KEY (pickup_row_id)
    uq_missed_leads_store_mobile UNIQUE (store_code, mobile_number)
undelivered_orders
    pk_undelivered_order PRIMARY KEY (order_id, store_code)
repeat_customers
    repeat_customers_pkey PRIMARY KEY (id)
    uq_repeat_store_mobile UNIQUE (store_code, mobile_no)
store_master
    store_master_pkey PRIMARY KEY (id)
    store_master_store_code_key UNIQUE (store_code)
store_dashboard_summary
    store_dashboard_summary_pkey PRIMARY KEY (id)
    store_dashboard_summary_store_id_fkey FOREIGN KEY (store_id) REFERENCES store_master(id) ON DELETE CASCADE
    uq_store_dashboard_summary_store_date UNIQUE (store_id, dashboard_date)
pipeline_run_summaries
    ck_pipeline_run_summaries_total_time_format CHECK ^[0-9]{2}:[0-9]{2}:[0-9]{2}$
    pipeline_run_summaries_pkey PRIMARY KEY (id)
    pipeline_run_summaries_run_id_key UNIQUE (run_id)
documents
    ck_documents_storage_backend CHECK fs, db, s3
    documents_pkey PRIMARY KEY (id)
pipelines
    pipelines_code_key UNIQUE (code)
    pipelines_pkey PRIMARY KEY (id)
notification_profiles
    ck_notification_profiles_attach_mode CHECK none, per_store_pdf, all_store_pdfs, all_docs_for_run
    ck_notification_profiles_env CHECK dev, prod, local, any
    ck_notification_profiles_scope CHECK run, store, combined
    notification_profiles_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipelines(id) ON DELETE CASCADE
    notification_profiles_pkey PRIMARY KEY (id)
    uq_notification_profiles_pipeline_code_env UNIQUE (pipeline_id, code, env)
email_templates
    email_templates_pkey PRIMARY KEY (id)
    email_templates_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES notification_profiles(id) ON DELETE CASCADE
    uq_email_templates_profile_name UNIQUE (profile_id, name)
notification_recipients
    ck_notification_recipients_env CHECK dev, prod, local, any
    ck_notification_recipients_send_as CHECK to, cc, bcc
    notification_recipients_pkey PRIMARY KEY (id)
    notification_recipients_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES notification_profiles(id) ON DELETE CASCADE
"""

INDEXES = """
documents
    idx_documents_ref1 (reference_name_1, reference_id_1)
    idx_documents_ref2 (reference_name_2, reference_id_2)
    idx_documents_ref3 (reference_name_3, reference_id_3)
    idx_documents_type (doc_type, doc_subtype, doc_date)
"""
SHORT = {
    "character varying": "varchar",
    "timestamp with time zone": "timestamptz",
    "double precision": "double",
    " not null": "!",
    " default": "",
}


def _blocks(literal: str) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in literal.strip().splitlines():
        if line.startswith(" "):
            lines.append(line.strip())
        else:
            lines = blocks[line] = []
    return blocks


def _column(table: str, said: str) -> str:
    for long, short in SHORT.items():
        said = said.replace(long, short)
    name = said.partition(" ")[0]
    said = said.replace(f"nextval('{table}_{name}_seq'::regclass)", "seq")
    return re.sub(r"::\w+$", "", said)


def _constraint(said: str) -> str:
    name, check, expression = said.partition(" CHECK ")
    literals = re.findall("'([^']+)'::", expression)
    return f"{name} CHECK {', '.join(literals)}" if check else said


def _plain_indexes(said: list[str]) -> list[str]:
    """Keep indexes that no constraint brought along, as name and columns."""
    matches = (
        re.fullmatch(r"CREATE INDEX (\w+) ON \w+ USING btree (\(.*\))", line) for line in said
    )
    return [f"{match[1]} {match[2]}" for match in matches if match]


@pytest.fixture
def connection(empty_database):
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, "0007_notification_tables")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_schema_is_the_one_of_the_domain(connection):
    said = catalogue(connection)
    columns, constraints, indexes = _blocks(COLUMNS), _blocks(CONSTRAINTS), _blocks(INDEXES)

    assert {
        t: [_column(t, line) for line in lines] for t, lines in said["columns"].items()
    } == columns
    assert {
        t: [_constraint(line) for line in lines] for t, lines in said["constraints"].items()
    } == constraints
    assert {
        t: plain for t, lines in said["indexes"].items() if (plain := _plain_indexes(lines))
    } == indexes
    assert sum(map(len, said["indexes"].values())) == sum(map(len, indexes.values())) + sum(
        "PRIMARY KEY" in line or "UNIQUE" in line
        for lines in constraints.values()
        for line in lines
    )
    assert [name.split()[0] for name in said["sequences"]] == sorted(
        f"{table}_{line.split()[0]}_seq"
        for table, lines in columns.items()
        for line in lines
        if line.endswith(" seq")
    )
    assert said["triggers"] == []


SEEDS = """
    SELECT p.code, f.code, f.scope, f.attach_mode, f.env, f.is_active, t.name, t.is_active,
           count(*) FILTER (WHERE r.send_as = 'to'), count(*) FILTER (WHERE r.send_as = 'cc'),
           array_agg(DISTINCT r.store_code ORDER BY r.store_code)
    FROM pipelines p
    JOIN notification_profiles f ON f.pipeline_id = p.id
    JOIN email_templates t ON t.profile_id = f.id
    JOIN notification_recipients r ON r.profile_id = f.id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2
"""


def test_the_seeds_are_those_of_the_domain_without_the_pipeline_that_never_ran(connection):
    rows = [tuple(row) for row in connection.execute(text(SEEDS))]
    run = ("run", "none", "any", True, "default", True, 1, 2, [None])
    store = ("store", "per_store_pdf", "any", True, "default", True, 2, 10, ["A668", "A817"])

    assert rows == [
        ("simplify_dashboard_daily", "run_summary", *run),
        ("simplify_dashboard_daily", "store_daily_reports", *store),
        ("simplify_dashboard_monthly", "run_summary", *run),
        ("simplify_dashboard_monthly", "store_monthly_reports", *store),
        ("simplify_dashboard_weekly", "run_summary", *run),
        ("simplify_dashboard_weekly", "store_weekly_reports", *store),
    ]


def test_no_seed_can_reach_a_real_mailbox(connection):
    addresses = (
        connection.execute(text("SELECT email_address FROM notification_recipients"))
        .scalars()
        .all()
    )
    names = connection.execute(
        text("SELECT count(display_name) FROM notification_recipients")
    ).scalar_one()

    assert Counter(address.partition("@")[2] for address in addresses) == {"example.invalid": 45}
    assert names == 0


def test_templates_use_the_placeholders_that_the_engine_knows(connection):
    templates = connection.execute(
        text(
            "SELECT scope, subject_template, body_template FROM email_templates t"
            " JOIN notification_profiles f ON f.id = t.profile_id"
        )
    ).all()
    found = {
        (scope, _placeholders(subject), _placeholders(body)) for scope, subject, body in templates
    }

    assert found == {
        ("run", ("pipeline_name", "report_date"), ("summary_text", "run_env", "run_id")),
        ("store", ("store_code", "report_date"), ("store_code", "report_date")),
    }


def _placeholders(template: str) -> tuple[str, ...]:
    return tuple(re.findall(r"{{ (\w+) }}", template))
