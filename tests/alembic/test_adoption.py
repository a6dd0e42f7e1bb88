"""An existing production database at 0007 moves over in place, in either of its two shapes.

Source: docs/reference/domain.md#two-shapes-of-revision-0007.
"""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from lib.db import health, migrations
from lib.db.engine import connect
from lib.model import Pipeline, Status

STAMPED = "0007_notification_tables"
EDITED = [
    "UPDATE pipelines SET code = replace(code, 'simplify_', '')",
    """
    UPDATE email_templates SET subject_template = replace(subject_template, 'store_code', 'store_name'),
                               body_template = replace(body_template, 'store_code', 'store_name')
    """,
]
"""What the edit of 0007 made of its seeds."""
SEEDED_SUBJECT = "[Simplify] {{ pipeline_name }} {{ report_date }}"
RESULT = ("{{ result }}", "{{ result_text }}")
"""What a seeded text about a run became; an own one stays."""
OWN_TEXT = "UPDATE email_templates SET body_template = 'Namaste, {{ store_code }}' WHERE starts_with(body_template, 'Attached')"
CRM = """
    WITH crm AS (INSERT INTO pipelines (code, description) VALUES ('crm_downloader_daily', 'CRM') RETURNING id),
    profile AS (
        INSERT INTO notification_profiles (pipeline_id, code, description, scope, attach_mode)
        SELECT id, 'run_summary', 'CRM', 'run', 'none' FROM crm RETURNING id),
    template AS (
        INSERT INTO email_templates (profile_id, name, subject_template, body_template)
        SELECT id, 'default', 'a', 'b' FROM profile)
    INSERT INTO notification_recipients (profile_id, email_address)
    SELECT id, who || '@example.invalid' FROM profile, unnest(ARRAY['a', 'b', 'c']) AS who
"""
ROWS = """
    INSERT INTO missed_leads (pickup_row_id, mobile_number, store_code) VALUES (7, '+91 9000000001', 'A668');
    INSERT INTO undelivered_orders (order_id, store_code, net_amount) VALUES ('T1', 'A668', 118.5);
    INSERT INTO repeat_customers (store_code, mobile_no) VALUES ('A668', '9000000001');
    INSERT INTO store_master (store_code) VALUES ('A668');
    INSERT INTO store_dashboard_summary (store_id, dashboard_date, run_date_time, ftd_revenue)
        SELECT id, '2025-11-14', '2025-11-14 18:30Z', 100 FROM store_master
"""
RUN = """
    INSERT INTO pipeline_run_summaries (pipeline_name, run_id, run_env, started_at, finished_at, total_time_taken,
                                        report_date, overall_status, summary_text)
    VALUES ('{code}', '{run_id}', 'prod', '{day} 02:30Z', '{day} 02:41Z', '00:11:00', '{day}', 'ok',
            E'Pipeline: {code}\\nRun ID: {run_id}\\nas told by dashboard_daily')
"""
DOCUMENT = """
    INSERT INTO documents (doc_type, reference_name_1, reference_id_1, reference_name_2, reference_id_2,
                           reference_name_3, reference_id_3, file_name, mime_type)
    VALUES ('store_daily_pdf', 'run_id', '{run_id}', 'pipeline', '{code}', 'store_code', 'A668', 'x.pdf', 'application/pdf'),
           ('store_daily_pdf', 'pipeline', '{code}', 'run_id', '{run_id}', 'store_code', 'A668', 'x.pdf', 'application/pdf')
"""


@pytest.fixture
def old(empty_database):
    """An engine on a database at 0007."""
    engine = connect(empty_database, application_name="tests")
    migrations.upgrade(engine, STAMPED)
    yield engine
    engine.dispose()


def change(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(engine, statement):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def codes(engine):
    return [code for (code,) in rows(engine, "SELECT code FROM pipelines ORDER BY 1")]


OF_ALL_STORES = "SELECT id FROM notification_profiles WHERE scope = 'combined'"
"""Profiles that revision 0021 adds."""
TEXTS = f"""
    SELECT t.id, name, subject_template, body_template, t.is_active FROM email_templates t
    WHERE profile_id NOT IN ({OF_ALL_STORES}) ORDER BY 1
"""
PEOPLE = f"""
    SELECT * FROM notification_recipients WHERE profile_id NOT IN ({OF_ALL_STORES}) ORDER BY id
"""
TABLES = (
    "missed_leads",
    "undelivered_orders",
    "repeat_customers",
    "store_master",
    "store_dashboard_summary",
)


@pytest.mark.parametrize("shape", [[], EDITED], ids=["as released", "as edited later"])
def test_either_shape_comes_over_with_every_row_and_text(old, shape):
    run, document = (
        each.format(code="simplify_dashboard_daily", run_id="r1", day="2025-11-14")
        for each in (RUN, DOCUMENT)
    )
    edited_codes = [sql.replace("simplify_", "") if shape else sql for sql in (run, document)]
    change(old, CRM, *shape, OWN_TEXT, ROWS, *edited_codes)
    data = {table: rows(old, f"SELECT * FROM {table}") for table in TABLES}
    texts, people = (rows(old, f"{what} LIMIT 45") for what in (TEXTS, PEOPLE))
    migrations.upgrade(old)

    assert codes(old) == sorted(Pipeline)
    for table, before in data.items():
        assert [row[: len(before[0])] for row in rows(old, f"SELECT * FROM {table}")] == before
    expected = [row if row[2] != SEEDED_SUBJECT else (*row[:2], *RESULT, *row[4:]) for row in texts]
    assert rows(old, TEXTS) == [row for row in expected if row[2] != "a"]
    assert rows(old, PEOPLE) == people[:45]
    assert rows(old, "SELECT pipeline_name, summary_text FROM pipeline_run_summaries") == [
        (
            "simplify_dashboard_daily",
            "Pipeline: simplify_dashboard_daily\nRun ID: r1\nas told by dashboard_daily",
        )
    ]
    assert rows(
        old, "SELECT reference_id_1, reference_id_2, reference_id_3 FROM documents ORDER BY id"
    ) == [
        ("r1", "simplify_dashboard_daily", "A668"),
        ("simplify_dashboard_daily", "r1", "A668"),
    ]


def test_an_adopted_database_passes_the_check(old):
    change(old, CRM, *EDITED)
    migrations.upgrade(old)
    with old.connect() as connection:
        assert Status.worst([check.status for check in health.examine(connection)]) is Status.OK


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(
            RUN.format(code="crm_downloader_daily", run_id="r1", day="2025-11-14"), id="a run"
        ),
        pytest.param(DOCUMENT.format(code="crm_downloader_daily", run_id="r1"), id="a document"),
        pytest.param(
            "UPDATE notification_profiles SET code = 'own' WHERE description = 'CRM'",
            id="a profile of the operator",
        ),
        pytest.param(
            "UPDATE email_templates SET name = 'own' WHERE body_template = 'b'", id="a template"
        ),
        pytest.param(
            """INSERT INTO notification_recipients (profile_id, email_address)
               SELECT id, 'd@example.invalid' FROM notification_profiles WHERE description = 'CRM'""",
            id="a recipient more than seeded",
        ),
    ],
)
def test_the_crm_pipeline_stays_if_anything_refers_to_it(old, reference):
    change(old, CRM, reference)
    migrations.upgrade(old)

    assert codes(old) == sorted([*Pipeline, "crm_downloader_daily"])
    assert (
        len(
            rows(
                old,
                "SELECT FROM notification_recipients WHERE email_address IN ('a@example.invalid')",
            )
        )
        == 1
    )


TWIN = """
    WITH twin AS (INSERT INTO pipelines (code, description) VALUES ('dashboard_daily', 'twin') RETURNING id),
    profile AS (
        INSERT INTO notification_profiles (pipeline_id, code, description, scope, attach_mode)
        SELECT id, code, 'twin', 'run', 'none' FROM twin, unnest(ARRAY['run_summary', 'only_here']) AS code
        RETURNING id, code),
    template AS (
        INSERT INTO email_templates (profile_id, name, subject_template, body_template)
        SELECT id, 'default', 'twin ' || code, 'twin' FROM profile
        UNION ALL SELECT id, 'spare', 'twin ' || code, 'twin' FROM profile)
    INSERT INTO notification_recipients (profile_id, email_address, send_as)
    SELECT id, who || '@example.invalid', 'to'
    FROM profile, unnest(ARRAY['Pipelines', 'twin']) AS who
"""
MERGED = """
    SELECT f.code, t.name, t.is_active, t.subject_template LIKE 'twin%'
    FROM email_templates t JOIN notification_profiles f ON f.id = t.profile_id JOIN pipelines p ON p.id = f.pipeline_id
    WHERE p.code = 'simplify_dashboard_daily' AND f.code IN ('run_summary', 'only_here') ORDER BY 1, 2
"""


@pytest.mark.parametrize(
    ("runs", "texts"),
    [
        pytest.param(
            [("dashboard_daily", "2025-11-13"), ("simplify_dashboard_daily", "2025-11-14")],
            [
                ("default", True, False),
                ("default (dashboard_daily)", False, True),
                ("spare", True, True),
            ],
            id="the released code ran last",
        ),
        pytest.param(
            [("simplify_dashboard_daily", "2025-11-13"), ("dashboard_daily", "2025-11-14")],
            [
                ("default", True, True),
                ("default (simplify_dashboard_daily)", False, False),
                ("spare", True, True),
            ],
            id="the edited code ran last",
        ),
        pytest.param(
            [],
            [
                ("default", True, False),
                ("default (dashboard_daily)", False, True),
                ("spare", True, True),
            ],
            id="nothing ran",
        ),
    ],
)
def test_where_both_codes_exist_they_become_one_and_nobody_and_no_text_is_lost(old, runs, texts):
    change(old, TWIN, *(RUN.format(code=code, run_id=day, day=day) for code, day in runs))
    migrations.upgrade(old)

    assert codes(old) == sorted(Pipeline)
    assert rows(old, MERGED) == [
        ("only_here", "default", True, True),
        ("only_here", "spare", True, True),
        *(("run_summary", *text) for text in texts),
    ]
    people = """
        SELECT lower(email_address), send_as FROM notification_recipients r
        JOIN notification_profiles f ON f.id = r.profile_id JOIN pipelines p ON p.id = f.pipeline_id
        WHERE p.code = 'simplify_dashboard_daily' AND f.code = 'run_summary' ORDER BY 1
    """
    assert rows(old, people) == [
        ("operations@example.invalid", "cc"),
        ("owner@example.invalid", "cc"),
        ("pipelines@example.invalid", "to"),
        ("twin@example.invalid", "to"),
    ]
    assert {name for (name,) in rows(old, "SELECT pipeline_name FROM pipeline_run_summaries")} <= {
        *Pipeline
    }


def test_an_adopted_database_goes_back_to_0007_in_its_first_shape_and_over_again(old):
    change(old, *EDITED, ROWS)
    migrations.upgrade(old)
    with old.connect() as connection:
        command.downgrade(migrations.config(connection), STAMPED)

    assert codes(old) == sorted(Pipeline)
    migrations.upgrade(old)
    assert rows(old, "SELECT count(*) FROM missed_leads") == [(1,)]


def test_a_store_code_in_another_case_becomes_the_one_that_loads_write_unless_its_row_has_a_twin(
    old,
):
    change(
        old,
        """
        INSERT INTO undelivered_orders (order_id, store_code)
            VALUES ('T1', 'a668'), ('T2', 'Ts48'), ('T3', 'A668'), ('T3', 'a668'), ('T4', 'Ts48'), ('T4', 'ts48');
        INSERT INTO missed_leads (pickup_row_id, mobile_number, store_code)
            VALUES (1, '9000000001', 'a668'), (2, '9000000002', 'A668'), (3, '9000000002', 'a668');
        INSERT INTO repeat_customers (store_code, mobile_no) VALUES ('a668', '9000000001'), ('A668', '9000000002')
        """,
    )
    migrations.upgrade(old)

    assert rows(
        old,
        'SELECT order_id, store_code FROM undelivered_orders ORDER BY 1, store_code COLLATE "C"',
    ) == [
        *[
            ("T1", "A668"),
            ("T2", "TS48"),
            ("T3", "A668"),
            ("T3", "a668"),
            ("T4", "TS48"),
            ("T4", "ts48"),
        ]
    ]
    leads = rows(old, "SELECT pickup_row_id, store_code FROM missed_leads ORDER BY 1")
    assert leads == [(1, "A668"), (2, "A668"), (3, "a668")]
    assert {code for (code,) in rows(old, "SELECT store_code FROM repeat_customers")} == {"A668"}
