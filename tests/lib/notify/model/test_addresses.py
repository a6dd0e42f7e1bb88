from __future__ import annotations

import pytest

from lib.notify.model.addresses import (
    Address,
    InvalidAddress,
    checked,
    distinct,
    masked,
    sender,
)


@pytest.mark.parametrize(
    "mailbox", ["a@example.invalid", "first.last+tag@mail.example.invalid", " a@b "]
)
def test_a_plain_mailbox_is_taken_trimmed(mailbox):
    assert checked(mailbox) == Address(mailbox.strip())


@pytest.mark.parametrize(
    "mailbox",
    [
        "",
        "a",
        "@example.invalid",
        "a@",
        "a@-example.invalid",
        "a b@example.invalid",
        "a@example.invalid,b@example.invalid",
        "A <a@example.invalid>",
        "a@example.invalid\nBcc: b@example.invalid",
        "a@example.invalid\r\nBcc: b@example.invalid",
        "a@example.invalid\u2028b",
        "é@example.invalid",
        ".a@example.invalid",
        "a.@example.invalid",
        "a..b@example.invalid",
        "a@b@example.invalid",
    ],
)
def test_anything_else_is_refused_without_being_quoted(mailbox):
    with pytest.raises(InvalidAddress) as caught:
        checked(mailbox)
    assert str(caught.value) in (
        "it is not one plain address",
        "it has a line break or another control character",
    )


@pytest.mark.parametrize(
    "name", ["Reader\r\nBcc: b@example.invalid", "Reader\x00", "Reader\u0085x"]
)
def test_a_display_name_cannot_end_its_header(name):
    with pytest.raises(InvalidAddress):
        checked("a@example.invalid", name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reports@example.invalid", Address("reports@example.invalid")),
        ("Reports <reports@example.invalid>", Address("reports@example.invalid", "Reports")),
        (
            '"Reports, daily" <reports@example.invalid>',
            Address("reports@example.invalid", "Reports, daily"),
        ),
    ],
)
def test_the_sender_may_have_a_name(text, expected):
    assert sender(text) == expected


@pytest.mark.parametrize("text", ["", "reports", "a@example.invalid\nBcc: b@example.invalid", "<>"])
def test_a_sender_that_is_no_mailbox_is_refused(text):
    with pytest.raises(InvalidAddress):
        sender(text)


def test_distinct_keeps_the_first_of_each_whatever_its_case():
    a, upper, b = (
        Address("a@example.invalid"),
        Address("A@EXAMPLE.invalid"),
        Address("b@example.invalid"),
    )

    assert distinct([a, upper, b, a]) == (a, b)
    assert distinct([a, upper, b], taken=[upper]) == (b,)


def test_an_address_shows_masked():
    assert (
        masked("store-a668@example.invalid")
        == str(Address("store-a668@example.invalid"))
        == "s…@example.invalid"
    )
