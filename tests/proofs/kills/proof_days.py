"""SIGKILL at each boundary of a run's phases, one after the other.

What is left in the end is what one run leaves.
"""

import signal
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from demo.portal import Endpoint, Fault, Kind
from lib import dates
from lib.db import tables
from lib.db.tables import documents, pipeline_run_summaries
from tests.factories.tables import add_day, add_store
from tests.plugins.chain import mailed_reports

DAILY_PHASES = (
    "login",
    "download",
    "merge",
    "ingest",
    "audit",
    "cleanup",
    "scrape",
    "report",
    "run_summary",
    "notify",
)
PERIOD_PHASES = ("report", "run_summary", "notify")
LOADED = (
    "missed_leads",
    "undelivered_orders",
    "repeat_customers",
    "nonpackage_orders",
    "store_dashboard_summary",
)


def kill(chain, job, phase):
    done = chain.run_module("tests.killed_job", job, phase)
    assert done.code == -signal.SIGKILL, done.output


def rows(chain, query):
    with chain.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def counts(chain):
    tables_ = [tables.metadata.tables[name] for name in LOADED]
    return {table.name: rows(chain, select(func.count()).select_from(table)) for table in tables_}


def reports(chain):
    columns = documents.c.doc_date, documents.c.reference_id_3
    return sorted(rows(chain, select(*columns).where(documents.c.status == "ok")))


def statuses(chain):
    columns = pipeline_run_summaries.c.overall_status, pipeline_run_summaries.c.closes
    return rows(chain, select(*columns).order_by(pipeline_run_summaries.c.id))


def test_a_day_that_was_killed_at_every_boundary(chain):
    chain.portal.control.add(Fault(Kind.STATUS, Endpoint.DASHBOARD, store="T105", status=403))
    for phase in DAILY_PHASES:
        if phase == "scrape":
            # Whatever was read before stays read: this dashboard is all that is left to scrape.
            chain.portal.control.clear()
        kill(chain, "daily", phase)
        assert statuses(chain)[-1] == ("running", False)
    done = chain.run("daily")

    assert done.code == 0, done.output
    *killed, last = statuses(chain)
    assert killed == [("error", False)] * len(DAILY_PHASES)
    assert last in {("ok", True), ("warning", True)}
    before = counts(chain), reports(chain), mailed_reports(chain)
    assert [code for _, code in reports(chain)] == ["A668", "A817", "ALL"]
    assert [code for code, _ in mailed_reports(chain)] == ["A668", "A817", "ALL"]
    [metrics] = rows(
        chain, select(pipeline_run_summaries.c.metrics_json).where(pipeline_run_summaries.c.closes)
    )
    assert metrics[0]["stores"]["processed"] == sorted(chain.stores)
    assert not list((chain.volumes / "data").glob("*.csv")), "no customer data stays on disk"

    assert chain.run("daily", "--force", "--no-notify").code == 0, "an undisturbed run"
    assert counts(chain) == before[0]
    assert {code for _, code in reports(chain)} == {code for _, code in before[1]}


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_what_was_read_before_a_kill_is_reported_although_the_portal_is_away_since(chain):
    chain.portal.control.add(Fault(Kind.STATUS, Endpoint.MISSED_LEADS, store="T105", status=403))
    kill(chain, "daily", "scrape")
    away = {
        "TD_BASE_URL": "http://127.0.0.1:9",
        "TMS_BASE": "http://127.0.0.2:9",
        "PORTAL_NETWORK_WAIT_SECONDS": "1",
    }

    for _ in range(2):
        assert chain.run("daily", **away).code == 75
        assert [code for _, code in reports(chain)] == ["A668", "A817", "ALL"]
        assert [code for code, _ in mailed_reports(chain)] == ["A668", "A817", "ALL"]
    assert statuses(chain) == [("error", False)] * 3

    chain.portal.control.clear()
    assert chain.run("daily").code == 0
    assert statuses(chain)[-1] == ("ok", True)


@pytest.mark.usefixtures("undrawn")
def test_weeks_that_were_killed_at_every_boundary(chain):
    latest = dates.last_complete_week(chain.portal.control.today)
    before = dates.week_of(latest.first - timedelta(days=1))
    for code in ("A668", "A817"):
        add_store(chain.engine, code, f"STORE {code}")
        for week in (before, latest):
            add_day(
                chain.engine, week.first, code, ftd_revenue=1000, pickup_total_count=week.first.day
            )
        # On a Monday a week waits for its last day.
        add_day(chain.engine, latest.last, code, ftd_revenue=1000)
    for phase in PERIOD_PHASES:
        kill(chain, "weekly", phase)
    done = chain.run("weekly")

    assert done.code == 0, done.output
    assert [closes for _, closes in statuses(chain)].count(True) == 2
    assert {status for status, closes in statuses(chain) if not closes} == {"error"}
    codes = ("A668", "A817", "ALL")
    assert reports(chain) == [(week.last, code) for week in (before, latest) for code in codes], (
        "each made once"
    )
    spans = [f"{week.first}/{week.last}" for week in (before, latest)]
    assert mailed_reports(chain) == [(code, span) for code in codes for span in spans]

    mails = len(chain.mailbox.messages())
    assert chain.run("weekly").code == 0
    assert len(chain.mailbox.messages()) == mails, "a second run does nothing"
