"""Rows in PostgreSQL in, real mails and a result out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import stamina
from sqlalchemy import delete, select

from demo.mailbox import Refusal, Stage, run_mailbox
from lib import log
from lib.config.settings import MailSettings
from lib.db import tables
from lib.errors import Interrupted
from lib.model import Status
from lib.notify import MailState, send_notifications_for_run
from lib.notify.message import mime
from lib.notify.message.attachment_files import MAX_FILE_BYTES
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import (
    PDF,
    add_recipient,
    add_report,
    add_run,
    change_template,
    execute,
    remove_recipients,
    settings,
)

OPERATORS = ("pipelines@example.invalid", "operations@example.invalid", "owner@example.invalid")
A668_PEOPLE = tuple(
    f"{who}-a668@example.invalid"
    for who in ("store", "owner", "manager", "operations", "quality", "accounts")
)
A817_PEOPLE = tuple(address.replace("a668", "a817") for address in A668_PEOPLE)


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def send(engine, mailbox, tmp_path):
    """Send the run's mails to the mailbox, with changed mail settings if given."""

    def send_with(**changes):
        mail = MailSettings(
            mailbox.host, mailbox.port, "Reports <reports@example.invalid>", use_tls=False
        )
        configured = settings(tmp_path, replace(mail, **changes))
        return send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)

    return send_with


@pytest.fixture
def run_with_reports(engine, tmp_path):
    """The ordinary run, which made the reports of both seeded stores."""
    add_run(engine, summary_text="Status: ok\nA line.")
    for store_code in ("A817", "A668"):
        add_report(engine, tmp_path, store_code)


NO_COMBINED = "ok ALL: profile all_stores_report sends no mail: no document"
"""These runs have reports of single stores only."""


def states(result) -> dict[str, MailState]:
    return {mail.name: mail.state for mail in result.mails}


def findings(result) -> list[str]:
    return [f"{finding.severity} {finding}" for finding in result.findings]


def test_the_seeds_send_the_summary_to_operators_and_each_report_to_its_store(
    run_with_reports, send, mailbox
):
    result = send()

    assert (result.status, result.message) == (Status.OK, "3 of 3 mails sent")
    assert findings(result) == [NO_COMBINED]
    received = mailbox.messages()
    assert [one.recipients for one in received] == [OPERATORS, A668_PEOPLE, A817_PEOPLE]
    assert [str(one.message["Subject"]) for one in received] == [
        "OK | daily 14 Nov: 2 reports, 3 mails",
        "A668, Fri 14 Nov: daily report",
        "A817, Fri 14 Nov: daily report",
    ]
    assert [
        [(part.get_filename(), part.get_content()) for part in one.message.iter_attachments()]
        for one in received[1:]
    ] == [
        [(f"{code} \N{EN DASH} Fri 14 Nov 2025.pdf", PDF + code.encode())]
        for code in ("A668", "A817")
    ]
    text = received[0].message.get_body(("plain",)).get_content()
    assert text.splitlines() == [
        "2 reports made.",
        "",
        f"Began 15 Nov, 8:00 am IST, took 11 min 46 s. Environment dev, run {RUN_ID}.",
    ]
    assert {one.sender for one in received} == {"reports@example.invalid"}
    assert mailbox.connections == 1


def test_a_second_call_sends_nothing_twice(run_with_reports, send, mailbox):
    first = send()

    assert send() == first
    assert len(mailbox.messages()) == 3


def test_a_run_without_documents_is_told_to_operators_with_its_reason(engine, send, mailbox):
    add_run(
        engine,
        overall_status="error",
        metrics_json={"issues": ["download A668 missed_leads: timed out"]},
    )
    result = send()
    [only] = mailbox.messages()

    assert only.recipients == OPERATORS
    assert str(only.message["Subject"]) == (
        "FAILED | daily 14 Nov: download A668 missed_leads: timed out"
    )
    assert only.message.get_body(("plain",)).get_content().splitlines()[:6] == [
        "Notification problems:",
        "- profile store_daily_reports sends nothing: no store has a document",
        "",
        "No report made.",
        "",
        "What went wrong:",
    ]
    assert states(result) == {"run_summary": MailState.SENT}
    assert result.status is Status.WARNING


def test_bcc_readers_are_in_the_envelope_only(engine, run_with_reports, send, mailbox):
    add_recipient(
        engine, "run_summary", "silent@example.invalid", send_as="bcc", display_name="Silent Reader"
    )
    send()
    summary = mailbox.messages()[0]

    assert summary.recipients == (*OPERATORS, "silent@example.invalid")
    assert b"Silent" not in summary.path.read_bytes()
    assert "silent" not in str(summary.message)


def test_a_store_with_a_report_and_no_reader_is_named_to_the_operators(
    engine, run_with_reports, send, mailbox, tmp_path
):
    add_report(engine, tmp_path, "TS48")
    result = send()
    named = "TS48: there is a document, but profile store_daily_reports has no recipient; add one in notification_recipients"

    assert findings(result) == [f"warning {named}", NO_COMBINED]
    assert result.status is Status.WARNING
    assert named in mailbox.messages()[0].message.get_body(("plain",)).get_content().replace(
        "\r\n", "\n"
    )


def test_one_bad_template_stops_its_own_mails_only(engine, run_with_reports, send, mailbox):
    change_template(engine, "store_daily_reports", body_template="{{ store_manager }}")
    result = send()

    assert states(result) == {
        "run_summary": MailState.SENT,
        "store_daily_reports A668": MailState.PENDING,
        "store_daily_reports A817": MailState.PENDING,
    }
    problem = "the body template cannot be rendered: 'store_manager' is undefined"
    assert findings(result) == [
        f"error profile store_daily_reports: {problem}; correct email_templates",
        NO_COMBINED,
    ]
    assert {mail.reason for mail in result.mails[1:]} == {problem}
    assert len(mailbox.messages()) == 1


@pytest.mark.parametrize(
    "address",
    ["x@example.invalid\r\nBcc: y@example.invalid", "x@example.invalid, y@example.invalid"],
)
def test_an_address_that_is_more_than_an_address_is_left_out(
    engine, run_with_reports, send, mailbox, address
):
    add_recipient(engine, "run_summary", address, display_name="X")
    result = send()

    assert result.status is Status.WARNING
    assert "of profile run_summary is left out" in findings(result)[0]
    assert mailbox.messages()[0].recipients == OPERATORS
    assert "y@example.invalid" not in json.dumps(result.as_metrics())


def test_a_store_name_cannot_add_a_header(engine, run_with_reports, send, mailbox):
    execute(
        engine,
        tables.store_master.insert().values(
            store_code="A668", store_name="Road\r\nBcc: thief@example.invalid"
        ),
    )
    change_template(engine, "store_daily_reports", subject_template="{{ store_name }}")
    result = send()

    assert states(result)["store_daily_reports A668"] is MailState.PENDING
    assert states(result)["store_daily_reports A817"] is MailState.SENT
    assert not any("thief@example.invalid" in one.recipients for one in mailbox.messages())


def test_a_report_that_is_gone_or_changed_is_not_sent_and_is_owed(
    engine, run_with_reports, send, mailbox, tmp_path
):
    (tmp_path / "A668_2025-11-14.pdf").unlink()
    (tmp_path / "A817_2025-11-14.pdf").write_bytes(b"%PDF-1.7 another report")
    result = send()
    gone = "its file cannot be read: FileNotFoundError: No such file or directory"
    changed = "its file is not the one that was recorded (another SHA-256)"
    again = "docs/how-to/keep-the-disk-free.md says how it is made again"

    assert findings(result) == [
        f"error A817: A817_2025-11-14.pdf cannot be attached: {changed}; {again}",
        f"error A668: A668_2025-11-14.pdf cannot be attached: {gone}; {again}",
        "error A668: profile store_daily_reports sends no mail: none of its documents can be attached",
        "error A817: profile store_daily_reports sends no mail: none of its documents can be attached",
        NO_COMBINED,
    ]
    assert (result.status, len(mailbox.messages())) == (Status.ERROR, 1)


def test_documents_of_other_runs_pipelines_and_failed_ones_are_not_sent(
    engine, send, mailbox, tmp_path
):
    add_run(engine)
    add_run(engine, run_id="another run")
    add_report(engine, tmp_path, "A668", reference_id_2="another run", doc_date=None)
    add_report(engine, tmp_path, "A668", reference_id_1="simplify_dashboard_weekly")
    add_report(engine, tmp_path, "A668", status="error")
    send()

    assert [one.recipients for one in mailbox.messages()] == [OPERATORS]


def test_a_path_in_the_row_may_be_relative_to_the_reports_root(engine, send, mailbox, tmp_path):
    add_run(engine)
    add_report(engine, tmp_path, "A668", file_path="A668_2025-11-14.pdf")

    assert states(send())["store_daily_reports A668"] is MailState.SENT


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(Stage.DATA, "554 5.7.1 no", times=1), (MailState.PENDING, Status.ERROR)),
        (Refusal(Stage.DATA, "451 4.3.0 later", times=1), (MailState.PENDING, Status.ERROR)),
        (Refusal(Stage.ACCEPTED, times=1), (MailState.UNCERTAIN, Status.WARNING)),
        (
            Refusal(Stage.RECIPIENT, "550 5.1.1 no", address=OPERATORS[1]),
            (MailState.SENT, Status.WARNING),
        ),
        (
            Refusal(Stage.RECIPIENT, "450 4.2.1 later", address=OPERATORS[1]),
            (MailState.SENT, Status.ERROR),
        ),
    ],
)
def test_the_end_of_one_mail_is_its_own_and_decides_the_status(
    run_with_reports, send, mailbox, refusal, expected
):
    mailbox.refuse(refusal)
    result = send()

    assert (result.mails[0].state, result.status) == expected
    assert [mail.state for mail in result.mails[1:]] == [MailState.SENT, MailState.SENT]


def test_a_report_too_big_for_any_server_is_not_sent_and_the_others_go(
    engine, run_with_reports, send, tmp_path
):
    path = add_report(engine, tmp_path, "A668", checksum=None)
    with path.open("wb") as big:
        big.write(b"%PDF-1.7")
        big.truncate(MAX_FILE_BYTES)
    result = send()

    assert states(result)["store_daily_reports A668"] is MailState.PENDING
    assert result.mails[1].reason.startswith("it would have ")
    assert states(result)["store_daily_reports A817"] is MailState.SENT


def test_whatever_a_library_makes_of_one_mail_the_others_go(run_with_reports, send, monkeypatch):
    def build(mail, **facts):
        if mail.store_code == "A668":
            raise RuntimeError("store-a668@example.invalid")
        return real(mail, **facts)

    real = mime.build
    monkeypatch.setattr(mime, "build", build)
    result = send()
    assert [mail.state for mail in result.mails] == [
        MailState.SENT,
        MailState.PENDING,
        MailState.SENT,
    ]
    assert result.mails[1].reason.startswith("the message cannot be built: RuntimeError at build")
    assert "@" not in result.mails[1].reason


def test_a_run_that_is_stopped_stops(run_with_reports, send, monkeypatch):
    def build(mail, **facts):
        raise Interrupted("stopped")

    monkeypatch.setattr(mime, "build", build)
    with pytest.raises(Interrupted):
        send()


def test_a_server_that_is_away_leaves_every_mail_owed_with_one_reason(run_with_reports, send):
    result = send(port=1)

    assert result.status is Status.ERROR
    assert result.message == "0 of 3 mails sent, 3 pending"
    assert {mail.reason for mail in result.mails} == {
        "SMTP connect: 127.0.0.1:1: ConnectionRefusedError: Connection refused"
    }


@pytest.mark.parametrize("sender", ["not an address", "a@example.invalid\nBcc: b@example.invalid"])
def test_a_sender_that_cannot_be_used_leaves_every_mail_owed(
    run_with_reports, send, mailbox, sender
):
    result = send(sender=sender)

    assert {mail.state for mail in result.mails} == {MailState.PENDING}
    assert all(
        mail.reason.startswith("REPORT_EMAIL_FROM cannot be used: ") for mail in result.mails
    )
    assert mailbox.connections == 0


def test_without_a_server_in_the_settings_every_mail_is_owed(run_with_reports, engine, tmp_path):
    result = send_notifications_for_run(
        PIPELINE, RUN_ID, engine=engine, settings=settings(tmp_path, None)
    )

    assert result.status is Status.ERROR
    assert {mail.reason for mail in result.mails} == {
        "REPORT_EMAIL_SMTP_HOST or REPORT_EMAIL_FROM is not set"
    }


def test_an_unknown_run_or_pipeline_is_a_finding_and_sends_nothing(engine, send, mailbox):
    assert findings(send()) == [f"warning there is no summary row of the run {RUN_ID}"]
    add_run(engine)
    execute(engine, delete(tables.pipelines))
    result = send()

    assert findings(result) == [
        f"warning the table pipelines has no row with the code {PIPELINE}: nobody can be told about it"
    ]
    assert (result.status, mailbox.connections) == (Status.WARNING, 0)


def test_a_profile_without_readers_is_named_and_the_others_go(engine, run_with_reports, send):
    remove_recipients(engine, "run_summary")
    result = send()

    assert findings(result) == [
        NO_COMBINED,
        "warning profile run_summary has no recipient; add one in notification_recipients",
    ]
    assert result.message == "2 of 2 mails sent"


def test_the_metrics_are_plain_json_with_the_outcome_of_each_mail_and_no_address(
    run_with_reports, send, mailbox
):
    mailbox.refuse(Refusal(Stage.RECIPIENT, "550 5.1.1 no", address=A817_PEOPLE[0]))
    metrics = send().as_metrics()

    assert json.loads(json.dumps(metrics)) == metrics
    assert "@" not in json.dumps(metrics)
    last = "store_daily_reports A817: SMTP recipient: 1 refused with 550 5.1.1"
    assert metrics == {
        "status": "warning",
        "message": "3 of 3 mails sent, 1 of them not to everybody",
        "to": {"to": 3, "cc": 12, "bcc": 0},
        "attachment_count": 2,
        "last_message": last,
        "planned": 3,
        "pending": 0,
        "sending": 0,
        "sent": 3,
        "failed": 0,
        "uncertain": 0,
        "mails": [
            _json("run_summary", None, {"to": 1, "cc": 2, "bcc": 0}, 0, {"sent": 3}),
            _json("store_daily_reports", "A668", {"to": 1, "cc": 5, "bcc": 0}, 1, {"sent": 6}),
            _json(
                "store_daily_reports",
                "A817",
                {"to": 1, "cc": 5, "bcc": 0},
                1,
                {"failed": 1, "sent": 5},
            )
            | {"reason": last.partition(": ")[2]},
        ],
        "findings": [
            {
                "severity": "ok",
                "store_code": "ALL",
                "text": "profile all_stores_report sends no mail: no document",
            }
        ],
    }


def _json(profile, store_code, recipients, attachments, by_state):
    return {
        "profile": profile,
        "store_code": store_code,
        "recipients": recipients,
        "attachments": attachments,
        "state": "sent",
        "reason": "",
        "recipients_by_state": by_state,
    }


def test_each_mail_is_one_log_line_with_masked_addresses(run_with_reports, send, mailbox, capsys):
    mailbox.refuse(Refusal(Stage.DATA, "451 4.3.0 later, reports@example.invalid", times=1))
    log.start(pipeline_name=PIPELINE, run_id=RUN_ID)
    send()
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [
        (event["status"], event.get("store_code"), event["message"].partition(",")[0])
        for event in events
    ] == [
        ("error", None, "mail run_summary to p…@example.invalid"),
        ("ok", "A668", "mail store_daily_reports to s…@example.invalid"),
        ("ok", "A817", "mail store_daily_reports to s…@example.invalid"),
    ]
    assert events[0]["message"].endswith("pending: SMTP data: refused with 451 4.3.0")
    assert not any(address in str(events) for address in (*OPERATORS, *A668_PEOPLE, "reports@"))


def test_a_server_that_refuses_each_mail_after_its_data_leaves_all_owed(
    run_with_reports, send, mailbox
):
    mailbox.refuse(Refusal(Stage.DATA, "554 5.2.252 SendAsDenied"))
    refused = send()
    assert (refused.status, refused.needs_person) == (Status.ERROR, True)
    assert refused.message == "0 of 3 mails sent, 3 pending"
    assert {mail.reason for mail in refused.mails} == {"SMTP data: refused with 554 5.2.252"}

    mailbox.accept_all()
    assert (send().status, len(mailbox.messages())) == (Status.OK, 3)


@pytest.mark.parametrize(
    ("refusal", "needs_person"),
    [
        pytest.param(Refusal(Stage.RECIPIENT, "550 5.1.1 unknown"), True, id="every mailbox"),
        pytest.param(Refusal(Stage.RECIPIENT, "550 no"), True, id="no enhanced code"),
        pytest.param(Refusal(Stage.DATA, "554 rejected"), True, id="every text"),
        pytest.param(Refusal(Stage.SENDER, "550 5.7.60 SendAs"), True, id="the sender"),
        pytest.param(Refusal(Stage.DATA, "550 5.4.5 daily limit"), False, id="allowance"),
        pytest.param(Refusal(Stage.SENDER, "550 5.4.5 daily limit"), False, id="at MAIL"),
    ],
)
def test_a_run_of_which_no_mail_got_through_is_an_error_whatever_the_codes_say(
    run_with_reports, send, mailbox, refusal, needs_person
):
    mailbox.refuse(refusal)
    result = send()

    assert {mail.state for mail in result.mails} == {MailState.PENDING}
    assert (result.status, result.needs_person) == (Status.ERROR, needs_person)


def test_the_mail_about_the_run_is_owed_until_somebody_gets_it(run_with_reports, send, mailbox):
    mailbox.refuse(*(Refusal(Stage.RECIPIENT, "550 5.1.1 no", address=one) for one in OPERATORS))
    result = send()

    assert states(result)["run_summary"] is MailState.PENDING
    assert result.needs_person
    assert result.message == "2 of 3 mails sent, 1 pending"


def test_a_store_whose_readers_are_refused_is_a_warning_and_no_other_mail_waits(
    run_with_reports, send, mailbox
):
    mailbox.refuse(*(Refusal(Stage.RECIPIENT, "550 5.1.1 no", address=one) for one in A817_PEOPLE))
    result = send()

    assert states(result)["store_daily_reports A817"] is MailState.FAILED
    assert (result.status, result.needs_person) == (Status.WARNING, False)


def test_a_size_that_is_refused_holds_back_that_mail_only(run_with_reports, send, mailbox):
    mailbox.refuse(Refusal(Stage.SENDER, "552 5.3.4 Message size exceeds fixed limit", times=1))
    result = send()

    assert [mail.state for mail in result.mails] == [
        MailState.PENDING,
        MailState.SENT,
        MailState.SENT,
    ]
    assert result.mails[0].reason == (
        "too large for this server: 0.1 MB of 33.6 MB, refused with 552 5.3.4"
    )
    assert result.needs_person


def test_a_server_that_announces_its_limit_gets_the_mail_without_its_file(
    engine, run_with_reports, tmp_path
):
    large = add_report(engine, tmp_path, "A668", checksum=None)
    large.write_bytes(PDF + bytes(60_000))
    with run_mailbox(tmp_path / "small", size_limit_bytes=40_000) as box:
        mail = MailSettings("127.0.0.1", box.port, "reports@example.invalid", use_tls=False)
        configured = settings(tmp_path, mail)
        result = send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)

    assert {mail.state for mail in result.mails} == {MailState.SENT}
    [reason] = {mail.reason for mail in result.mails if mail.reason}
    assert reason == "sent without 1 of its 1 files: this server takes 0.1 MB at most"
    assert (result.status, result.mails[1].attachments) == (Status.WARNING, 0)
    with engine.connect() as connection:
        bodies = connection.execute(select(tables.notification_messages.c.body)).scalars().all()
    [body] = [body for body in bodies if "Too big for one mail" in body]
    assert "- A668_2025-11-14.pdf" in body


def test_a_server_that_takes_not_even_the_text_holds_the_mail_back(
    engine, run_with_reports, tmp_path
):
    with run_mailbox(tmp_path / "tiny", size_limit_bytes=100) as box:
        mail = MailSettings("127.0.0.1", box.port, "reports@example.invalid", use_tls=False)
        configured = settings(tmp_path, mail)
        result = send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)

    assert {mail.state for mail in result.mails} == {MailState.PENDING}
    assert all(mail.reason.startswith("too large for this server: ") for mail in result.mails)
    assert result.needs_person


def test_we_greet_with_our_domain_and_answers_go_where_the_settings_say(
    engine, run_with_reports, tmp_path
):
    with run_mailbox(tmp_path / "greeted") as box:
        mail = MailSettings(
            "127.0.0.1",
            box.port,
            "Reports <reports@chain.example>",
            use_tls=False,
            reply_to="ops@chain.example",
        )
        configured = settings(tmp_path, mail)
        send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)

    assert box.greeted_as == ["chain.example"]
    replies_go_to = {str(one.message["Reply-To"]) for one in box.messages()}
    assert replies_go_to == {"ops@chain.example"}
