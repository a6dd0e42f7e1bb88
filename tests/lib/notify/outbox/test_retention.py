"""Old mails: their text goes, nobody gets one twice, and what was pruned raises no alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from lib import dates
from lib.db import tables
from lib.model import PRUNED, Status
from lib.notify import MailState, preview, send_notifications_for_run
from lib.notify.message.attachment_files import GONE
from lib.pipelines.prune import queries
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_recipient, add_report, add_run, execute
from tests.factories.retention import kind_named

NOW = dates.now()


@pytest.fixture
def send(engine, configured):
    return lambda: send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)


@pytest.fixture
def notified(engine, tmp_path, send):
    """A run whose mails went to everybody, a year ago."""
    add_run(engine)
    path = add_report(engine, tmp_path, "A668")
    send()
    year = timedelta(days=365)
    execute(engine, update(tables.notification_messages).values(planned_at=NOW - year))
    execute(engine, update(tables.notification_deliveries).values(updated_at=NOW - year))
    return path


def texts_of(engine):
    return kind_named("texts of mails", engine)


def forget(engine, days=364, most=1000):
    with engine.begin() as connection:
        return queries.empty(connection, texts_of(engine), NOW - timedelta(days=days), most)


def prune_reports(engine, path):
    execute(engine, update(tables.documents).values(status=PRUNED))
    path.unlink()


def texts(engine):
    with engine.connect() as connection:
        query = "SELECT body = '', to_addresses = '[]', cc_addresses = '[]', subject <> '' FROM notification_messages"
        return {tuple(row) for row in connection.execute(text(query))}


@pytest.mark.usefixtures("notified")
def test_only_the_text_and_the_lists_go_and_only_when_old(engine):
    assert forget(engine, days=366) == 0
    with engine.connect() as connection:
        kept = queries.measure(connection, texts_of(engine), NOW - timedelta(days=364))

    assert (kept.rows, kept.oldest_at) == (2, NOW - timedelta(days=365))
    assert kept.size_bytes > 100
    assert forget(engine, most=1) == 1
    assert forget(engine) == 1
    assert texts(engine) == {(True, True, True, True)}
    assert forget(engine) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"state": "pending"}, id="owed"),
        pytest.param({"state": "sending"}, id="being-sent"),
        pytest.param({"state": "uncertain"}, id="uncertain"),
        pytest.param({"updated_at": NOW}, id="decided-lately"),
    ],
)
@pytest.mark.usefixtures("notified")
def test_one_unsettled_delivery_keeps_the_whole_mail(engine, change):
    one = text("id = (SELECT min(id) FROM notification_deliveries)")
    execute(engine, update(tables.notification_deliveries).where(one).values(change))

    assert forget(engine) == 1
    assert texts(engine) == {(True, True, True, True), (False, False, False, True)}


@pytest.mark.usefixtures("notified")
def test_a_mail_that_is_planned_again_meanwhile_is_not_emptied(engine):
    with engine.begin() as planner:
        planner.execute(text("UPDATE notification_messages SET planned_at = now()"))
        assert forget(engine) == 0, "whoever plans is not waited for"
    assert forget(engine) == 0


@pytest.mark.parametrize("state", [*MailState])
def test_the_reports_of_a_period_with_an_open_mail_are_owed(engine, notified, state):
    one = text("id = (SELECT min(id) FROM notification_deliveries)")
    execute(engine, update(tables.notification_deliveries).where(one).values(state=state))
    with engine.connect() as connection:
        [claim] = queries.claims(connection, notified.parents[1], [notified.name], NOW.date())
    is_settled = state in (MailState.SENT, MailState.FAILED)

    assert claim.needed == (None if is_settled else queries.MAIL_IS_OPEN)


def test_a_pruned_period_is_never_mailed_again(engine, notified, send, mailbox):
    before = len(mailbox.messages())
    forget(engine)
    prune_reports(engine, notified)
    result = send()

    assert len(mailbox.messages()) == before
    assert (result.status, result.count(MailState.SENT)) == (Status.OK, 2)
    assert [
        f"{finding.severity} {finding}"
        for finding in result.findings
        if finding.store_code == "A668"
    ] == [
        f"ok A668: A668_2025-11-14.pdf cannot be attached: {GONE}",
        "ok A668: profile store_daily_reports sends no mail: its reports were pruned",
    ]
    assert texts(engine) == {(True, True, True, True)}


def test_another_run_of_the_pruned_day_mails_nobody_again(engine, notified, configured, mailbox):
    before = {mail.message["Message-ID"] for mail in mailbox.messages()}
    forget(engine)
    prune_reports(engine, notified)
    add_run(engine, run_id="another", metrics_json={"email": {"planned": 2}})
    send_notifications_for_run(PIPELINE, "another", engine=engine, settings=configured)

    assert {mail.message["Message-ID"] for mail in mailbox.messages()} == before


def test_a_new_reader_of_an_old_summary_gets_it_with_a_new_text(engine, notified, send, mailbox):
    forget(engine)
    prune_reports(engine, notified)
    add_recipient(engine, "run_summary", "late@example.invalid")
    before = len(mailbox.messages())
    send()
    [late] = mailbox.messages()[before:]

    assert late.recipients == ("late@example.invalid",)
    assert "Began 15 Nov, 8:00 am IST" in late.message.get_body(("plain",)).get_content()


def test_a_report_made_again_is_no_news_either(engine, notified, send, mailbox, tmp_path):
    forget(engine)
    prune_reports(engine, notified)
    add_report(engine, tmp_path, "A668")
    before = len(mailbox.messages())

    assert send().status is Status.OK
    assert len(mailbox.messages()) == before


def test_a_preview_says_that_the_text_is_gone(engine, notified, configured):
    forget(engine)
    prune_reports(engine, notified)
    mails, _ = preview.preview_mails(engine, PIPELINE, RUN_ID, configured)

    assert {mail.problem for mail in mails} == {
        "jobs.prune removed its text: nothing of it had been owed for long"
    }
