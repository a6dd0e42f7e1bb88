"""The rules that keep a mail from going twice, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lib.domain.mail_states import MailState
from lib.notify.model.rows import SendAs
from lib.notify.outbox import rules
from lib.notify.outbox.rules import FIRST, Content, Delivery, Message
from tests.factories.notify import RUN, document, mail

STORE_MAIL = mail(store_code="A668")
CONTENT = Content(FIRST, RUN.run_id, "<1@example.invalid>")
FORCED = replace(RUN, metrics={"forced": True})


def delivery(state=MailState.SENT, **changes):
    ordinary = Delivery(
        1,
        "reader@example.invalid",
        SendAs.TO,
        state,
        1,
        "",
        "earlier",
        FIRST,
        "<1@example.invalid>",
    )
    return replace(ordinary, **changes)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(0, 5), (1, 10), (2, 20), (3, 40), (6, 320), (7, 360), (50, 360), (10**6, 360)],
)
def test_the_pause_doubles_up_to_six_hours(attempts, minutes):
    assert rules.pause(attempts) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("run", "planned", "known", "is_owed"),
    [
        pytest.param(RUN, STORE_MAIL, [], True, id="nothing known"),
        pytest.param(RUN, STORE_MAIL, [delivery()], False, id="sent"),
        pytest.param(
            RUN,
            STORE_MAIL,
            [delivery(recipient="Reader@example.INVALID")],
            False,
            id="sent, other case",
        ),
        pytest.param(RUN, STORE_MAIL, [delivery(MailState.FAILED)], False, id="refused for good"),
        pytest.param(RUN, STORE_MAIL, [delivery(MailState.UNCERTAIN)], False, id="uncertain"),
        pytest.param(RUN, STORE_MAIL, [delivery(MailState.SENDING)], False, id="on its way"),
        pytest.param(RUN, STORE_MAIL, [delivery(MailState.PENDING)], True, id="pending"),
        pytest.param(
            RUN, STORE_MAIL, [delivery(version="forced")], False, id="sent by a forced run"
        ),
        pytest.param(FORCED, STORE_MAIL, [delivery(version="older")], True, id="forced"),
        pytest.param(
            FORCED, STORE_MAIL, [delivery()], False, id="forced, and this version was sent"
        ),
        pytest.param(
            RUN, mail(), [delivery(version="other news")], True, id="run mail with other news"
        ),
        pytest.param(RUN, mail(), [delivery()], False, id="run mail with the same news"),
        pytest.param(
            RUN,
            STORE_MAIL,
            [delivery(MailState.PENDING, run_id=RUN.run_id, message_id="<digest@example.invalid>")],
            False,
            id="promised by this run in a digest",
        ),
    ],
)
def test_who_is_owed_a_mail(run, planned, known, is_owed):
    assert rules.owed(run, planned, CONTENT, known) == (planned.to if is_owed else ())


def test_a_mail_about_the_run_has_a_version_for_what_it_tells():
    def version(documents=(), **changes):
        return rules.version(replace(RUN, **changes), mail(), documents, [])

    tales = [
        version(),
        version(overall_status="error"),
        version(metrics={"issues": ["no answer"]}),
        version(metrics={"stores": {"report_failures": {"A668": "no dashboard"}}}),
        version([document("A668")]),
        version([document("A817")]),
    ]
    assert len(set(tales)) == len(tales)
    assert (
        version(run_id="another", summary_text="at another time", total_time_taken="01:00:00")
        == tales[0]
    )


def test_a_run_that_was_told_tells_nothing_more_about_itself():
    notified = replace(RUN, metrics={"email": {"planned": 3}})

    assert rules.version(notified, mail(), [], []) is None
    assert rules.version(notified, STORE_MAIL, [], []) == FIRST
    assert (
        rules.version(notified, mail(), [], [delivery(run_id=RUN.run_id, version="tale")]) == "tale"
    )


def test_a_forced_run_makes_a_version_of_its_own():
    assert rules.version(FORCED, STORE_MAIL, [], [delivery()]) == RUN.run_id


def test_the_message_id_is_one_for_what_a_mail_is_about_and_its_version():
    mails = [
        mail(),
        mail(profile="other"),
        mail(profile_env="prod"),
        mail(store_code="A668"),
        mail(store_code="ALL"),
    ]
    ids = [
        rules.message_id([rules.key(RUN, one)], version, "example.invalid")
        for version in (FIRST, "2")
        for one in mails
    ]

    assert len(set(ids)) == len(ids)
    assert (
        rules.message_id([rules.key(RUN, mail(subject="changed"))], FIRST, "example.invalid")
        == ids[0]
    )
    assert ids[0].endswith("@example.invalid>")


def test_the_message_id_stays_when_the_sender_moves():
    key = rules.key(RUN, mail())
    before = rules.message_id([key], FIRST, "old.example.invalid")

    assert (
        rules.identity(key, FIRST, "new.example.invalid", [delivery(message_id=before)]) == before
    )


def test_a_mail_has_each_recipient_once_to_first():
    deliveries = (
        delivery(id=1, recipient="c", send_as=SendAs.BCC),
        delivery(id=2, recipient="b", send_as=SendAs.CC),
        delivery(id=3, recipient="a"),
        delivery(id=4, recipient="a"),
    )
    message = Message("<1@x>", mail(), RUN.finished_at, deliveries)

    assert message.recipients == ("a", "b", "c")
    assert message.of(["a", "c"]) == [1, 3, 4]


def test_the_outcome_of_a_message_counts_recipients_and_says_whose_it_was():
    deliveries = (delivery(id=1), delivery(MailState.FAILED, id=2, send_as=SendAs.CC, reason="550"))
    message = Message("<1@x>", STORE_MAIL, RUN.finished_at, deliveries)
    outcome = rules.outcome(message, {RUN.run_id})

    assert (outcome.name, outcome.state, outcome.reason) == ("readers A668", MailState.SENT, "550")
    assert outcome.recipients == {"to": 1, "cc": 1, "bcc": 0}
    assert outcome.by_state == {"sent": 1, "failed": 1}
    assert outcome.is_earlier
    assert not rules.outcome(message, {"earlier"}).is_earlier
