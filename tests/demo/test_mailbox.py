import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from demo.mailbox import Mailbox, Refusal, Stage, run_mailbox

pytestmark = pytest.mark.integration

SENDER, SEEN, HIDDEN = "jobs@example.invalid", "seen@example.invalid", "hidden@example.invalid"


def mail(subject: str = "A day in ₹") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, SEEN, subject
    message.set_content("A line.\n.a line with a dot\n")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="A668.pdf")
    return message


def send(mailbox: Mailbox, message: EmailMessage | None = None) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(mailbox.host, mailbox.port, timeout=300) as client:
        return client.send_message(message or mail(), to_addrs=[SEEN, HIDDEN])


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with run_mailbox(tmp_path / "mails") as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_an_accepted_mail_is_kept_as_it_was_sent_with_its_envelope(mailbox: Mailbox) -> None:
    assert send(mailbox) == {}
    (received,) = mailbox.messages()

    assert (received.path.name, received.sender, received.recipients) == (
        "0001.eml",
        SENDER,
        (SEEN, HIDDEN),
    )
    assert received.message["subject"] == "A day in ₹"
    assert HIDDEN not in str(received.message)
    body = received.message.get_body()
    assert body is not None
    assert body.get_content() == "A line.\r\n.a line with a dot\r\n"
    assert [part.get_filename() for part in received.message.iter_attachments()] == ["A668.pdf"]


def test_the_file_tells_the_envelope_too(mailbox: Mailbox) -> None:
    send(mailbox)
    head = (mailbox.directory / "0001.eml").read_text().splitlines()[:3]

    assert head == [
        f"X-Envelope-From: {SENDER}",
        f"X-Envelope-To: {SEEN}",
        f"X-Envelope-To: {HIDDEN}",
    ]


def test_mails_are_numbered_on_over_several_runs(tmp_path: Path) -> None:
    for _ in range(2):
        with run_mailbox(tmp_path) as mailbox:
            send(mailbox)
    assert [received.path.name for received in mailbox.messages()] == ["0001.eml", "0002.eml"]


@pytest.mark.parametrize(
    ("refusal", "error", "kept"),
    [
        (Refusal(Stage.CONNECT, times=1), smtplib.SMTPServerDisconnected, 0),
        (Refusal(Stage.SENDER, "451 4.3.0 later", times=1), smtplib.SMTPSenderRefused, 0),
        (Refusal(Stage.SENDER, drops=True, times=1), smtplib.SMTPServerDisconnected, 0),
        (Refusal(Stage.RECIPIENT, times=2), smtplib.SMTPRecipientsRefused, 0),
        (Refusal(Stage.RECIPIENT, drops=True, times=1), smtplib.SMTPServerDisconnected, 0),
        (Refusal(Stage.DATA, "554 5.6.0 no", times=1), smtplib.SMTPDataError, 0),
        (Refusal(Stage.DATA, drops=True, times=1), smtplib.SMTPServerDisconnected, 0),
        (Refusal(Stage.ACCEPTED, times=1), smtplib.SMTPServerDisconnected, 1),
    ],
    ids=lambda value: (
        f"{value.stage}{' drops' * value.drops}" if isinstance(value, Refusal) else ""
    ),
)
def test_a_mail_can_fail_at_every_stage_and_the_next_one_goes_through(
    refusal: Refusal, error: type[Exception], kept: int, mailbox: Mailbox
) -> None:
    mailbox.refuse(refusal)
    with pytest.raises(error):
        send(mailbox)

    assert len(mailbox.messages()) == kept
    assert send(mailbox) == {}


def test_one_refused_recipient_leaves_the_others(mailbox: Mailbox) -> None:
    mailbox.refuse(Refusal(Stage.RECIPIENT, "550 5.1.1 unknown", address=HIDDEN))

    assert send(mailbox) == {HIDDEN: (550, b"5.1.1 unknown")}
    mailbox.accept_all()
    assert send(mailbox) == {}
    assert [received.recipients for received in mailbox.messages()] == [(SEEN,), (SEEN, HIDDEN)]


def test_starttls_and_login_are_required_when_offered(
    tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with (
        run_mailbox(tmp_path, starttls=server_tls, login=("jobs", "right")) as mailbox,
        smtplib.SMTP(mailbox.host, mailbox.port, timeout=300) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            client.send_message(mail())
        client.starttls(context=client_tls)
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            client.send_message(mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("jobs", "wrong")
        client.login("jobs", "right")
        assert client.send_message(mail()) == {}


def test_tls_from_the_start_and_login_without_tls_work_too(
    tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with (
        run_mailbox(tmp_path, tls=server_tls, login=("jobs", "right")) as mailbox,
        smtplib.SMTP_SSL(mailbox.host, mailbox.port, timeout=300, context=client_tls) as client,
    ):
        client.login("jobs", "right")
        assert client.send_message(mail()) == {}
    with (
        run_mailbox(tmp_path, login=("jobs", "right")) as mailbox,
        pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"),
    ):
        send(mailbox)


def test_nothing_is_left_running_although_a_client_stays_connected(tmp_path: Path) -> None:
    before = threading.active_count()
    with run_mailbox(tmp_path) as mailbox:
        client = smtplib.SMTP(mailbox.host, mailbox.port, timeout=300)
    with closing(client):
        assert threading.active_count() == before
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()

    assert mailbox.connections == 1
