"""jobs.alert as systemd starts it.

Over Apprise to a real HTTP server, or by mail, once for each cause.
"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, insert, select, update

from lib.db import tables
from tests.factories.notify import PIPELINE, RUN, RUN_ID
from tests.factories.notify_rows import add_run, execute
from tests.fakes.alert_channel import serving
from tests.programs import messages, run_job

UNIT = "simplify@daily.service"
OPERATORS = ("pipelines@example.invalid", "operations@example.invalid", "owner@example.invalid")
LOG = [
    {"status": "info", "message": "run started"},
    {
        "status": "error",
        "message": "A668 missed_leads: no answer within 60 s",
        "store_code": "A668",
    },
    {
        "status": "error",
        "message": "the weekly job's",
        "pipeline_name": "simplify_dashboard_weekly",
    },
]


@pytest.fixture
def channel():
    with serving() as served:
        yield served


@pytest.fixture
def alert(engine, database, mailbox, channel, tmp_path):
    add_run(
        engine,
        overall_status="error",
        metrics_json={"issues": ["A668: down"], "pdf": {"generated": 1}},
    )
    event = {"ts": "2025-11-15T02:40:00.000Z", "pipeline_name": "simplify_dashboard_daily"}
    lines = [json.dumps(event | line) for line in LOG] + [
        "Traceback of something with a customer's name"
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))

    def run(*flags, stdin=None, **changes):
        environment = {
            "DATABASE_URL": database,
            "ALERT_URLS": channel.url,
            "REPORT_EMAIL_SMTP_HOST": mailbox.host,
            "REPORT_EMAIL_SMTP_PORT": str(mailbox.port),
            "REPORT_EMAIL_FROM": "reports@example.invalid",
            "REPORT_EMAIL_USE_TLS": "false",
        }
        environment = {name: value for name, value in (environment | changes).items() if value}
        return run_job(
            "alert",
            "--unit",
            UNIT,
            "--log",
            "log.jsonl",
            *flags,
            cwd=tmp_path,
            stdin=stdin,
            **environment,
        )

    return run


def test_an_alert_says_what_failed_what_is_safe_what_repairs_itself_and_what_to_do(alert, channel):
    done = alert("--exit-code", "75")

    assert done.returncode == 0, done.stdout + done.stderr
    [sent] = channel.received
    assert sent["title"] == f"[Simplify] {UNIT} has failed"
    for part in (
        "What failed:\n- simplify@daily.service at ",
        "exit code 75: something is out of reach or still owed",
        "for Fri 14 Nov is error\n- A668: down",
        "What is safe:\n- what is in the database stays",
        "- 1 reports of this run were made",
        "What repairs itself:\n- the next scheduled start does what is still owed",
        "- but the portal shows yesterday's dashboards until the end of ",
        "What a person must do:\n- when portal, database and mail server are well: systemctl start",
        "2025-11-15T02:40:00.000Z error A668 A668 missed_leads: no answer within 60 s",
    ):
        assert part in sent["message"], sent["message"]
    assert "customer" not in sent["message"]
    assert "weekly" not in sent["message"]
    assert "t0ken" not in done.stdout


def test_one_cause_is_told_once_and_a_recovery_once_after_it(engine, alert, channel):
    for _ in range(3):
        assert alert("--exit-code", "75").returncode == 0
    assert len(channel.received) == 1
    alert("--exit-code", "78")
    assert len(channel.received) == 2, "another cause"

    assert alert("--recovered").returncode == 0
    assert alert("--recovered").returncode == 0
    [*_, recovery] = channel.received
    assert len(channel.received) == 3
    assert recovery["title"] == f"[Simplify] {UNIT} works again"
    assert "It had failed 4 times since" in recovery["message"]
    alert("--exit-code", "75")
    assert len(channel.received) == 4, "it fails anew"
    with engine.connect() as connection:
        assert len(connection.execute(select(tables.notification_alerts)).all()) == 3


def test_the_mails_timer_recovers_when_no_mail_is_owed_not_when_none_is_due(engine, alert, channel):
    unit = ("--unit", "simplify@notify.service")
    mail = {
        "message_id": "<1@example.invalid>",
        "subject": "s",
        "body": "b",
        "dated_at": func.now(),
        "position": 0,
    }
    owed = {
        "pipeline_name": PIPELINE,
        "report_date": RUN.report_on,
        "profile_code": "p",
        "profile_env": "any",
    }
    owed |= {
        "store_code": "",
        "recipient": "a@example.invalid",
        "send_as": "to",
        "content_version": "first",
    }
    lists = {"to_addresses": [], "cc_addresses": [], "attachments": []}
    execute(engine, insert(tables.notification_messages).values(mail | lists))
    row = owed | {"message_id": mail["message_id"], "run_id": RUN_ID}
    execute(engine, insert(tables.notification_deliveries).values(row))
    alert(*unit, "--exit-code", "78")
    assert alert(*unit, "--recovered").returncode == 0
    assert [sent["title"] for sent in channel.received] == [
        "[Simplify] simplify@notify.service has failed"
    ]

    execute(engine, update(tables.notification_deliveries).values(state="sent"))
    assert alert(*unit, "--recovered").returncode == 0
    assert channel.received[-1]["title"] == "[Simplify] simplify@notify.service works again"


def test_a_unit_that_never_failed_recovers_in_silence(alert, channel):
    assert alert("--recovered").returncode == 0
    assert channel.received == []


def test_a_configuration_error_does_not_repair_itself(alert, channel):
    alert("--exit-code", "78")
    assert (
        "What repairs itself:\n- nothing: running again fails in the same way"
        in channel.received[0]["message"]
    )


def test_without_a_channel_the_run_summary_readers_get_a_mail(alert, mailbox):
    assert alert("--exit-code", "75", ALERT_URLS="").returncode == 0
    [mail] = mailbox.messages()

    assert mail.recipients == OPERATORS
    assert str(mail.message["Subject"]) == f"[Simplify] {UNIT} has failed"


def test_a_channel_that_fails_is_replaced_by_mail(alert, channel, mailbox):
    channel.status = 500
    done = alert("--exit-code", "75")

    assert done.returncode == 0
    assert "warning: the alert channel json did not take the message" in messages(done)
    assert len(mailbox.messages()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, id="database away"),
        pytest.param({"RUN_ENV": "production"}, id="wrong settings"),
        pytest.param({"DATABASE_URL": ""}, id="no database"),
        pytest.param({"JSON_LOG_FILE": "/proc/nothing/log"}, id="no log file"),
    ],
)
def test_an_alert_goes_out_with_whatever_still_works(alert, channel, changes):
    done = alert("--exit-code", "78", **changes)

    assert done.returncode == 0, done.stdout
    assert len(channel.received) == 1
    assert "hunter2" not in done.stdout + channel.received[0]["message"]


@pytest.mark.parametrize("flags", [("--exit-code", "78"), ("--recovered",)])
def test_a_database_that_takes_nothing_keeps_no_alert_from_going(
    engine, alert, channel, database, flags
):
    notified = {"first_at": func.now(), "last_at": func.now(), "told_at": func.now()}
    execute(engine, insert(tables.notification_alerts).values(unit=UNIT, cause="78-0", **notified))
    done = alert(*flags, DATABASE_URL=f"{database}?options=-c%20default_transaction_read_only%3Don")

    assert done.returncode == 0, done.stdout
    assert "warning: the alert does without the database" in messages(done)
    assert len(channel.received) == 1


def test_bytes_that_are_no_text_keep_no_alert_from_going(alert, channel, tmp_path):
    (tmp_path / "log.jsonl").write_bytes(b"\xff\xfe\n" + (tmp_path / "log.jsonl").read_bytes())
    with (tmp_path / "log.jsonl").open("rb") as journal:
        done = alert(
            "--exit-code", "75", "--log", "-", stdin=journal, PYTHONIOENCODING="utf-8:strict"
        )

    assert done.returncode == 0, done.stdout
    assert "no answer within 60 s" in channel.received[0]["message"]


def test_nobody_who_can_be_told_is_75_and_no_way_to_tell_is_78(alert, channel):
    channel.status = 500

    assert alert(REPORT_EMAIL_SMTP_PORT="1").returncode == 75
    assert alert(ALERT_URLS="", REPORT_EMAIL_SMTP_HOST="").returncode == 78


def test_the_last_attempt_of_the_morning_tells_owners_that_their_report_is_late(alert, mailbox):
    """The scheduler starts an alert only then (deploy/host/attempts)."""
    stores = {"REPORT_STORES_LIST": "A668,A817", "STORES_LIST": "A668,A817"}
    alert("--recovered", **stores)
    alert("--unit", "simplify@weekly.service", "--exit-code", "75", **stores)
    assert mailbox.messages() == []

    assert alert("--exit-code", "75", **stores).returncode == 0
    assert alert("--exit-code", "75", **stores).returncode == 0
    subjects = [str(mail.message["Subject"]).partition(",")[0] for mail in mailbox.messages()]
    assert subjects == ["Late: A668", "Late: A817"]


def test_a_failed_alert_is_tried_again(alert, channel):
    channel.status = 500
    alert("--exit-code", "75", REPORT_EMAIL_SMTP_PORT="1")
    channel.status = 200
    alert("--exit-code", "75")

    assert len(channel.received) == 2
