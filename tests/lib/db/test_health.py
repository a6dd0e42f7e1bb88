"""What the database check finds, one damage at a time."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from lib.db import health_report
from lib.db.engine import connect
from lib.db.health import Check, examine
from lib.model import Finding, Status

QUESTIONS = [
    "revisions",
    "tables",
    "privileges",
    "order of texts",
    "pipelines",
    "profiles and templates",
    "recipients",
    "readers of all stores",
    "documents",
    "report files",
    "runs of documents and deliveries",
    "running runs",
]
UNPROVEN = """
    ALTER TABLE documents DROP CONSTRAINT documents_run_id_fkey;
    ALTER TABLE documents ADD CONSTRAINT documents_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES pipeline_run_summaries (run_id) NOT VALID
"""
"""What 0013 and 0014 leave in a database with orphans."""
DOCUMENT = """
    INSERT INTO documents (doc_type, reference_name_1, reference_id_1, reference_name_2, reference_id_2, file_name, mime_type)
    VALUES ('store_daily_pdf', 'pipeline', '{pipeline}', 'run_id', '{run_id}', 'A668.pdf', 'application/pdf')
"""
RUN = """
    INSERT INTO pipeline_run_summaries
        (pipeline_name, run_id, run_env, started_at, finished_at, total_time_taken, overall_status, summary_text)
    VALUES ('simplify_dashboard_daily', 'run-1', 'dev', now(), now(), '00:00:00', 'ok', '')
"""


def findings(engine, *damages: str) -> dict[str, list[str]]:
    with engine.connect() as connection:
        for damage in damages:
            connection.execute(text(damage))
        return {
            check.name: [f"{finding.severity}: {finding}" for finding in check.findings]
            for check in examine(connection)
            if check.findings
        }


def test_a_fresh_database_is_fit(engine):
    with engine.connect() as connection:
        assert examine(connection) == [Check(name, ()) for name in QUESTIONS]


@pytest.mark.parametrize(
    ("damages", "found"),
    [
        pytest.param(
            ["DROP TABLE email_templates, notification_recipients"],
            {
                "tables": [
                    "error: the table email_templates is missing",
                    "error: the table notification_recipients is missing",
                ]
            },
            id="missing tables",
        ),
        pytest.param(
            ["DELETE FROM pipelines WHERE code = 'simplify_dashboard_weekly'"],
            {
                "pipelines": [
                    "error: the pipeline simplify_dashboard_weekly has no row in pipelines, so its mails are never sent"
                ],
                "profiles and templates": [
                    "error: simplify_dashboard_weekly has no active profile of scope run, so nobody hears how it went"
                ],
            },
            id="missing pipeline",
        ),
        pytest.param(
            ["INSERT INTO pipelines (code, description) VALUES ('crm_downloader_daily', '')"],
            {
                "pipelines": [
                    "warning: the pipeline crm_downloader_daily is in pipelines, but no job has that code"
                ]
            },
            id="a pipeline that no job has",
        ),
        pytest.param(
            [
                "UPDATE pipelines SET code = replace(code, 'simplify_', '') WHERE code = 'simplify_dashboard_daily'"
            ],
            {
                "pipelines": [
                    "error: the pipeline simplify_dashboard_daily has no row in pipelines, so its mails are never sent",
                    "warning: the pipeline dashboard_daily is in pipelines, but no job has that code",
                ],
                "profiles and templates": [
                    "error: simplify_dashboard_daily has no active profile of scope run, so nobody hears how it went"
                ],
            },
            id="the codes of the edited revision",
        ),
        pytest.param(
            [
                (
                    "UPDATE email_templates SET is_active = false WHERE profile_id IN"
                    " (SELECT id FROM notification_profiles WHERE code = 'store_weekly_reports')"
                )
            ],
            {
                "profiles and templates": [
                    "error: simplify_dashboard_weekly/store_weekly_reports (any) has no active template named default"
                ]
            },
            id="no template",
        ),
        pytest.param(
            [
                """UPDATE notification_recipients SET send_as = 'cc' WHERE profile_id = (
                    SELECT f.id FROM notification_profiles f JOIN pipelines p ON p.id = f.pipeline_id
                    WHERE p.code = 'simplify_dashboard_monthly' AND scope = 'run')"""
            ],
            {
                "recipients": [
                    'error: simplify_dashboard_monthly/run_summary (any) has no active "to" recipient without a store'
                ]
            },
            id="nobody to tell",
        ),
        pytest.param(
            [
                "ALTER TABLE documents DROP CONSTRAINT documents_run_id_fkey",
                DOCUMENT.format(pipeline="simplify_dashboard_daily", run_id="run-2"),
                UNPROVEN.replace("DROP CONSTRAINT", "DROP CONSTRAINT IF EXISTS"),
            ],
            {
                "runs of documents and deliveries": [
                    (
                        "warning: 1 rows of documents belong to a run without a row;"
                        " repair: python -m jobs.db_check --repair-orphans"
                    )
                ]
            },
            id="orphan document",
        ),
        pytest.param(
            [UNPROVEN],
            {
                "runs of documents and deliveries": [
                    "warning: documents_run_id_fkey is not validated; run: python -m jobs.db_check --repair-orphans"
                ]
            },
            id="a key that was never proved",
        ),
        pytest.param(
            [RUN.replace("'ok'", "'running'").replace("now()", "timestamptz '2025-11-14 02:30Z'")],
            {
                "running runs": [
                    (
                        "warning: run run-1 of simplify_dashboard_daily says running since 2025-11-14 02:30 UTC;"
                        " its next run closes it if it was killed"
                    )
                ]
            },
            id="a run that was killed",
        ),
        pytest.param([RUN.replace("'ok'", "'running'")], {}, id="a run at work"),
        pytest.param(
            [RUN, DOCUMENT.format(pipeline="dashboard_daily", run_id="run-1")],
            {
                "documents": [
                    "warning: 1 documents belong to the pipeline dashboard_daily, which no job has"
                ]
            },
            id="document of a pipeline that no job has",
        ),
        pytest.param(
            [RUN, DOCUMENT.format(pipeline="simplify_dashboard_daily", run_id="run-1")],
            {},
            id="good document",
        ),
        pytest.param(
            ["INSERT INTO store_master (store_code) VALUES ('A668'), ('a817')"],
            {},
            id="stores with recipients",
        ),
        pytest.param(
            ["INSERT INTO store_master (store_code, is_active) VALUES ('T105', false)"],
            {},
            id="an inactive store",
        ),
        pytest.param(
            ["INSERT INTO store_master (store_code) VALUES ('T105')"],
            {
                "recipients": [
                    f"warning: T105: profile store_{period}_reports has no recipient; add one in notification_recipients"
                    for period in ("daily", "monthly", "weekly")
                ]
            },
            id="an active store without recipients",
        ),
        pytest.param(
            [
                "INSERT INTO store_master (store_code) VALUES ('T105')",
                "UPDATE notification_recipients SET store_code = NULL WHERE store_code = 'A668'",
            ],
            {},
            id="a recipient of every store",
        ),
        pytest.param(
            [
                (
                    "UPDATE notification_recipients SET is_active = false WHERE profile_id IN"
                    " (SELECT f.id FROM notification_profiles f JOIN pipelines p ON p.id = f.pipeline_id"
                    " WHERE p.code = 'simplify_dashboard_daily' AND scope = 'combined')"
                ),
                (
                    "UPDATE notification_profiles SET is_active = false WHERE id IN"
                    " (SELECT f.id FROM notification_profiles f JOIN pipelines p ON p.id = f.pipeline_id"
                    " WHERE p.code = 'simplify_dashboard_monthly' AND scope = 'combined')"
                ),
            ],
            {
                "readers of all stores": [
                    f"warning: the report of all stores (ALL) of simplify_dashboard_{name} has no reader:"
                    " no active profile of scope combined has a recipient; docs/how-to/add-a-recipient.md"
                    for name in ("daily", "monthly")
                ]
            },
            id="nobody reads about all stores",
        ),
        pytest.param(
            ["UPDATE alembic_version SET version_num = '0999_future'"],
            {
                "revisions": [
                    (
                        "warning: the database is at revision 0999_future, which this version does not have:"
                        " the version that applied it is newer"
                    )
                ]
            },
            id="a newer database",
        ),
    ],
)
def test_it_finds(engine, damages, found):
    assert findings(engine, *damages) == found


def test_a_report_store_without_reader_is_told_before_the_first_run_knows_it(engine):
    with engine.connect() as connection:
        checks = {check.name: check for check in examine(connection, ("A668", "TS48"))}

    assert checks["recipients"].status is Status.WARNING
    assert [str(finding) for finding in checks["recipients"].findings] == [
        f"TS48: profile store_{period}_reports has no recipient; add one in notification_recipients"
        for period in ("daily", "monthly", "weekly")
    ]


def test_an_empty_database_lacks_its_revisions_and_tables_and_is_asked_no_more(empty_database):
    engine = connect(empty_database, application_name="tests")
    found = findings(engine)
    engine.dispose()

    assert list(found) == ["revisions", "tables"]
    assert found["revisions"][0] == "error: 0001_init is not applied; run: python -m jobs.migrate"


CHECKS = [
    Check("tables", ()),
    Check(
        "recipients",
        (Finding(Status.WARNING, "profile x has no active recipient", store_code="T105"),),
    ),
    Check("pipelines", (Finding(Status.ERROR, "the pipeline y has no row"),)),
]


def test_people_read_one_line_a_check_and_the_verdict_last():
    assert health_report.as_text(CHECKS).splitlines() == [
        "OK       tables",
        "WARNING  recipients",
        "         warning: T105: profile x has no active recipient",
        "ERROR    pipelines",
        "         error: the pipeline y has no row",
        "database: error",
    ]


def test_machines_read_the_same_as_json():
    assert json.loads(health_report.as_json(CHECKS)) == {
        "status": "error",
        "checks": [
            {"name": "tables", "status": "ok", "findings": []},
            {
                "name": "recipients",
                "status": "warning",
                "findings": [
                    {
                        "severity": "warning",
                        "text": "profile x has no active recipient",
                        "store_code": "T105",
                    }
                ],
            },
            {
                "name": "pipelines",
                "status": "error",
                "findings": [
                    {"severity": "error", "text": "the pipeline y has no row", "store_code": None}
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    ("columns", "is_missing"),
    [
        pytest.param("'ok', 'fs', '{directory}/there.pdf'", False, id="there"),
        pytest.param("'ok', 'fs', '{directory}/gone.pdf'", True, id="gone"),
        pytest.param("'pruned', 'fs', '{directory}/gone.pdf'", False, id="pruned"),
        pytest.param("'error', 'fs', NULL", False, id="never-made"),
        pytest.param("'ok', 's3', '{directory}/gone.pdf'", False, id="not-on-a-disk"),
        pytest.param(
            "'ok', 'fs', 'reports/2025/gone.pdf'", False, id="relative-path-of-an-earlier-system"
        ),
    ],
)
def test_a_row_that_claims_a_file_that_is_not_there_is_told(engine, tmp_path, columns, is_missing):
    (tmp_path / "there.pdf").touch()
    values = f"""
        INSERT INTO documents (doc_type, file_name, mime_type, status, storage_backend, file_path)
        SELECT 'store_daily_pdf', 'x.pdf', 'application/pdf', {columns.format(directory=tmp_path)}
        FROM generate_series(1, 3)
    """
    said = (
        f"warning: 3 reports are not where documents says, for example {tmp_path}/gone.pdf; "
        "docs/how-to/keep-the-disk-free.md says how they are made again"
    )

    assert findings(engine, values) == ({"report files": [said]} if is_missing else {})
