"""The daily job as its users meet it.

A process, a real browser, a real database, a real mail server.
"""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from demo.portal import Endpoint, Fault, Kind
from demo.portal.exports import Export, rows_of
from lib.db import tables
from lib.model import Bucket
from tests.plugins.chain import LOG, RUN_ID, mailed_reports

FIXED_FIELDS = {"ts", "level", "pipeline_name", "run_id", "phase", "status", "message"}
OTHER_FIELDS = {
    *(
        "store_code",
        "bucket",
        "report_date",
        "counts",
        "duration_ms",
        "path",
        "error_type",
        "error",
    ),
}


def rows(chain, table, *columns):
    with chain.engine.connect() as connection:
        return [
            row._asdict()
            for row in connection.execute(select(*(table.c[name] for name in columns)))
        ]


def count(chain, table):
    with chain.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def run_row(chain):
    [row] = rows(
        chain,
        tables.pipeline_run_summaries,
        *(
            "pipeline_name",
            "run_id",
            "report_date",
            "overall_status",
            "summary_text",
            "phases_json",
            "metrics_json",
        ),
    )
    return row


def report_date(chain):
    return chain.portal.control.today - timedelta(days=1)


def personal_data(chain):
    """Everything about customers that the portal told."""
    names = {"customer_name", "mobile_number", "mobile_no", "special_instruction"}
    names |= {"Mobile No.", "Mobile No"}
    exports = [Export[Endpoint(bucket).name] for bucket in Bucket]
    stores = chain.portal.world.by_code.values()
    today = chain.portal.control.today
    every_row = [
        row
        for e in exports
        for store in stores
        for row in rows_of(chain.portal.world, e, store, today)
    ]
    return {
        value
        for row in every_row
        for name, value in row.items()
        if name in names and len(value) > 5
    }


def test_a_good_morning(morning, after_a_morning):
    chain = after_a_morning

    assert morning.ending.code == 0, morning.ending.output
    day = report_date(chain)
    row = run_row(chain)
    assert (row["run_id"], row["report_date"]) == (RUN_ID, day)
    assert row["overall_status"] in {"ok", "warning"}
    assert count(chain, tables.store_dashboard_summary) == 3
    assert count(chain, tables.missed_leads) > 0
    assert count(chain, tables.undelivered_orders) > 0

    documents = rows(
        chain,
        tables.documents,
        *(c.name for c in tables.documents.c if c.name not in {"id", "created_at"}),
    )
    assert {document["reference_id_3"] for document in documents} == {"A668", "A817", "ALL"}
    for document in documents:
        code = document["reference_id_3"]
        path = chain.volumes / "reports" / f"{day.year}" / f"{code}_{day}.pdf"
        assert Path(document["file_path"]).resolve() == path.resolve()
        assert document["checksum"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert document == document | {
            "doc_type": "store_daily_pdf",
            "doc_subtype": "pipeline_report",
            "doc_date": day,
            "reference_name_1": "pipeline",
            "reference_id_1": "simplify_dashboard_daily",
            "reference_name_2": "run_id",
            "reference_id_2": RUN_ID,
            "reference_name_3": "store_code",
            "storage_backend": "fs",
            "status": "ok",
            "file_size_bytes": path.stat().st_size,
        }
        assert bool(PdfReader(path).get_fields()) is (code != "ALL")

    assert not list((chain.volumes / "data").glob("*.csv")), "files stay after a good audit"
    assert row["metrics_json"]["stores"]["processed"] == sorted(chain.stores)
    assert row["metrics_json"]["stores"]["report_success"] == ["A668", "A817"]
    assert row["metrics_json"]["pdf"]["generated"] == 3


def test_the_mails_of_a_good_morning(after_a_morning):
    chain = after_a_morning

    mails = chain.mailbox.messages()
    day = str(report_date(chain))
    assert mailed_reports(chain) == [(code, day) for code in ("A668", "A817", "ALL")]
    [summary] = [mail for mail in mails if not list(mail.message.iter_attachments())]
    assert "2 of 2 reports made." in summary.message.get_body(("plain",)).get_content()
    for mail in mails:
        if mail is not summary:
            assert all(address.endswith("@example.invalid") for address in mail.recipients)


def test_every_log_line_keeps_the_contract_and_no_customer_is_in_any(morning, after_a_morning):
    chain, done = after_a_morning, morning.ending

    assert len(done.events) == len(done.output.splitlines()), (
        "something that is no JSON was printed"
    )
    for event in done.events:
        assert event.keys() >= FIXED_FIELDS
        assert event.keys() <= FIXED_FIELDS | OTHER_FIELDS
        assert event["pipeline_name"] == "simplify_dashboard_daily"
        assert event["status"] in {"ok", "info", "warning", "error"}
    ends = [event["phase"] for event in done.events if " ended: " in event["message"]]
    assert ends == [
        *("login", "download", "merge", "ingest", "audit", "cleanup", "scrape", "report"),
        *("run_summary", "notify", "run_summary"),
    ]
    assert list(dict.fromkeys(event["phase"] for event in done.events))[:4] == [
        *("db", "login", "scrape", "download"),
    ], "dashboards before exports"
    said = done.output + (chain.volumes / LOG).read_text() + run_row(chain)["summary_text"]
    leaked = [value for value in personal_data(chain) if value in said]
    assert leaked == []
    assert chain.portal.password not in said


def test_a_second_run_on_the_same_day_does_nothing(after_a_morning):
    chain = after_a_morning
    mails, requests = len(chain.mailbox.messages()), chain.portal.control.requests()

    done = chain.run("daily")

    assert done.code == 0
    assert any("nothing to do" in message for message in done.messages("info"))
    assert (len(chain.mailbox.messages()), chain.portal.control.requests()) == (mails, requests)
    assert count(chain, tables.pipeline_run_summaries) == 1


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_one_failing_store_stops_no_other(chain):
    chain.portal.control.add(Fault(Kind.STATUS, Endpoint.DASHBOARD, store="A817", status=500))

    done = chain.run("daily")

    assert done.code == 75
    row = run_row(chain)
    assert row["overall_status"] == "error"
    assert row["metrics_json"]["stores"]["report_success"] == ["A668"]
    assert list(row["metrics_json"]["stores"]["report_failures"]) == ["A817"]
    assert count(chain, tables.store_dashboard_summary) == 2
    assert len(chain.mailbox.messages()) == 3, "the summary, A668's report and that of all"

    chain.portal.control.clear()
    assert chain.run("daily").code == 0
    assert count(chain, tables.store_dashboard_summary) == 3


@pytest.mark.usefixtures("undrawn")
def test_a_login_page_in_place_of_a_csv_is_a_named_gap_and_never_data(chain):
    chain.portal.control.add(Fault(Kind.LOGGED_OUT, Endpoint.MISSED_LEADS, store="A817"))

    done = chain.run("daily")

    assert done.code == 75
    row = run_row(chain)
    assert re.search(r"A817 missed_leads: .+", row["summary_text"])
    assert chain.portal.control.requests(Endpoint.MISSED_LEADS, "A817") == 2, (
        "one re-login, one retry"
    )
    assert chain.portal.control.login_submissions <= 2
    assert row["metrics_json"]["stores"]["processed"] == sorted(set(chain.stores) - {"A817"})
    assert list((chain.volumes / "data").glob("*missed*")), "nothing is cleaned before a good audit"
    assert not list((chain.volumes / "data").glob("A817-missed*"))


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("kind", [Kind.NOT_OWNED, Kind.WRONG_DATE, Kind.NO_TITLE])
def test_a_page_of_another_store_or_day_is_refused(after_a_morning, kind):
    chain = after_a_morning
    before = rows(chain, tables.store_dashboard_summary, "store_id", "mtd_revenue", "run_date_time")
    chain.portal.control.add(Fault(kind, Endpoint.DASHBOARD, store="A817"))

    done = chain.run("daily", "--force", "--no-notify")

    assert done.code == 75
    after = rows(chain, tables.store_dashboard_summary, "store_id", "mtd_revenue", "run_date_time")
    unchanged = [row for row in after if row in before]
    assert len(unchanged) == 1
    assert len(after) == 3


@pytest.mark.parametrize("kind", [Kind.BOUNCED, Kind.BAD_CREDENTIALS])
def test_a_refused_login_is_78_tells_people_and_leaves_the_saved_state_alone(after_a_morning, kind):
    chain = after_a_morning
    [state] = (chain.volumes / "profiles").glob("*.json")
    saved = state.read_bytes()
    chain.portal.control.expire_simplify()
    chain.portal.control.expire_tms()
    chain.portal.control.add(Fault(kind, Endpoint.SUBMIT))
    mails = len(chain.mailbox.messages())

    done = chain.run("daily", "--force")

    assert done.code == 78
    assert state.read_bytes() == saved
    assert state.stat().st_mode & 0o777 == 0o600
    [summary] = chain.mailbox.messages()[mails:]
    assert "0 of 2 reports made" in summary.message.get_body(("plain",)).get_content()


@pytest.mark.usefixtures("undrawn")
def test_a_column_that_the_portal_renamed_is_told_on_its_first_day_as_an_error(after_a_morning):
    """For twelve days it was one warning among others (lesson 29)."""
    chain = after_a_morning
    renamed = Fault(
        Kind.RENAMED_HEADER, Endpoint.DASHBOARD, name="Customer (6 Months Ago)", text="Base"
    )
    chain.portal.control.add(renamed)
    done = chain.run("daily", "--force", "--no-notify")

    assert done.code == 75
    [said] = [text for text in done.messages() if "shows no value" in text]
    assert said.startswith(
        "Repeat Customers shows no value for repeat_customer_base_6m (3 of 3 stores):"
    )
    [change] = [
        text
        for text in done.messages("warning")
        if text.startswith("the portal changed the headers")
    ]
    assert change.endswith("'Customer (6 Months Ago)' is now called 'Base'")


def test_a_portal_out_of_reach_is_75_and_people_are_told(chain):
    away = {
        "TD_BASE_URL": "http://127.0.0.1:9",
        "TMS_BASE": "http://127.0.0.2:9",
        "PORTAL_NETWORK_WAIT_SECONDS": "1",
    }
    done = chain.run("daily", **away)

    assert done.code == 75
    assert run_row(chain)["overall_status"] == "error"
    [summary] = chain.mailbox.messages()
    assert "0 of 2 reports made" in summary.message.get_body(("plain",)).get_content()


def test_a_database_out_of_reach_is_75(chain):
    done = chain.run("daily", DATABASE_URL="postgresql://nobody:secret@127.0.0.1:9/nowhere")

    assert done.code == 75
    assert "127.0.0.1:9/nowhere" in done.output
    assert "secret" not in done.output


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_a_mail_server_out_of_reach_leaves_the_reports_and_owes_the_mails(chain):
    done = chain.run("daily", REPORT_EMAIL_SMTP_PORT="9")

    assert done.code == 75
    row = run_row(chain)
    assert row["overall_status"] == "error"
    assert row["metrics_json"]["pdf"]["generated"] == 3
    assert row["phases_json"]["notify"]["error"] == 4


@pytest.mark.usefixtures("saved_session")
def test_a_dry_run_reads_everything_and_leaves_nothing(chain):
    done = chain.run("daily", "--dry-run")

    assert done.code == 0, done.output
    assert {
        seen.store for seen in chain.portal.control.history() if seen.endpoint is Endpoint.DASHBOARD
    } == set(chain.stores)
    for table in (
        tables.pipeline_run_summaries,
        tables.documents,
        tables.missed_leads,
        tables.store_dashboard_summary,
    ):
        assert count(chain, table) == 0
    assert chain.mailbox.messages() == []
    assert not list(chain.volumes.rglob("*.pdf"))
    assert not list(chain.volumes.rglob("*.csv"))


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_no_notify_sends_no_mail(chain):
    assert chain.run("daily", "--no-notify").code == 0

    assert chain.mailbox.messages() == []
    assert count(chain, tables.documents) == 3


@pytest.mark.usefixtures("saved_session")
def test_a_store_outside_the_configured_ones_is_wrong_usage(chain):
    done = chain.run("daily", "--stores", "A668,Z999")

    assert done.code == 2
    assert done.messages() == [
        "--stores names Z999, but the configured stores are " + ", ".join(chain.stores)
    ]
    assert chain.portal.control.requests() == 0


def test_all_problems_with_the_settings_are_named_before_any_work(chain):
    done = chain.run(
        "daily",
        REPORT_STORES_LIST="A668,B777",
        REPORT_EMAIL_SMTP_HOST=None,
        stores_list="A1",
        RUN_ENV="production",
    )

    assert done.code == 78
    for name in ("REPORT_STORES_LIST", "REPORT_EMAIL_SMTP_HOST", "stores_list", "RUN_ENV"):
        assert any(name in message for message in done.messages()), name
    assert chain.portal.control.requests() == 0
    assert count(chain, tables.pipeline_run_summaries) == 0
