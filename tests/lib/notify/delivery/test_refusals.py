"""What a server's refusals mean, by their codes and by what the other mails of the run met."""

from __future__ import annotations

import pytest

from lib.domain.mail_states import MailState
from lib.notify.delivery.refusals import (
    SAME_REFUSAL_MAILS,
    Meaning,
    Refusal,
    RefusalVerdict,
    RefusedRecipient,
    Stage,
    too_large,
    verdicts,
)

LATER = RefusalVerdict(MailState.PENDING)
FOR_A_PERSON = RefusalVerdict(MailState.PENDING, needs_person=True)
FINAL = RefusalVerdict(MailState.FAILED)


def refused(code, number=1, stage=Stage.DATA, **changes):
    """A store's mail that only one recipient should have got."""
    given = {"is_about_run": False, "has_other_reader": False} | changes
    return RefusedRecipient(f"<{number}>", "a@example.invalid", Refusal(stage, code), **given)


def of(*every, got_through):
    return list(verdicts(every, got_through=got_through).values())


@pytest.mark.parametrize(
    ("stage", "code", "meaning"),
    [
        (Stage.DATA, "554 5.2.252", Meaning.US),
        (Stage.DATA, "550 5.7.60", Meaning.US),
        (Stage.DATA, "550 5.7.26", Meaning.US),
        (Stage.RECIPIENT, "554 5.7.1", Meaning.US),
        (Stage.RECIPIENT, "550 5.7.64", Meaning.US),
        (Stage.SENDER, "550", Meaning.US),
        (Stage.SENDER, "530 5.7.0", Meaning.US),
        (Stage.DATA, "521", Meaning.US),
        (Stage.DATA, "550 5.1.8", Meaning.US),
        (Stage.DATA, "550 5.4.5", Meaning.ALLOWANCE),
        (Stage.SENDER, "550 5.1.90", Meaning.ALLOWANCE),
        (Stage.SENDER, "552 5.3.4", Meaning.SIZE),
        (Stage.DATA, "552 5.2.3", Meaning.SIZE),
        (Stage.DATA, "552", Meaning.SIZE),
        (Stage.RECIPIENT, "552", Meaning.UNKNOWN),
        (Stage.RECIPIENT, "552 5.2.2", Meaning.RECIPIENT),
        (Stage.RECIPIENT, "550 5.1.1", Meaning.RECIPIENT),
        (Stage.RECIPIENT, "550 5.1.10", Meaning.RECIPIENT),
        (Stage.RECIPIENT, "550 5.4.1", Meaning.RECIPIENT),
        (Stage.RECIPIENT, "550", Meaning.UNKNOWN),
        (Stage.DATA, "554 5.6.0", Meaning.UNKNOWN),
        (Stage.DATA, "451 4.7.1", Meaning.LATER),
        (Stage.DATA, "250", Meaning.LATER),
    ],
)
def test_a_code_says_what_a_refusal_is_about(stage, code, meaning):
    assert Refusal(stage, code).meaning is meaning


@pytest.mark.parametrize(
    ("one", "got_through", "verdict"),
    [
        pytest.param(refused("554 5.2.252"), True, FOR_A_PERSON, id="our account"),
        pytest.param(refused("550 5.4.5"), True, LATER, id="our allowance"),
        pytest.param(refused("550 5.4.5"), False, LATER, id="our allowance, and nothing went"),
        pytest.param(refused("552 5.3.4"), True, FOR_A_PERSON, id="size"),
        pytest.param(refused("451 4.7.1"), False, LATER, id="later"),
        pytest.param(refused("550 5.1.1"), True, FINAL, id="a mailbox"),
        pytest.param(refused("550 5.1.1"), False, FOR_A_PERSON, id="a mailbox, and nothing went"),
        pytest.param(refused("554"), True, FINAL, id="unknown"),
        pytest.param(refused("554"), False, FOR_A_PERSON, id="unknown, and nothing went"),
        pytest.param(
            refused("550 5.1.1", is_about_run=True),
            True,
            FOR_A_PERSON,
            id="the only mail of the run",
        ),
        pytest.param(
            refused("550 5.1.1", is_about_run=True, has_other_reader=True),
            True,
            FINAL,
            id="one reader of the mail about the run",
        ),
    ],
)
def test_a_refusal_is_final_only_while_mails_get_through(one, got_through, verdict):
    assert of(one, got_through=got_through) == [verdict]


def test_a_refusal_that_many_mails_meet_is_about_us():
    many = [refused("550", number) for number in range(SAME_REFUSAL_MAILS)]

    assert of(*many, got_through=True) == [FOR_A_PERSON] * len(many)
    assert of(*many[1:], got_through=True) == [FINAL] * (len(many) - 1)


def test_many_wrong_addresses_are_wrong_addresses():
    many = [refused("550 5.1.1", number) for number in range(10)]
    assert of(*many, got_through=True) == [FINAL] * 10


@pytest.mark.parametrize(
    ("size", "limit", "code", "text"),
    [
        (26_100_000, 10_485_760, "", "too large for this server: 26.1 MB of 10.5 MB"),
        (
            300,
            33_554_432,
            "552 5.3.4",
            "too large for this server: 0.1 MB of 33.6 MB, refused with 552 5.3.4",
        ),
        (2_000_000, None, "552", "too large for this server: 2.0 MB, refused with 552"),
    ],
)
def test_a_mail_that_is_too_large_says_how_large_it_is(size, limit, code, text):
    assert too_large(size, limit, code) == text
