from __future__ import annotations

import pytest

from lib.model import Finding, Status
from lib.notify.outcomes import Handover, MailState, NotifyResult, not_sent, outcome
from tests.factories.notify import mail

SENT, REFUSED, FAILED, UNCERTAIN = MailState


def ended(*states: MailState):
    return outcome(mail(), Handover({f"{n}@example.invalid": state for n, state in enumerate(states)}))


@pytest.mark.parametrize(
    ("states", "state", "status"),
    [
        ((SENT, SENT), SENT, Status.OK),
        ((SENT, REFUSED), SENT, Status.WARNING),
        ((SENT, FAILED, REFUSED), SENT, Status.ERROR),
        ((REFUSED, REFUSED), REFUSED, Status.WARNING),
        ((REFUSED, FAILED), FAILED, Status.ERROR),
        ((REFUSED, UNCERTAIN), UNCERTAIN, Status.ERROR),
        ((UNCERTAIN,), UNCERTAIN, Status.ERROR),
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
        ([(SENT,), (REFUSED,)], [], Status.WARNING, "1 of 2 mails sent, 1 refused"),
        ([(SENT,), (FAILED,), (UNCERTAIN,)], [], Status.ERROR, "1 of 3 mails sent, 1 failed, 1 uncertain"),
    ],
)
def test_the_result_is_as_bad_as_its_worst_mail_or_finding(mails, findings, status, message):
    result = NotifyResult(
        tuple(ended(*states) for states in mails), tuple(Finding(severity, "text") for severity in findings)
    )
    assert (result.status, result.message) == (status, message)


def test_a_mail_that_reached_no_server_is_owed_to_everybody_on_it():
    assert not_sent(mail(), "why") == Handover({"reader@example.invalid": FAILED}, "why")


def test_the_last_message_is_the_last_problem_and_information_is_none():
    information = Finding(Status.OK, "by the way")
    problem = Finding(Status.WARNING, "no reader", "A668")
    assert NotifyResult((ended(SENT),), (information,)).as_metrics()["last_message"] == "1 of 1 mail sent"
    assert NotifyResult((ended(SENT),), (problem, information)).as_metrics()["last_message"] == "A668: no reader"
    failed = outcome(mail(store_code="A668"), not_sent(mail(), "why"))
    assert NotifyResult((failed,), (problem,)).as_metrics()["last_message"] == "readers A668: why"
