"""What alerts say about mails."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lib.domain.mail_states import MailState
from lib.notify.alerts import text
from lib.notify.alerts.text import Incident, LastRun, UndeliveredMails

MEANING = "something is out of reach or still owed, and retries did not help"
SINCE = "15 Nov, 8:30 am IST"
AT = datetime(2025, 11, 15, 3, 0, tzinfo=UTC)
UNIT = "simplify@daily.service"
COMMAND = "simplify {}".format


def test_a_recovery_says_that_nothing_is_left_only_if_nothing_is():
    title, words = text.recovery(UNIT, SINCE, 1, [], command=COMMAND)

    assert title == f"[Simplify] {UNIT} works again"
    assert words == (
        f"{UNIT} has succeeded. It had failed once since 15 Nov, 8:30 am IST.\n"
        "Nothing is left to do.\n"
    )


def test_a_recovery_names_what_was_refused_with_its_stores():
    undelivered = [
        UndeliveredMails(MailState.FAILED, ("TS48", "T105")),
        UndeliveredMails(MailState.PENDING, ("",)),
        UndeliveredMails(MailState.UNCERTAIN, ("A668",)),
    ]
    _, words = text.recovery(UNIT, SINCE, 4, undelivered, command=COMMAND)

    assert words.splitlines()[1:] == [
        "Still to do:",
        "- 2 mails were refused for good (T105, TS48): correct the recipient, or simplify notify --resend",
        "- 1 mail is still owed (the run): simplify notify sends it",
        "- 1 mail may or may not have arrived (A668): simplify notify --accept or --resend decides",
    ]


def test_a_recovery_does_not_promise_what_it_could_not_read():
    _, words = text.recovery(UNIT, SINCE, 2, None, command=COMMAND)

    assert "Nothing is left to do" not in words
    assert "could not be read: see simplify status." in words


def test_an_alert_names_the_mails_that_were_refused_once_a_reason():
    reason = "SMTP data: refused with 554 5.2.252"
    mails = [
        {"store_code": None, "state": "pending", "reason": reason},
        {"store_code": "A668", "state": "pending", "reason": reason},
        {"store_code": "T105", "state": "sent", "reason": ""},
    ]
    run = LastRun("r", "error", None, {"email": {"mails": mails, "message": "1 of 3 mails sent"}})
    words = text.text(Incident(UNIT, AT, ZoneInfo("Asia/Kolkata"), COMMAND, 75, run=run))

    assert f"- 2 mails pending (A668, the run): {reason}" in words
    assert "- mails: 1 of 3 mails sent" in words
    assert ", simplify status, docs/how-to/read-a-failure.md" in words


def test_an_alert_names_each_cause_once_with_its_stores_and_times_of_the_stores_clock():
    causes = [
        {
            "rank": "root",
            "reason": "a server error (status 500)",
            "stores": {"TS48": ["dashboard"], "B002": []},
            "others": [],
        },
        {"rank": "consequence", "reason": "no dashboard", "stores": {"TS48": []}, "others": []},
    ]
    run = LastRun("r", "error", AT.date(), {"causes": causes, "issues": ["TS48: as ever"]})
    words = text.text(Incident(UNIT, AT, ZoneInfo("Asia/Kolkata"), COMMAND, 75, run=run))

    assert words.splitlines()[1:5] == [
        f"- {UNIT} at 15 Nov, 8:30 am IST, exit code 75: {MEANING}",
        "- its latest run r for Sat 15 Nov is error",
        "- a server error (status 500): B002, TS48 (dashboard)",
        "- no dashboard: TS48",
    ]
