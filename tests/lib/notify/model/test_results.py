from __future__ import annotations

from dataclasses import replace

import pytest

from lib.domain.mail_states import MailState
from lib.model import Finding, Status
from lib.notify.model.results import (
    MailOutcome,
    NotifyResult,
    SendResult,
    overall,
)

PENDING, _, SENT, FAILED, UNCERTAIN = MailState


def ended(*states: MailState, **changes):
    counts = {str(state): states.count(state) for state in states}
    ordinary = MailOutcome(
        "readers", None, {"to": len(states), "cc": 0, "bcc": 0}, 0, overall(states), "", counts
    )
    return replace(ordinary, **changes)


@pytest.mark.parametrize(
    ("states", "state", "status"),
    [
        ((SENT, SENT), SENT, Status.OK),
        ((SENT, FAILED), SENT, Status.WARNING),
        ((SENT, PENDING, FAILED), SENT, Status.ERROR),
        ((FAILED, FAILED), FAILED, Status.WARNING),
        ((FAILED, PENDING), PENDING, Status.ERROR),
        ((FAILED, UNCERTAIN), UNCERTAIN, Status.WARNING),
        ((UNCERTAIN,), UNCERTAIN, Status.WARNING),
    ],
)
def test_a_mail_is_sent_if_anybody_got_it_and_as_bad_as_its_worst_recipient(states, state, status):
    result = ended(*states)
    assert (result.state, result.status) == (state, status)


@pytest.mark.parametrize(
    ("mails", "findings", "status", "message"),
    [
        ([], [], Status.WARNING, "0 of 0 mails sent"),
        ([(SENT,)], [], Status.OK, "1 of 1 mail sent"),
        ([(SENT,)], [Status.OK], Status.OK, "1 of 1 mail sent"),
        ([(SENT,)], [Status.WARNING], Status.WARNING, "1 of 1 mail sent"),
        ([(SENT,)], [Status.ERROR], Status.ERROR, "1 of 1 mail sent"),
        ([(SENT,), (FAILED,)], [], Status.WARNING, "1 of 2 mails sent, 1 failed"),
        (
            [(SENT, SENT), (SENT, FAILED)],
            [],
            Status.WARNING,
            "2 of 2 mails sent, 1 of them not to everybody",
        ),
        (
            [(SENT,), (PENDING,), (UNCERTAIN,)],
            [],
            Status.ERROR,
            "1 of 3 mails sent, 1 pending, 1 uncertain",
        ),
    ],
)
def test_the_result_is_as_bad_as_its_worst_mail_or_finding(mails, findings, status, message):
    result = NotifyResult(
        tuple(ended(*states) for states in mails),
        tuple(Finding(severity, "text") for severity in findings),
    )
    assert (result.status, result.message) == (status, message)


def test_what_earlier_runs_sent_is_said_so():
    assert (
        NotifyResult((ended(SENT, is_earlier=True), ended(SENT))).message
        == "2 of 2 mails sent, 1 by earlier runs"
    )


def test_a_handover_is_as_good_as_its_best_recipient():
    assert SendResult({"a@example.invalid": FAILED, "b@example.invalid": SENT}).state is SENT


def test_the_last_message_is_the_last_problem_and_information_is_none():
    information = Finding(Status.OK, "by the way")
    problem = Finding(Status.WARNING, "no reader", "A668")

    assert (
        NotifyResult((ended(SENT),), (information,)).as_metrics()["last_message"]
        == "1 of 1 mail sent"
    )
    assert (
        NotifyResult((ended(SENT),), (problem, information)).as_metrics()["last_message"]
        == "A668: no reader"
    )
    failed = ended(FAILED, store_code="A668", reason="why")
    assert NotifyResult((failed,), (problem,)).as_metrics()["last_message"] == "readers A668: why"
