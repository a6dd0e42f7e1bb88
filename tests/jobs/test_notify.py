"""jobs.notify and jobs.notifications_test as operators start them, with a database and a mail server that are real."""

from __future__ import annotations

import hashlib
import ssl
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import trustme
from sqlalchemy import func, select, update

from demo.mailbox import Refusal, Stage, run_mailbox
from lib.db import tables
from tests.factories.notify import PIPELINE, RUN, RUN_ID
from tests.factories.notify_rows import add_report, add_run, change_template, execute
from tests.programs import messages, run_job

DELIVERIES = tables.notification_deliveries
WORKED_OFF = {
    "report": {"ok": 2, "warning": 0, "error": 0},
    "run_summary": {"ok": 1, "warning": 0, "error": 0},
}
ONE_UNCERTAIN = Refusal(Stage.ACCEPTED, times=1)


@pytest.fixture
def job(engine, database, mailbox, tmp_path):
    """Run a job against the database, with one ended run and its two reports, and the mailbox."""
    add_run(engine, phases_json=WORKED_OFF, metrics_json={"may_close": True})
    for store_code in ("A668", "A817"):
        add_report(engine, tmp_path, store_code)

    def run(name, *flags, **changes):
        environment = {
            "DATABASE_URL": database,
            "REPORTS_ROOT": str(tmp_path),
            "REPORT_EMAIL_SMTP_HOST": mailbox.host,
            "REPORT_EMAIL_SMTP_PORT": str(mailbox.port),
            "REPORT_EMAIL_FROM": "reports@example.invalid",
            "REPORT_EMAIL_USE_TLS": "false",
        }
        return run_job(name, *flags, cwd=tmp_path, **(environment | changes))

    return run


def rows(engine, *columns):
    with engine.connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(*columns).order_by(DELIVERIES.c.id))
        ]


def run_row(engine):
    with engine.connect() as connection:
        return connection.execute(select(tables.pipeline_run_summaries)).one()


def test_what_a_run_owes_is_delivered_once_and_its_row_says_so(engine, job, mailbox):
    first = job("notify", "--run-id", RUN_ID)
    second = job("notify", "--pipeline", PIPELINE, "--report-date", "2025-11-14")

    assert (first.returncode, second.returncode) == (0, 0), first.stdout
    assert len(mailbox.messages()) == 3
    row = run_row(engine)
    assert row.metrics_json["email"]["message"] == "3 of 3 mails sent"
    assert row.phases_json["notify"] == {"ok": 3, "warning": 0, "error": 0}
    assert row.summary_text.splitlines()[-2:] == [
        "- notify: OK (3 of 3 mails sent)",
        "Mails since: 3 of 3 mails sent",
    ]


def test_a_server_that_is_away_is_75_until_it_is_back(engine, job, mailbox):
    away = job("notify", "--run-id", RUN_ID, REPORT_EMAIL_SMTP_PORT="1")
    assert away.returncode == 75
    assert run_row(engine).overall_status == "error"
    assert {
        (state, attempts)
        for state, attempts in rows(engine, DELIVERIES.c.state, DELIVERIES.c.attempts)
    } == {("pending", 1)}
    assert all(at for (at,) in rows(engine, DELIVERIES.c.next_attempt_at))

    not_due = job("notify")
    assert not_due.returncode == 0
    assert messages(not_due)[-1].startswith(
        "ok: no mail is due: 3 wait for their next attempt, the first for 20"
    )
    assert messages(not_due)[-1].endswith(
        " UTC; --run-id, or --pipeline with --report-date, tries now"
    )
    execute(engine, update(DELIVERIES).values(next_attempt_at=DELIVERIES.c.created_at))
    back = job("notify")
    assert (back.returncode, run_row(engine).overall_status) == (0, "ok")
    assert len(mailbox.messages()) == 3


def test_the_last_mail_that_was_owed_closes_the_day(engine, job):
    assert job("notify", "--run-id", RUN_ID, REPORT_EMAIL_SMTP_PORT="1").returncode == 75

    assert (run_row(engine).overall_status, run_row(engine).closes) == ("error", False)
    assert job("notify", "--run-id", RUN_ID).returncode == 0
    assert (run_row(engine).overall_status, run_row(engine).closes) == ("ok", True)


def test_refused_credentials_are_78_and_the_mails_stay_owed(engine, job, tmp_path):
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with run_mailbox(tmp_path / "strict", starttls=context, login=("reports", "right")) as strict:
        port = {
            "REPORT_EMAIL_SMTP_PORT": str(strict.port),
            "REPORT_EMAIL_SMTP_USERNAME": "reports",
            "REPORT_EMAIL_USE_TLS": "true",
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        }
        refused = job("notify", "--run-id", RUN_ID, **port, REPORT_EMAIL_SMTP_PASSWORD="wrong")
        assert (refused.returncode, run_row(engine).overall_status) == (78, "error"), refused.stdout
        assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"pending"}
        corrected = job("notify", "--run-id", RUN_ID, **port, REPORT_EMAIL_SMTP_PASSWORD="right")
        assert (corrected.returncode, run_row(engine).overall_status) == (0, "ok"), corrected.stdout
        assert len(strict.messages()) == 3


def test_a_server_that_refuses_every_mail_is_78_and_nothing_is_final(engine, job, mailbox):
    mailbox.refuse(Refusal(Stage.DATA, "554 5.2.252 SendAsDenied"))
    refused = job("notify", "--run-id", RUN_ID)
    assert refused.returncode == 78, refused.stdout
    assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"pending"}
    row = run_row(engine)
    assert (row.overall_status, row.closes) == ("error", False)
    assert row.metrics_json["email"]["message"] == "0 of 3 mails sent, 3 pending"
    assert "pending (A668, A817)" in job("status").stdout

    mailbox.accept_all()
    corrected = job("notify", "--run-id", RUN_ID)
    assert (corrected.returncode, run_row(engine).closes) == (0, True)
    assert len(mailbox.messages()) == 3


def test_an_allowance_that_is_used_up_is_75(engine, job, mailbox):
    mailbox.refuse(Refusal(Stage.DATA, "550 5.4.5 daily user sending quota exceeded"))

    assert job("notify", "--run-id", RUN_ID).returncode == 75
    assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"pending"}


def test_a_refused_reader_is_in_the_overview_with_the_way_to_send_again(engine, job, mailbox):
    mailbox.refuse(Refusal(Stage.RECIPIENT, "550 5.1.1 no", address="store-a817@example.invalid"))

    assert job("notify", "--run-id", RUN_ID).returncode == 0
    execute(engine, update(DELIVERIES).values(report_date=func.current_date()))
    shown = job("status").stdout
    assert "refused for good (A817)" in shown, shown
    assert "--resend" in shown
    assert "Nothing to do" not in shown


def test_what_was_refused_is_sent_again_when_a_person_asks(engine, job, mailbox):
    mailbox.refuse(Refusal(Stage.RECIPIENT, "550 5.1.1 no", address="store-a817@example.invalid"))
    job("notify", "--run-id", RUN_ID)
    mailbox.accept_all()
    again = job("notify", "--run-id", RUN_ID, "--resend")

    assert again.returncode == 0, again.stdout
    assert mailbox.messages()[-1].recipients == ("store-a817@example.invalid",)
    assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"sent"}


def test_a_template_that_keeps_a_mail_back_is_78_and_stops_no_other(engine, job, mailbox):
    change_template(engine, "store_daily_reports", body_template="{{ store_manager }}")

    assert job("notify", "--run-id", RUN_ID).returncode == 78
    assert len(mailbox.messages()) == 1


def test_every_run_of_the_day_hears_of_the_mails_it_was_open_for(engine, job):
    job("notify", "--run-id", RUN_ID, REPORT_EMAIL_SMTP_PORT="1")
    add_run(
        engine,
        run_id="later",
        started_at=RUN.started_at + timedelta(hours=1),
        phases_json=WORKED_OFF,
    )

    assert job("notify", "--pipeline", PIPELINE, "--report-date", "2025-11-14").returncode == 0
    with engine.connect() as connection:
        columns = tables.pipeline_run_summaries.c
        assert set(connection.execute(select(columns.overall_status)).scalars()) == {"ok"}


@pytest.mark.parametrize(("decision", "mails"), [("--accept", 3), ("--resend", 4)])
def test_a_person_decides_what_is_uncertain(engine, job, mailbox, decision, mails):
    mailbox.refuse(ONE_UNCERTAIN)
    unsure = job("notify", "--run-id", RUN_ID)
    assert unsure.returncode == 0
    assert any(
        "--accept (it is there) or --resend (it is not)" in text for text in messages(unsure)
    )
    assert job("notify", "--run-id", RUN_ID).returncode == 0
    assert len(mailbox.messages()) == 3, "nothing goes again by itself"

    assert job("notify", "--run-id", RUN_ID, decision).returncode == 0
    assert len(mailbox.messages()) == mails
    assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"sent"}
    assert len({one.message["Message-ID"] for one in mailbox.messages()}) == 3, (
        "sent again under its own Message-ID"
    )


def test_a_profile_may_let_uncertain_mails_go_again_by_themselves(engine, job, mailbox):
    execute(engine, update(tables.notification_profiles).values(resend_uncertain=True))
    mailbox.refuse(ONE_UNCERTAIN)
    job("notify", "--run-id", RUN_ID)
    job("notify", "--run-id", RUN_ID)

    assert {state for (state,) in rows(engine, DELIVERIES.c.state)} == {"sent"}
    assert len(mailbox.messages()) == 4


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--run-id", "nobody"), "there is no run nobody"),
        (("--pipeline", PIPELINE), "give --run-id, or --pipeline and --report-date together"),
        (("--pipeline", PIPELINE, "--report-date", "2025-11-13"), "has no run for 2025-11-13"),
        (("--pipeline", PIPELINE, "--report-date", "yesterday"), "'yesterday' is not a date"),
        (("--accept",), "--accept needs --run-id"),
        (("--run-id", RUN_ID, "--accept", "--resend"), "say the opposite"),
    ],
)
def test_wrong_usage_sends_nothing(job, mailbox, flags, says):
    done = job("notify", *flags)

    assert done.returncode == 2, done.stdout
    assert says in done.stdout
    assert mailbox.messages() == []


def test_the_preview_is_what_is_sent_later_to_the_byte(engine, job, mailbox, tmp_path):
    done = job("notifications_test", "--run-id", RUN_ID, "--preview", "preview")
    assert done.returncode == 0, done.stdout
    assert mailbox.messages() == []
    assert rows(engine, DELIVERIES.c.id) == [], "a preview leaves nothing behind"

    job("notify", "--run-id", RUN_ID)
    previewed = sorted(
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "preview").glob("*.eml")
    )
    with engine.connect() as connection:
        recorded = sorted(
            connection.execute(select(tables.notification_messages.c.sha256)).scalars()
        )
    sent = [one.path.read_bytes() for one in mailbox.messages()]
    assert previewed == recorded
    assert all(
        any(arrived.endswith(path.read_bytes()) for arrived in sent)
        for path in (tmp_path / "preview").glob("*.eml")
    )
    assert len(list((tmp_path / "preview").glob("*.html"))) == 1 + 3


def test_previews_of_several_runs_stand_side_by_side(engine, job, tmp_path):
    add_run(engine, pipeline_name="simplify_dashboard_weekly", run_id="weekly")
    done = job("notifications_test", "--preview", "preview")
    names = [
        line.removeprefix("wrote preview/")
        for line in done.stdout.splitlines()
        if line.startswith("wrote")
    ]

    assert (len(names), sorted(names)) == (
        4,
        sorted(path.name for path in (tmp_path / "preview").glob("*.eml")),
    )


def test_the_preview_lists_each_mail_with_readers_files_and_reason(job):
    shown = job("notifications_test", "--pipeline", PIPELINE).stdout
    for part in (
        "lets us in unencrypted",
        f"run {RUN_ID} of {PIPELINE}: 3 mails",
        "A668, Fri 14 Nov: daily report: would go",
        "to       store-a668@example.invalid (pending)",
        "attached A668 \N{EN DASH} Fri 14 Nov 2025.pdf",
        "profile store_daily_reports (env any) tells these readers about store A668",
    ):
        assert part in shown, shown


def test_a_mail_that_could_not_go_is_78(engine, job):
    change_template(engine, "store_daily_reports", body_template="{{ store_manager }}")
    done = job("notifications_test", "--run-id", RUN_ID)

    assert done.returncode == 78
    assert (
        "cannot go: the body template cannot be rendered: 'store_manager' is undefined"
        in done.stdout
    )


def test_a_mail_that_was_sent_is_no_error_although_its_text_is_gone(engine, job):
    assert job("notify", "--run-id", RUN_ID).returncode == 0
    execute(engine, update(tables.notification_messages).values(body=""))
    done = job("notifications_test", "--run-id", RUN_ID)

    assert done.returncode == 0, done.stdout
    assert "A668, Fri 14 Nov: daily report: is sent" in done.stdout
    assert "ERROR" not in done.stdout


def test_a_store_with_a_report_and_no_reader_is_a_warning_as_in_db_check_and_in_the_run(
    engine, job, tmp_path
):
    add_report(engine, tmp_path, "TS48")
    done = job("notifications_test", "--run-id", RUN_ID)

    assert done.returncode == 0
    assert "WARNING  TS48: there is a document" in done.stdout
    assert (
        "TS48: there is a document, but profile store_daily_reports has no recipient" in done.stdout
    )


def test_a_server_out_of_reach_is_75(job):
    assert job("notifications_test", REPORT_EMAIL_SMTP_PORT="1").returncode == 75


def test_send_to_reaches_nobody_but_its_address(engine, job, mailbox):
    done = job("notifications_test", "--run-id", RUN_ID, "--send-to", "tester@example.invalid")

    assert done.returncode == 0, done.stdout
    [one] = mailbox.messages()
    assert one.recipients == ("tester@example.invalid",)
    raw = message_from_bytes(one.path.read_bytes(), policy=policy.default)
    assert [raw["To"], raw["Cc"]] == ["tester@example.invalid", None]
    assert str(raw["Subject"]).startswith("[test] ")
    assert rows(engine, DELIVERIES.c.id) == []


def test_send_to_takes_one_address(job, mailbox):
    assert (
        job("notifications_test", "--send-to", "a@example.invalid, b@example.invalid").returncode
        == 2
    )
    assert mailbox.messages() == []
