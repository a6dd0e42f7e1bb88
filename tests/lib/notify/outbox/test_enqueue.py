"""What is promised again and what is not: re-runs, forced runs, new readers, digests.

Rows in PostgreSQL, real mails.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import stamina
from sqlalchemy import delete, event, select, update

from demo.mailbox import Refusal, Stage
from lib.db import tables
from lib.model import Status
from lib.notify import (
    MailState,
    plan_notifications_for_run,
    send_digest_for_runs,
    send_notifications_for_run,
)
from tests.factories.notify import PIPELINE, RUN, RUN_ID
from tests.factories.notify_rows import add_recipient, add_report, add_run, change_template, execute

DELIVERIES = tables.notification_deliveries
SECOND = "20251115_050000000000"
OPERATORS = 3
READERS = 6
"""Of each of the two seeded stores."""


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def send(engine, configured):
    def send_run(run_id=RUN_ID):
        return send_notifications_for_run(PIPELINE, run_id, engine=engine, settings=configured)

    return send_run


def subjects(mailbox):
    return [str(one.message["Subject"]) for one in mailbox.messages()]


def envelopes(mailbox):
    """Return how often each address got a mail about what."""
    return Counter(
        (recipient, str(one.message["Subject"]))
        for one in mailbox.messages()
        for recipient in one.recipients
    )


def rows(engine, *columns):
    with engine.connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(*columns).order_by(DELIVERIES.c.id))
        ]


def test_a_plan_is_stored_with_the_transaction_that_asks_for_it(
    engine, configured, mailbox, tmp_path
):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    with engine.connect() as connection, connection.begin() as transaction:
        plan_notifications_for_run(connection, PIPELINE, RUN_ID, settings=configured)
        transaction.rollback()
    assert rows(engine, DELIVERIES.c.id) == []

    with engine.begin() as connection:
        plan = plan_notifications_for_run(connection, PIPELINE, RUN_ID, settings=configured)
    assert [mail.store_code for mail in plan.mails] == [None, "A668"]
    assert rows(engine, DELIVERIES.c.state, DELIVERIES.c.attempts) == [("pending", 0)] * (
        OPERATORS + READERS
    )
    assert mailbox.connections == 0


def test_a_second_run_of_a_day_sends_only_what_is_new(engine, send, mailbox, tmp_path):
    add_run(
        engine,
        overall_status="error",
        metrics_json={"stores": {"report_failures": {"A817": "no dashboard"}}},
    )
    add_report(engine, tmp_path, "A668")
    send()
    add_run(engine, run_id=SECOND, started_at=RUN.finished_at)
    add_report(engine, tmp_path, "A668", reference_id_2=SECOND)
    add_report(engine, tmp_path, "A817", reference_id_2=SECOND)
    result = send(SECOND)

    assert Counter(envelopes(mailbox).values()) == {1: 2 * READERS + 2 * OPERATORS}
    assert subjects(mailbox)[0] == "1 STORE FAILED | daily 14 Nov: A817"
    assert subjects(mailbox)[2:] == [
        "OK | daily 14 Nov: 2 reports, 3 mails",
        "A817, Fri 14 Nov: daily report",
    ]
    assert result.message == "3 of 3 mails sent, 1 by earlier runs"
    assert result.status is Status.OK


def test_the_same_bad_news_of_a_retry_are_not_mailed_again(engine, send, mailbox):
    for run_id in (RUN_ID, SECOND, "third"):
        add_run(
            engine,
            run_id=run_id,
            overall_status="error",
            metrics_json={"issues": ["portal: no answer"]},
        )
        send(run_id)

    assert len(mailbox.messages()) == 1
    add_run(
        engine,
        run_id="fourth",
        overall_status="error",
        metrics_json={"issues": ["login: rejected"]},
    )
    send("fourth")
    assert len(mailbox.messages()) == 2


def test_what_the_first_run_could_not_send_goes_with_the_second_in_its_newest_form(
    engine, send, mailbox, tmp_path
):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))

    assert send().status is Status.ERROR
    mailbox.accept_all()
    add_run(engine, run_id=SECOND)
    path = add_report(engine, tmp_path, "A668", reference_id_2=SECOND)
    path.write_bytes(b"%PDF-1.7 newer")
    execute(
        engine,
        update(tables.documents)
        .where(tables.documents.c.reference_id_2 == SECOND)
        .values(checksum=None),
    )
    assert send(SECOND).status is Status.OK
    assert set(envelopes(mailbox).values()) == {1}
    [report] = [one for one in mailbox.messages() if list(one.message.iter_attachments())]
    assert next(report.message.iter_attachments()).get_content() == b"%PDF-1.7 newer"


def test_a_forced_run_mails_its_reports_again_and_once(engine, send, mailbox, tmp_path):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    send()
    add_run(engine, run_id=SECOND, metrics_json={"forced": True})
    add_report(engine, tmp_path, "A668", reference_id_2=SECOND)
    send(SECOND)
    send(SECOND)
    send()

    assert set(envelopes(mailbox).values()) == {2}
    assert len({one.message["Message-ID"] for one in mailbox.messages()}) == 4


def test_a_new_reader_gets_the_mail_and_the_others_do_not_get_it_again(
    engine, send, mailbox, tmp_path
):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    send()
    add_recipient(
        engine, "store_daily_reports", "new@example.invalid", store_code="A668", send_as="cc"
    )
    send()
    [*_, last] = mailbox.messages()

    assert last.recipients == ("new@example.invalid",)
    assert set(envelopes(mailbox).values()) == {1}


def test_who_is_no_reader_any_more_gets_nothing_that_was_owed(engine, send, mailbox, tmp_path):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))
    send()
    mailbox.accept_all()
    gone = "manager-a668@example.invalid"
    table = tables.notification_recipients
    execute(engine, delete(table).where(table.c.email_address == gone))
    result = send()

    assert gone not in {recipient for recipient, _ in envelopes(mailbox)}
    assert result.status is Status.WARNING
    assert ("failed", "is no recipient of the profile any more") in rows(
        engine, DELIVERIES.c.state, DELIVERIES.c.reason
    )


def test_a_template_that_is_corrected_lets_the_owed_mail_go(engine, send, mailbox, tmp_path):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    templates = tables.email_templates
    broken = update(templates).where(templates.c.subject_template.contains("headline"))
    execute(engine, broken.values(subject_template="{{ shop }}"))

    assert [mail.state for mail in send().mails] == [MailState.SENT, MailState.PENDING]
    execute(engine, update(templates).values(subject_template="corrected"))
    assert send().status is Status.OK
    assert len(mailbox.messages()) == 2


def test_an_uncertain_mail_is_named_in_every_later_summary(engine, send, mailbox, tmp_path):
    add_run(engine)
    mailbox.refuse(Refusal(Stage.ACCEPTED, times=1))
    send()
    add_run(engine, run_id=SECOND, report_date=date(2025, 11, 15))
    result = send(SECOND)
    notified = f"nobody knows whether a mail of run {RUN_ID} arrived; decide with: python -m jobs.notify --run-id {RUN_ID}"

    assert any(finding.text.startswith(notified) for finding in result.findings)
    assert notified in mailbox.messages()[-1].message.get_body(("plain",)).get_content().replace(
        "\r\n", "\n"
    )


@pytest.fixture
def three_days(engine, tmp_path):
    """Three runs of three days, each with the reports of both stores.

    Return their ids, oldest first.
    """
    ids = []
    for offset in (2, 1, 0):
        day = RUN.report_on - timedelta(days=offset)
        run_id = f"run-{day}"
        add_run(engine, run_id=run_id, report_date=day, summary_text=f"Summary of {day}")
        for store_code in ("A668", "A817"):
            path = tmp_path / f"{store_code}_{day}.pdf"
            path.write_bytes(f"%PDF- {store_code} {day}".encode())
            changes = {
                "reference_id_2": run_id,
                "doc_date": day,
                "file_name": path.name,
                "file_path": str(path),
            }
            add_report(engine, tmp_path, store_code, **changes, checksum=None)
        ids.append(run_id)
    return ids


@pytest.fixture
def send_digest(engine, configured):
    def send(run_ids):
        return send_digest_for_runs(PIPELINE, run_ids, engine=engine, settings=configured)

    return send


def test_a_digest_is_one_mail_for_each_profile_and_store(three_days, send_digest, mailbox):
    results = send_digest(three_days)

    assert [(run_id, result.message) for run_id, result in results.items()] == [
        (run_id, "3 of 3 mails sent") for run_id in three_days
    ]
    assert subjects(mailbox) == [
        "OK | daily 14 Nov: 2 reports, 3 mails (and 2 earlier)",
        "A668, Fri 14 Nov: daily report (and 2 earlier)",
        "A817, Fri 14 Nov: daily report (and 2 earlier)",
    ]
    report = mailbox.messages()[1].message
    assert [part.get_filename() for part in report.iter_attachments()] == [
        f"A668 \N{EN DASH} {day} Nov 2025.pdf" for day in ("Wed 12", "Thu 13", "Fri 14")
    ]
    text = report.get_body(("plain",)).get_content()
    assert text.splitlines()[:5] == [
        "This mail covers 3 periods:",
        "- Wed 12 Nov: daily report",
        "- Thu 13 Nov: daily report",
        "- Fri 14 Nov: daily report",
        "",
    ]
    assert text.count("You get this because") == 1, "the newest alone is given at length"
    summary = mailbox.messages()[0].message.get_body(("plain",)).get_content()
    assert [f"run run-2025-11-{n}." in summary for n in (12, 13, 14)] == [True] * 3


def test_a_digest_counts_for_each_of_its_periods(engine, three_days, send_digest, send, mailbox):
    send_digest(three_days)
    send_digest(three_days)
    for run_id in three_days:
        assert send(run_id).status is Status.OK

    assert len(mailbox.messages()) == 3
    assert rows(engine, DELIVERIES.c.state) == [("sent",)] * 3 * (OPERATORS + 2 * READERS)


def test_a_digest_that_could_not_go_stays_one_mail(three_days, send_digest, send, mailbox):
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))

    assert {result.status for result in send_digest(three_days).values()} == {Status.ERROR}
    mailbox.accept_all()
    send(three_days[0])
    for run_id in three_days:
        assert send(run_id).status is Status.OK
    assert len(mailbox.messages()) == 3


def test_a_run_of_a_digest_is_told_what_was_found_about_itself(engine, three_days, send_digest):
    add_run(engine, run_id="without-data", report_date=RUN.report_on + timedelta(days=1))
    *others, empty = send_digest([*three_days, "without-data"]).values()

    assert {result.status for result in others} == {Status.OK}
    assert "profile store_daily_reports sends nothing: no store has a document" in [
        one.text for one in empty.findings
    ]


def test_what_was_sent_before_is_not_in_a_digest(three_days, send_digest, send, mailbox):
    send(three_days[0])
    send_digest(three_days)

    assert len(mailbox.messages()) == 6
    report = mailbox.messages()[4].message
    assert [part.get_filename() for part in report.iter_attachments()] == [
        "A668 \N{EN DASH} Thu 13 Nov 2025.pdf",
        "A668 \N{EN DASH} Fri 14 Nov 2025.pdf",
    ]


def test_a_digest_names_the_files_that_are_too_big_for_it(
    three_days, send_digest, mailbox, tmp_path
):
    with (tmp_path / "A668_2025-11-12.pdf").open("wb") as big:
        big.write(b"%PDF-")
        big.truncate(16 * 1024 * 1024)
    send_digest(three_days)
    report = mailbox.messages()[1].message

    assert [part.get_filename() for part in report.iter_attachments()] == [
        "A668 \N{EN DASH} Thu 13 Nov 2025.pdf",
        "A668 \N{EN DASH} Fri 14 Nov 2025.pdf",
    ]
    assert "- A668_2025-11-12.pdf" in report.get_body(("plain",)).get_content()


def test_no_word_of_a_row_is_part_of_a_statement(engine, configured, tmp_path):
    said = []
    canary = "kanarie'); DROP TABLE documents; --%s%(x)s"
    add_run(engine, summary_text=canary, metrics_json={"issues": [canary]})
    add_report(engine, tmp_path, "A668")
    change_template(engine, "store_daily_reports", subject_template=canary, body_template=canary)
    add_recipient(
        engine,
        "store_daily_reports",
        "reader@example.invalid",
        display_name=canary,
        store_code="A668",
    )
    event.listen(
        engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement)
    )
    with engine.begin() as connection:
        plan_notifications_for_run(connection, PIPELINE, RUN_ID, settings=configured)

    assert len(rows(engine, tables.notification_deliveries.c.id)) > 3
    assert [statement for statement in said if "kanarie" in statement] == []
