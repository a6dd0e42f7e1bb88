"""The bytes that are sent, read back as a mail reader does."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes, policy
from urllib.parse import unquote

import pytest

from lib.notify.message import mime
from lib.notify.model.addresses import Address
from tests.factories.notify import document, mail

SENDER = Address("reports@example.invalid", "Reports")
DATED_AT = datetime(2025, 11, 15, 2, 41, 52, tzinfo=UTC)
IDENTITY = "<1@example.invalid>"


def built(planned, contents=()) -> bytes:
    return mime.build(
        planned, sender=SENDER, identity=IDENTITY, dated_at=DATED_AT, contents=contents
    )


def read(planned, contents=()):
    return message_from_bytes(built(planned, contents), policy=policy.default)


def test_the_headers_name_sender_readers_subject_and_identity_but_no_bcc():
    planned = mail(
        to=(Address("a@example.invalid", "Rösti, Anna"), Address("b@example.invalid")),
        cc=(Address("c@example.invalid"),),
        bcc=(Address("secret@example.invalid"),),
        subject="Bericht für A668 ✔",
    )
    message = read(planned)

    assert dict(message.items()) == {
        "From": "Reports <reports@example.invalid>",
        "To": '"Rösti, Anna" <a@example.invalid>, b@example.invalid',
        "Cc": "c@example.invalid",
        "Subject": "Bericht für A668 ✔",
        "Message-ID": IDENTITY,
        "Auto-Submitted": "auto-generated",
        "Date": "Sat, 15 Nov 2025 02:41:52 +0000",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert b"secret" not in built(planned)


def test_the_text_is_there_plain_and_as_calm_html():
    message = read(mail(subject="<b>", body="5 < 6 & ₹\n{body}"))

    assert message.get_body(("plain",)).get_content().splitlines() == ["5 < 6 & ₹", "{body}"]
    page = message.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert "5 &lt; 6 &amp; ₹<br>{body}</div>" in page
    assert "<title>&lt;b&gt;</title>" in page


def test_documents_are_attached_as_pdf_under_their_names():
    planned = mail(attachments=(document("A668"), document("A817", file_name="Übersicht.pdf")))
    parts = list(read(planned, [b"%PDF-1", b"%PDF-2\n.\r\n"]).iter_attachments())

    assert [
        (part.get_content_type(), part.get_filename(), part.get_content()) for part in parts
    ] == [
        ("application/pdf", "A668_2025-11-14.pdf", b"%PDF-1"),
        ("application/pdf", "Übersicht.pdf", b"%PDF-2\n.\r\n"),
    ]


DASH = "\N{EN DASH}"


@pytest.mark.integration
@pytest.mark.parametrize(
    "words",
    [
        f"Riverside Colony, 16{DASH}22 Nov: ₹67,576, ▼ 8.0%",
        "Late: " + "Naïve Lane " * 12,
        "पुणे, Sat 28 Nov: ₹8,924  (usual  ₹12,937)",
    ],
    ids=["a week", "a long name", "Devanagari"],
)
def test_another_parser_reads_subject_and_name_as_they_were_written(words):
    """Perl decodes the subject (RFC 2047); the name is put together by the letter of RFC 2231."""
    name = f"{words.replace(':', '')}.pdf"
    planned = mail(subject=words.strip(), attachments=(document("A668", shown_name=name),))
    head, _, rest = built(planned, [b"%PDF-1"]).partition(b"\r\n\r\n")

    [raw] = re.findall(rb"^Subject: ([^\r]*(?:\r\n[ \t][^\r]*)*)", head, re.MULTILINE)
    unfolded = raw.replace(b"\r\n", b"")
    script = 'use Encode; $_ = <STDIN>; print encode("UTF-8", decode("MIME-Header", $_))'
    done = subprocess.run(["perl", "-e", script], input=unfolded, capture_output=True, check=True)
    assert done.stdout.decode() == planned.subject

    pieces = re.findall(rb"filename(?:\*\d+)?\*=([^;\r\n]+)", rest)
    charset, language, text = b"".join(pieces).split(b"'")
    assert (charset, language) == (b"utf-8", b"")
    assert unquote(text.decode()) == name


def test_the_same_mail_has_the_same_bytes_each_time():
    planned = mail(attachments=(document("A668"),))
    assert built(planned, [b"x"]) == built(planned, [b"x"])


def test_the_bytes_are_ascii_lines_that_every_server_takes():
    data = built(mail(subject="₹" * 200, body="₹" * 3000 + "\n.\nlast"), ())

    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject", ["a\nBcc: b@example.invalid", "a\r\n\r\nbody", "a\rb", "a\x00b", "a\u2028b"]
)
def test_a_subject_cannot_start_another_header(subject):
    with pytest.raises(mime.UnsendableMessage, match="its Subject has a line break"):
        built(mail(subject=subject))


def test_a_message_that_no_server_would_take_is_not_built():
    planned = mail(attachments=(document("A668"),))
    with pytest.raises(mime.UnsendableMessage, match="at most 26214400 are sent"):
        built(planned, [bytes(20 * 1024 * 1024)])


def test_the_page_carries_its_styles_in_its_elements_and_names_what_is_attached():
    page = read(mail(attachments=(document("A668"),)), [b"x"]).get_body(("html",)).get_content()

    assert page.count("<style>") == 1
    assert "<style>@media " in page, "any other style would be lost"
    assert '<body style="margin: 0;padding: 16px;' in page
    assert page.index("<meta charset") < 1024
    assert ">A668_2025-11-14.pdf</li>" in page
    assert "http" not in page, "nothing is loaded from anywhere"
