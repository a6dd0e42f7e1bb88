"""Header lines, read back by several parsers: what is written is what is shown."""

# ruff: noqa: RUF001 - dashes and scripts as people write them
from __future__ import annotations

import base64
import email.header
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.notify.message import headers, mime
from lib.notify.model.addresses import Address
from tests.factories.notify import document, mail

DATED_AT = datetime(2025, 11, 15, 2, 41, 52, tzinfo=UTC)
SUBJECT = "A668 Quick Wash – Indiranagar: weekly report, revenue ₹1,23,456 against ₹1,50,000"
LONG_NAME = (
    "Quick Wash, Indiranagar, 100 Feet Road, opposite the Metro Station, Bengaluru, Karnataka"
)

words = st.text(
    st.sampled_from("ab zAZ09,.;:<>()@[]\\\"'_=?-–₹नमस्ते தமிழ்é😀"),
    min_size=1,
    max_size=300,
).map(lambda text: " ".join(text.split()))
texts = words.filter(bool)
mailboxes = st.from_regex(r"[a-z]{1,20}\.?[a-z0-9]{1,20}@[a-z]{1,15}\.example", fullmatch=True)


def read(data: bytes) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return by parser the subject and the (display name, mailbox) pairs of To."""
    modern = message_from_bytes(data, policy=policy.default)
    strict = message_from_bytes(data, policy=policy.SMTP)
    old = message_from_bytes(data, policy=policy.compat32)

    return {
        "default": (str(modern["Subject"]), _pairs(modern["To"])),
        "smtp": (str(strict["Subject"]), _pairs(strict["To"])),
        "compat32": (
            _decoded(old["Subject"]),
            [(_decoded(name), box) for name, box in getaddresses([_unfolded(old["To"])])],
        ),
        "by the standards": _by_the_standards(data),
    }


def _pairs(header):
    return [(one.display_name, one.addr_spec) for one in header.addresses]


def _unfolded(value):
    return re.sub(r"\r?\n(?=[ \t])", "", str(value))


def _decoded(value):
    return str(email.header.make_header(email.header.decode_header(_unfolded(value))))


def _by_the_standards(data: bytes):
    """Read as RFC 5322 and 2047 say and as most readers' programs do, without Python's library."""
    head = data.partition(b"\r\n\r\n")[0].decode("ascii")
    fields = dict(line.split(": ", 1) for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n"))
    to = []
    one = r'(?:(?:"((?:[^"\\]|\\.)*)"|([^",<]*?)) <([^>]+)>|([^, ]+))(?:, |$)'
    for quoted, plain, angled, bare in re.findall(one, fields["To"]):
        name = re.sub(r"\\(.)", r"\1", quoted) if quoted else _words(plain)
        to.append((name, angled or bare))
    return _words(fields["Subject"]), to


def _words(value: str) -> str:
    joined = re.sub(r"(=\?utf-8\?q\?[^?]*\?=)\s+(?==\?)", r"\1", value)

    def decoded(match):
        if match[1] == "b":
            return base64.b64decode(match[2]).decode()
        text = match[2].replace("_", " ").encode("ascii")
        return re.sub(rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text).decode()

    # Neighbouring words may be decoded one by one: none is cut within a letter.
    return re.sub(r"=\?utf-8\?([qb])\?([^?]*)\?=", decoded, joined)


READER = Address("a@example.invalid")


def built(subject="s", to=(READER,)) -> bytes:
    return mime.build(
        mail(subject=subject, to=to),
        sender=Address("reports@example.invalid", "Reports"),
        identity="<1@example.invalid>",
        dated_at=DATED_AT,
        contents=(),
    )


@given(texts)
@example(SUBJECT)
@example(f"{SUBJECT}, {SUBJECT}, {SUBJECT}")
@example("₹" * 300)
@example("=?utf-8?q?not_ours?=")
@example("plain words of the alphabet " * 10 + "end")
def test_a_subject_arrives_as_written(subject):
    for parser, (shown, _) in read(built(subject=subject)).items():
        assert shown == subject, parser


@given(st.lists(st.tuples(texts, mailboxes), min_size=1, max_size=4, unique_by=lambda one: one[1]))
@example([(LONG_NAME, "owner@example.example")])
@example([("Rao, Anna", "a@x.example"), ("O'Neil; Ben <ben>", "b@x.example")])
@example([("ऋषिकेश शर्मा, मालिक, " * 5 + "अ", "c@x.example")])
def test_each_reader_is_one_address_with_its_name_or_without_one(people):
    to = tuple(Address(mailbox, name) for name, mailbox in people)
    for parser, (_, shown) in read(built(to=to)).items():
        assert [mailbox for _, mailbox in shown] == [mailbox for _, mailbox in people], parser
        for (name, _), (written, _) in zip(shown, people, strict=True):
            assert name in (written, "") if _is_left_out(written) else name == written, parser


def _is_left_out(name):
    """What no encoded word of 75 characters holds, and no quoted string of 300."""
    return ((not name.isascii() or "=?" in name) and len(name.encode()) > 45) or len(name) > 300


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (LONG_NAME, f'"{LONG_NAME}"'),
        ("Rao, Anna", '"Rao, Anna"'),
        ('Ben "the" \\ Boss', r'"Ben \"the\" \\ Boss"'),
        ("Reports", "Reports"),
        ("Rösti", "=?utf-8?b?UsO2c3Rp?="),
        ("ऋषिकेश शर्मा", "=?utf-8?b?4KSL4KS34KS/4KSV4KWH4KS2IOCktuCksOCljeCkruCkvg==?="),
        ("ऋषिकेश शर्मा, मालिक", ""),
    ],
)
def test_a_display_name_is_in_one_piece_or_left_out(name, shown):
    expected = f"{shown} <a@example.invalid>" if shown else "a@example.invalid"
    assert headers.mailboxes([Address("a@example.invalid", name)]) == expected


@given(texts, texts)
def test_no_line_is_longer_than_every_server_takes(subject, name):
    head = built(subject, (Address("a@example.invalid", name),)).partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")

    assert max(map(len, lines)) <= 998
    assert max(len(line) for line in lines if not line.startswith(b"To:")) <= 78
    for word in re.findall(rb"=\?[^ \r\n]*\?=", head):
        assert len(word) <= 75 or b"=?" in subject.encode(), word


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Daily report A668", "Daily report A668"),
        ("a  b", "=?utf-8?q?a__b?="),
        ("₹5", "=?utf-8?q?=E2=82=B95?="),
        ("under_score?", "under_score?"),
    ],
)
def test_plain_subjects_stay_readable_in_the_source(subject, line):
    assert headers.text("Subject", subject) == line


@given(texts.map(lambda text: re.sub(r"[\\/]", "-", text)))
@example("Riverside Colony – Sat 28 Nov 2026")
def test_the_name_of_a_file_arrives_as_written(name):
    planned = mail(attachments=(document("A668", file_name=f"{name}.pdf"),))
    data = mime.build(
        planned,
        sender=Address("reports@example.invalid"),
        identity="<1@example.invalid>",
        dated_at=DATED_AT,
        contents=[b"%PDF-"],
    )
    [part] = message_from_bytes(data, policy=policy.default).iter_attachments()

    assert part.get_filename() == f"{name}.pdf"
