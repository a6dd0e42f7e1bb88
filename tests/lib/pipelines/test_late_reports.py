"""Owners without a report hear so once, when the daily's last attempt has failed. Real rows, real mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import stamina
from sqlalchemy import select, update

from demo.mailbox import Refusal, Stage
from lib.config.settings import MailSettings
from lib.db import tables
from lib.db.engine import connect
from lib.model import Pipeline
from lib.notify import send_notifications_for_run
from lib.pipelines import late_reports
from lib.run.lock import locked
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_report, add_run, execute, settings

NOW = datetime(2025, 11, 15, 5, 0, tzinfo=UTC)
REPORT_ON = date(2025, 11, 14)
ISSUES = (
    "Status: error\n\nIssues:\n- A817: A817: the dashboard is missing: a server error (status 500)"
)
LATE = "Late: A817, Fri 14 Nov"
READERS = 6


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def configured(mailbox, tmp_path):
    mail = MailSettings(
        mailbox.host,
        mailbox.port,
        "reports@example.invalid",
        use_tls=False,
        reply_to="chain@example.invalid",
    )
    return replace(settings(tmp_path, mail), report_stores=("A668", "A817"))


@pytest.fixture
def announce(engine, configured):
    return lambda: late_reports.announce(engine, configured, NOW)


@pytest.fixture
def half_a_morning(engine, tmp_path):
    """A run that made the report of A668 and could not make that of A817."""
    add_run(engine, overall_status="error", summary_text=ISSUES)
    add_report(engine, tmp_path, "A668")


@pytest.fixture
def send(engine, configured):
    return lambda run_id=RUN_ID: send_notifications_for_run(
        PIPELINE, run_id, engine=engine, settings=configured
    )


def sent(mailbox):
    mails = [(str(one.message["Subject"]), len(one.recipients)) for one in mailbox.messages()]
    return [(subject, readers) for subject, readers in mails if "STORE" not in subject]


@pytest.mark.usefixtures("half_a_morning")
def test_readers_of_the_store_without_a_report_hear_so_once_and_no_others(announce, mailbox):
    announce()
    announce()

    assert sent(mailbox) == [(LATE, READERS)]
    [mail] = mailbox.messages()
    assert mail.message.get_body(("plain",)).get_content().splitlines() == [
        "A817",
        "Friday 14 Nov",
        "",
        "This report is not there yet.",
        "Reason: a server error (status 500)",
        "If it can still be made, it comes by mail. There is nothing that you have to do.",
        "",
        (
            "You get this because the reports of A817 are mailed to this address."
            " Wrong person? Reply to this mail."
        ),
    ]
    assert not list(mail.message.iter_attachments())
    assert str(mail.message["Reply-To"]) == "chain@example.invalid"


@pytest.mark.usefixtures("half_a_morning")
def test_a_report_that_comes_after_the_word_is_mailed_as_ever(
    engine, announce, send, mailbox, tmp_path
):
    announce()
    add_run(engine, run_id="second")
    add_report(engine, tmp_path, "A817", reference_id_2="second")
    send("second")
    send("second")

    report = ("A817, Fri 14 Nov: daily report", READERS)
    assert [one for one in sent(mailbox) if "A817" in one[0]] == [(LATE, READERS), report]


@pytest.mark.usefixtures("half_a_morning")
def test_a_report_that_comes_before_the_word_could_go_takes_its_place(
    engine, announce, send, mailbox, tmp_path
):
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))
    announce()
    mailbox.accept_all()
    add_run(engine, run_id="second")
    add_report(engine, tmp_path, "A817", reference_id_2="second")
    send("second")

    about = [subject for subject, _ in sent(mailbox) if "A817" in subject]
    assert about == ["A817, Fri 14 Nov: daily report"]


@pytest.mark.usefixtures("half_a_morning")
def test_a_word_that_is_owed_again_does_not_go_after_the_report(
    engine, announce, send, mailbox, tmp_path
):
    announce()
    add_run(engine, run_id="second")
    add_report(engine, tmp_path, "A817", reference_id_2="second")
    send("second")
    before = len(mailbox.messages())

    # As after `jobs.notify --resend` for a reader who had refused it.
    deliveries = tables.notification_deliveries
    is_late = deliveries.c.content_version == "late report"
    execute(engine, update(deliveries).where(is_late).values(state="pending"))
    send("second")
    assert len(mailbox.messages()) == before


@pytest.mark.usefixtures("half_a_morning")
def test_a_word_that_could_not_go_is_owed_and_goes_later(announce, send, mailbox):
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))
    announce()
    assert sent(mailbox) == []

    mailbox.accept_all()
    send()
    assert (LATE, READERS) in sent(mailbox)


def test_with_every_report_there_nobody_hears_anything(engine, announce, mailbox, tmp_path):
    add_run(engine, overall_status="error")
    for code in ("A668", "A817"):
        add_report(engine, tmp_path, code)

    announce()
    assert mailbox.messages() == []


@pytest.mark.usefixtures("half_a_morning")
def test_a_run_that_is_at_work_may_still_make_it(engine, announce, mailbox):
    with locked(engine, Pipeline.DAILY):
        add_run(engine, run_id="at-work", overall_status="running", started_at=NOW)
        announce()
        assert mailbox.messages() == []

    announce()
    assert sent(mailbox) == [(LATE, READERS)], "that run was killed"


def test_a_job_that_failed_before_its_run_began_leaves_a_row_that_says_so(
    engine, announce, mailbox
):
    announce()
    announce()

    assert [subject for subject, _ in sent(mailbox)] == ["Late: A668, Fri 14 Nov", LATE]
    runs = tables.pipeline_run_summaries.c
    with engine.connect() as connection:
        query = select(runs.report_date, runs.overall_status, runs.summary_text)
        [(on, status, text)] = connection.execute(query)

    assert (on, status) == (REPORT_ON, "error")
    assert text.endswith("Issues:\n- the daily job failed before it began; its log says why")


def test_a_database_that_takes_nothing_raises_nothing(database, configured, mailbox):
    read_only = f"{database}?options=-c%20default_transaction_read_only%3Don"
    engine = connect(read_only, application_name="tests")
    late_reports.announce(engine, configured, NOW)
    engine.dispose()
    assert mailbox.messages() == []
