"""What a run's row says after its mails were delivered later, on a real PostgreSQL."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from lib.db.tables import pipeline_run_summaries as runs
from lib.model import RUNNING, Status
from lib.run import MailsSent, amend
from tests.factories.notify_rows import add_run

SENT = MailsSent((Status.OK,), "3 of 3 mails sent", {"planned": 3})
OWED = MailsSent((Status.ERROR,), "0 of 3 mails sent", {"planned": 3})
FINE = {"ok": 1, "warning": 0, "error": 0}
FAILED = {"ok": 0, "warning": 0, "error": 1}
WORKED_OFF = {"report": FINE, "run_summary": FINE, "notify": FAILED}


@pytest.fixture
def amended(engine):
    """Amend a run whose row is the ordinary one with changes.

    Return its status and whether it closes its date.
    """

    def amend_run(sent_mails=SENT, **changes):
        row = {
            "overall_status": "error",
            "phases_json": WORKED_OFF,
            "metrics_json": {"may_close": True},
        }
        add_run(engine, run_id="late", **(row | changes))
        with engine.begin() as connection:
            amend(connection, "late", sent_mails)
        return ending(engine)["late"]

    return amend_run


def ending(engine):
    with engine.connect() as connection:
        found = connection.execute(select(runs.c.run_id, runs.c.overall_status, runs.c.closes))
        return {row.run_id: (row.overall_status, row.closes) for row in found}


def test_the_last_mail_closes_the_date_of_a_run_that_owed_nothing_else(amended):
    assert amended() == ("ok", True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"sent_mails": OWED}, ("error", False), id="a mail is still owed"),
        pytest.param(
            {"metrics_json": {"may_close": False}}, ("ok", False), id="some stores only, or no data"
        ),
        pytest.param({"metrics_json": None}, ("ok", False), id="an earlier system's row"),
        pytest.param(
            {"phases_json": WORKED_OFF | {"scrape": FAILED}}, ("error", False), id="a store is owed"
        ),
        pytest.param(
            {"phases_json": {"report": FINE}}, ("error", False), id="killed before its summary"
        ),
        pytest.param({"overall_status": RUNNING}, (RUNNING, False), id="at work"),
    ],
)
def test_it_stays_as_open_as_what_else_it_owes(amended, changes, expected):
    assert amended(**changes) == expected


@pytest.mark.parametrize(
    ("started_at", "expected"),
    [
        pytest.param(
            datetime(2025, 11, 15, 1, tzinfo=UTC),
            {"late": ("ok", True), "other": ("ok", False)},
            id="older",
        ),
        pytest.param(
            datetime(2025, 11, 16, 1, tzinfo=UTC),
            {"late": ("ok", False), "other": ("ok", True)},
            id="newer",
        ),
    ],
)
def test_of_two_complete_runs_the_newer_one_closes_the_date(engine, amended, started_at, expected):
    add_run(engine, run_id="other", started_at=started_at, overall_status="ok", closes=True)
    amended(started_at=datetime(2025, 11, 15, 2, 30, tzinfo=UTC))

    assert ending(engine) == expected


def test_the_closed_run_of_another_date_is_left_alone(engine, amended):
    add_run(
        engine, run_id="other", report_date=date(2025, 11, 13), overall_status="ok", closes=True
    )

    assert amended() == ("ok", True)
    assert ending(engine)["other"] == ("ok", True)
