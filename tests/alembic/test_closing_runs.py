"""Adopting the runs of an earlier system.

What was made stays made, and nothing stands in the way of the index.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib.db import migrations
from lib.db.engine import connect

SUNDAY = date(2025, 11, 16)
WEEKLY = "simplify_dashboard_weekly"
ROW = text("""
    INSERT INTO pipeline_run_summaries (pipeline_name, run_id, run_env, started_at, finished_at, total_time_taken,
        report_date, overall_status, summary_text)
    VALUES (:pipeline, :run_id, 'prod', :at, :at, '00:00:01', :day, :status, '')
""")
DOCUMENT = text("""
    INSERT INTO documents (doc_type, doc_date, reference_name_2, reference_id_2, file_name, mime_type, status)
    VALUES ('store_weekly_pdf', :day, 'run_id', :run_id, 'a.pdf', 'application/pdf', 'ok')
""")


@pytest.fixture
def connection(empty_database):
    """A database of the released revisions, which jobs of an earlier system filled."""
    engine = connect(empty_database, application_name="tests")
    with engine.connect() as connection:
        command.upgrade(migrations.config(connection), "0007_notification_tables")
        yield connection
    engine.dispose()


def add_run(
    connection, run_id, *, status="ok", pipeline=WEEKLY, day=SUNDAY, hours=0, has_reports=True
):
    at = datetime(2025, 11, 17, 3, tzinfo=UTC) + timedelta(hours=hours)
    connection.execute(
        ROW, {"pipeline": pipeline, "run_id": run_id, "at": at, "day": day, "status": status}
    )
    if has_reports:
        connection.execute(DOCUMENT, {"day": day, "run_id": run_id})


def closing(connection):
    rows = connection.execute(
        text("SELECT run_id FROM pipeline_run_summaries WHERE closes ORDER BY run_id")
    )
    return list(rows.scalars())


def upgraded(connection):
    connection.commit()
    command.upgrade(migrations.config(connection), "0008_closing_runs")
    return closing(connection)


def test_of_two_runs_of_a_date_the_later_one_closes_it(connection):
    add_run(connection, "first")
    add_run(connection, "second", status="warning", hours=1)

    assert upgraded(connection) == ["second"]


def test_the_codes_with_and_without_prefix_are_one_pipeline(connection):
    add_run(connection, "old")
    add_run(connection, "renamed", pipeline="dashboard_weekly", hours=1)

    assert upgraded(connection) == ["renamed"]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"status": "warning", "has_reports": False}, id="a run that made nothing"),
        pytest.param({"status": "error"}, id="a run that owes something"),
        pytest.param({"day": None}, id="a run without a date"),
    ],
)
def test_what_does_not_close_stays_open(connection, row):
    add_run(connection, "run", **row)
    assert upgraded(connection) == []


def test_a_second_closed_run_is_impossible_and_a_second_open_one_is_not(connection):
    add_run(connection, "first")
    add_run(connection, "open", status="error", hours=1)
    upgraded(connection)
    with pytest.raises(IntegrityError, match="uq_pipeline_run_summaries_closed"):
        connection.execute(
            text("UPDATE pipeline_run_summaries SET closes = true WHERE run_id = 'open'")
        )


def test_down_and_up_again_adopts_the_same_runs(connection):
    add_run(connection, "run")
    connection.execute(
        text("UPDATE pipeline_run_summaries SET metrics_json = :m"), {"m": json.dumps({"kept": 1})}
    )
    upgraded(connection)
    command.downgrade(migrations.config(connection), "0007_notification_tables")

    assert upgraded(connection) == ["run"]
