"""Who sent a mail, and the PDFs in it, whatever the mail is."""

from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.returns import mails
from lib.returns.model import MAX_PDF_BYTES
from tests.factories.replies import reply

AT = datetime(2025, 11, 15, 4, 30, tzinfo=UTC)
OWNER = "owner@example.invalid"
PDF = b"%PDF-1.7 a form"


def found(mail):
    return [pdf.content for pdf in mails.pdfs(mail, OWNER, AT)]


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"From: Owner <Owner@Example.invalid>\r\n\r\n", OWNER),
        (b"From: owner@example.invalid\r\nAuto-Submitted: no\r\n\r\n", OWNER),
        (b"From: a@example.invalid, b@example.invalid\r\n\r\n", None),
        (b"From: a@example.invalid\r\nFrom: b@example.invalid\r\n\r\n", None),
        (b"Sender: a@example.invalid\r\n\r\n", None),
        (b"From: \r\n\r\n", None),
        (b"", None),
        (b"From: owner@example.invalid\r\nAuto-Submitted: auto-replied\r\n\r\n", None),
        (b"From: owner@example.invalid\r\nPrecedence: bulk\r\n\r\n", None),
        (b"From: owner@example.invalid\r\nReturn-Path: <>\r\n\r\n", None),
    ],
)
def test_the_sender_is_the_one_person_in_from(header, sender):
    assert mails.sender(header) == sender


def test_each_pdf_is_found_once_in_its_order():
    other = b"%PDF-1.4 another"
    assert found(reply(PDF, other, PDF)) == [PDF, other]


def test_a_pdf_is_known_by_what_it_is_and_by_what_it_is_called():
    mail = EmailMessage()
    mail.set_content("words")
    octets = {"maintype": "application", "subtype": "octet-stream"}
    mail.add_attachment(PDF, **octets, filename="form")
    mail.add_attachment(b"no PDF", **octets, filename="Form.PDF")
    mail.add_attachment(b"PNG", maintype="image", subtype="png", filename="logo.png")

    assert found(mail.as_bytes()) == [PDF, b"no PDF"]


@pytest.mark.parametrize("encoding", [b"BASE64", b"base64 \t", b"base64 (as ever)", b"base64\n "])
def test_blanks_and_comments_behind_the_encoding_hide_no_pdf(encoding):
    written = b"Content-Transfer-Encoding: "
    mail = reply(PDF).replace(written + b"base64", written + encoding)
    assert written + encoding + b"\n" in mail

    assert found(mail) == [PDF]


def test_a_pdf_is_found_wherever_a_mail_program_puts_it():
    pdf = b"Content-Type: application/pdf\n\n" + PDF
    mixed = b"Content-Type: multipart/mixed; boundary=B\n\n--B\n" + pdf + b"\n--B--\n"
    either = b"Content-Type: multipart/alternative; boundary=A\n\n--A\n\nwords\n--A\n"

    for mail in (pdf, mixed, either + mixed + b"--A--\n"):
        assert found(mail) == [PDF]


def test_a_mail_in_the_mail_is_not_looked_into():
    bounce = EmailMessage()
    bounce.set_content("It did not arrive.")
    inner = EmailMessage()
    inner.set_content("Your report")
    inner.add_attachment(PDF, maintype="application", subtype="pdf", filename="report.pdf")
    bounce.add_attachment(inner)

    assert found(bounce.as_bytes()) == []


def test_a_pdf_that_is_too_large_is_named_and_not_kept():
    [pdf] = mails.pdfs(reply(PDF + b"x" * MAX_PDF_BYTES), OWNER, AT)

    assert pdf.content is None
    assert len(pdf.digest) == 64


def test_a_mail_of_many_pdfs_has_some():
    many = [PDF + str(number).encode() for number in range(30)]
    assert found(reply(*many)) == many[: mails.MOST_PDFS]


@settings(max_examples=200, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=30),
    junk=st.binary(max_size=200),
)
def test_whatever_a_mail_is_it_has_pdfs_or_is_refused(places, junk):
    mail = bytearray(reply(PDF, b"%PDF-1.4 another"))
    for place, octet in places:
        mail[place % len(mail)] = octet

    for raw in (bytes(mail), junk + bytes(mail), junk):
        sender = mails.sender(raw)
        assert sender is None or "@" in sender or sender
        with suppress(mails.UnreadableMail):
            assert all(len(pdf.digest) == 64 for pdf in mails.pdfs(raw, OWNER, AT))


def test_parts_in_parts_without_end_are_refused():
    lines = []
    for number in range(3000):
        lines.append(f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n")
    with suppress(mails.UnreadableMail):
        assert found("".join(lines).encode()) == []
