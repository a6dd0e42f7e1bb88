"""What of an unknown page may be kept: its skeleton and nobody's words."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.portal.redaction import redact
from lib.portal.redaction.vocabulary import VOCABULARY

PAGE = """<html><head><title>Just a moment...</title><script>var token = "s3cret"</script></head><body>
<!-- asha@example.invalid --><h1>Please verify that You are human</h1>
<p>Dear Asha Rao, your number 98765 43210 is not known. Write to asha@example.invalid.</p>
<h2>order of asha rao, grandmother of <sunil mehta> at /users/asha-rao/7</h2><a href="/users/asha-rao/7">orders</a>
<form action="https://portal.invalid/home/log?token=s3cret" data-owner="Asha">
<input name="user_name" value="A668" placeholder="Asha"><input type="hidden" name="csrf" value="s3cret">
<textarea>call after six</textarea><select><option>asha rao</option></select></form>
<table><tr><th>customer name</th><td class="x-98765">asha rao <b>owes much</b></td></tr></table>
<ul><li class="user_bit"><a href="/users/Asha-Rao/7">EXAMPLE ACCOUNT</a></li></ul>
<a href="tel:9876543210">call</a><a href="javascript:alert('asha')">more</a><img src="/photo/asha.png" alt="Asha">
</body></html>"""
PRIVATE_PARTS = "Asha asha Rao rao 98765 43210 s3cret A668 six owes EXAMPLE example photo tel: javascript grandmother sunil <sunil".split()


@pytest.mark.parametrize("part", PRIVATE_PARTS)
def test_nothing_that_may_be_somebodys_is_left(part):
    assert part not in redact.page(PAGE)


@pytest.mark.parametrize(
    "kept",
    [
        "Just a moment...",
        "Please verify that You are human",
        "Dear Xxxx Xxx, your number 00000 00000 is not known.",
        '<form action="/home/log">',
        '<input name="user_name">',
        '<input name="csrf" type="hidden">',
        "customer name",
        '<li class="user_bit">',
        '<a href="/users/…/…">',
        '<a href="…">',
    ],
)
def test_what_tells_an_operator_where_the_browser_stood_is_kept(kept):
    assert kept in redact.page(PAGE)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Customer (6 Months Ago)", "'Customer (6 Months Ago)'"),
        ("Undel. > 10 Days", "'Undel. > 10 Days'"),
        ("pickup_row_id", "'pickup_row_id'"),
        ("Customer Base (H1)", "'Customer Base (H1)'"),
        ("Asha Rao", "'Xxxx Xxx'"),
        ("asha", "'xxxx'"),
        ("9876543210", "'0000000000'"),
        ("+91 98765 43210", "'+91 00000 00000'"),
        ("asha@example.invalid", "'xxxxxxxxxxxx.xxxxxxx'"),
        ("राम", "'xxx'"),
        ("total\n\x1b[31m" + "x" * 99, f"'xxxxx[00{'x' * 32}'"),
    ],
)
def test_a_header_is_told_unless_a_row_may_have_taken_its_place(words, shown):
    assert redact.header(words) == shown


def test_what_was_redacted_once_comes_out_the_same():
    assert redact.page(redact.page(PAGE)) == redact.page(PAGE)


@pytest.mark.parametrize(
    ("words", "is_private", "masked"),
    [
        ("need to log in", False, "need to log in"),
        ("need to log in", True, "xxxx xx xxx xx"),
        ("O'Brien, 42 m.", False, "X'Xxxxx, 00 x."),
        ("a@b.in (Ravi)", False, "xxx.xx (Xxxx)"),
        ("राम café", False, "xxx xxxx"),
        ("Error: 503", False, "Error: 000"),
    ],
)
def test_words(words, is_private, masked):
    assert redact.text(words, is_private=is_private) == masked


@given(st.text())
def test_no_digit_and_no_address_survives_whatever_the_page_is(html):
    kept = re.sub("<[^>]*>", "", redact.page(html))

    assert not any(character.isdigit() and character != "0" for character in kept)
    assert "@" not in kept


def test_a_page_of_a_thousand_nested_parts_is_no_trap():
    assert "deep" not in redact.page("<div>" * 1000 + "deep")


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABC '.-<>/&;\n", max_size=300))
def test_every_word_that_is_left_is_in_the_vocabulary_or_masked(html):
    left = unescape(re.sub("<[^>]*>", " ", redact.page(html)))
    words = {word for word in re.findall("[A-Za-z]+", left) if set(word.lower()) != {"x"}}

    assert {word.lower() for word in words} <= VOCABULARY
