"""Every stage of SMTP that can fail, against real servers on loopback."""

from __future__ import annotations

import socket
import ssl

import pytest
import stamina
import trustme

from demo.mailbox import DROP, SILENCE, Refusal, Stage, run_mailbox
from lib.domain.mail_states import MailState
from lib.notify.delivery.smtp import Security, Server
from lib.notify.delivery.smtp_session import ATTEMPTS, MAX_LOST_IN_A_ROW, SmtpResult, SmtpSession
from tests.fakes.scripted_mailbox import scripted_mailbox

pytestmark = pytest.mark.integration

SENDER = "reports@example.invalid"
A, B, C = (f"{name}@example.invalid" for name in "abc")
MESSAGE = b"Subject: x\r\n\r\n.a line that begins with a dot\r\n"
PENDING, _, SENT, FAILED, UNCERTAIN = MailState


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=ATTEMPTS, cap=True):
        yield


def server_of(box, security=Security.PLAIN, **changes) -> Server:
    return Server(
        getattr(box, "host", "127.0.0.1"), box.port, security, **{"timeout_s": 5, **changes}
    )


def claim(accepted) -> bool:
    return True


def send(server: Server, *recipients: str) -> SmtpResult:
    with SmtpSession(server) as session:
        return session.send(SENDER, recipients or (A,), MESSAGE, claim)


def test_a_message_arrives_as_it_is_at_everybody_over_one_connection(mailbox):
    with SmtpSession(server_of(mailbox)) as session:
        results = [session.send(SENDER, [A, B], MESSAGE, claim) for _ in range(3)]

    assert results == [SmtpResult({A: SENT, B: SENT})] * 3
    assert [received.recipients for received in mailbox.messages()] == [(A, B)] * 3
    assert mailbox.messages()[0].path.read_bytes().endswith(MESSAGE)
    assert mailbox.connections == 1


@pytest.mark.parametrize(
    ("refusal", "expected", "arrived"),
    [
        pytest.param(
            Refusal(Stage.RECIPIENT, "550 5.1.1 <b@example.invalid> unknown", address=B),
            SmtpResult({A: SENT, B: FAILED, C: SENT}, "SMTP recipient: 1 refused with 550 5.1.1"),
            [(A, C)],
            id="one recipient for good",
        ),
        pytest.param(
            Refusal(Stage.RECIPIENT, "451 4.7.1 greylisted", address=B),
            SmtpResult({A: SENT, B: PENDING, C: SENT}, "SMTP recipient: 1 refused with 451 4.7.1"),
            [(A, C)],
            id="one recipient for now",
        ),
        pytest.param(
            Refusal(Stage.RECIPIENT, "550 no"),
            SmtpResult({A: FAILED, B: FAILED, C: FAILED}, "SMTP recipient: 3 refused with 550"),
            [],
            id="every recipient",
        ),
        pytest.param(
            Refusal(Stage.SENDER, "553 5.7.1 not yours"),
            SmtpResult(
                {A: PENDING, B: PENDING, C: PENDING},
                "SMTP sender: refused with 553 5.7.1; check REPORT_EMAIL_FROM",
                needs_person=True,
            ),
            [],
            id="sender for good",
        ),
        pytest.param(
            Refusal(Stage.SENDER, "451 4.7.1 come back later"),
            SmtpResult(
                {A: PENDING, B: PENDING, C: PENDING},
                "SMTP sender: refused with 451 4.7.1; check REPORT_EMAIL_FROM",
            ),
            [],
            id="sender for now",
        ),
        pytest.param(
            Refusal(Stage.DATA, "554 5.7.0 looks like spam"),
            SmtpResult({A: FAILED, B: FAILED, C: FAILED}, "SMTP data: refused with 554 5.7.0"),
            [],
            id="content for good",
        ),
        pytest.param(
            Refusal(Stage.DATA, "452 4.3.1 disk full"),
            SmtpResult({A: PENDING, B: PENDING, C: PENDING}, "SMTP data: refused with 452 4.3.1"),
            [],
            id="content for now",
        ),
    ],
)
def test_a_refusal_is_recorded_and_the_next_message_goes(mailbox, refusal, expected, arrived):
    mailbox.refuse(refusal)
    with SmtpSession(server_of(mailbox)) as session:
        assert session.send(SENDER, [A, B, C], MESSAGE, claim) == expected
        mailbox.accept_all()
        assert session.send(SENDER, [A], MESSAGE, claim) == SmtpResult({A: SENT})

    assert [received.recipients for received in mailbox.messages()] == [*arrived, (A,)]
    assert mailbox.connections == 1


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.SENDER, Stage.RECIPIENT])
def test_a_drop_before_the_content_is_tried_again_on_a_new_connection(mailbox, stage):
    mailbox.refuse(Refusal(stage, drops=True, times=ATTEMPTS - 1))

    assert send(server_of(mailbox), A, B) == SmtpResult({A: SENT, B: SENT})
    assert len(mailbox.messages()) == 1
    assert mailbox.connections == ATTEMPTS


def test_a_drop_between_the_final_dot_and_its_answer_is_uncertain_and_not_repeated(mailbox):
    mailbox.refuse(Refusal(Stage.ACCEPTED, times=1))
    with SmtpSession(server_of(mailbox)) as session:
        first = session.send(SENDER, [A, B], MESSAGE, claim)
        second = session.send(SENDER, [A], MESSAGE, claim)

    assert first.by_recipient == {A: UNCERTAIN, B: UNCERTAIN}
    assert (
        first.reason
        == f"SMTP answer to the message: 127.0.0.1:{mailbox.port} closed the connection"
    )
    assert second == SmtpResult({A: SENT})
    assert len(mailbox.messages()) == 2


def test_a_drop_that_lasts_fails_this_message_and_the_next_one_is_tried(mailbox):
    mailbox.refuse(Refusal(Stage.RECIPIENT, drops=True, address=A))
    with SmtpSession(server_of(mailbox)) as session:
        assert session.send(SENDER, [A], MESSAGE, claim).by_recipient == {A: PENDING}
        assert session.send(SENDER, [B], MESSAGE, claim) == SmtpResult({B: SENT})


def test_a_server_that_drops_message_after_message_is_given_up(mailbox):
    mailbox.refuse(Refusal(Stage.SENDER, drops=True))
    with SmtpSession(server_of(mailbox)) as session:
        results = [session.send(SENDER, [A], MESSAGE, claim) for _ in range(MAX_LOST_IN_A_ROW + 5)]

    assert {result.reason for result in results} == {
        f"SMTP sender: 127.0.0.1:{mailbox.port} closed the connection"
    }
    assert mailbox.connections == MAX_LOST_IN_A_ROW * ATTEMPTS


def test_a_server_that_is_away_is_asked_for_the_first_message_only():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with SmtpSession(Server("127.0.0.1", port, Security.PLAIN)) as session:
            results = [session.send(SENDER, [A, B], MESSAGE, claim) for _ in range(2)]
    reason = f"SMTP connect: 127.0.0.1:{port}: ConnectionRefusedError: Connection refused"

    assert results == [SmtpResult({A: PENDING, B: PENDING}, reason)] * 2


def test_a_name_that_does_not_resolve_is_said_so():
    result = send(Server("mail.example.invalid", 25, Security.PLAIN))
    assert result.reason == "SMTP connect: the name mail.example.invalid cannot be resolved"


@pytest.mark.parametrize(
    ("where", "state", "reason"),
    [
        ("GREETING", PENDING, "SMTP connect: no answer"),
        ("EHLO", PENDING, "SMTP greeting: no answer"),
        ("MAIL", PENDING, "SMTP sender: no answer"),
        ("RCPT", PENDING, "SMTP recipient: no answer"),
        ("DATA", PENDING, "SMTP data: no answer"),
        ("DOT", UNCERTAIN, "SMTP answer to the message: no answer"),
    ],
)
def test_a_server_that_falls_silent_does_not_hang_us(where, state, reason):
    with scripted_mailbox(**{where: SILENCE}) as box:
        # long enough for the answers before the silence, also on a busy machine
        result = send(server_of(box, timeout_s=2))
    assert result == SmtpResult({A: state}, f"{reason} from 127.0.0.1:{box.port} within 2 s")


@pytest.mark.parametrize(
    ("where", "reply", "state", "heard"),
    [
        ("GREETING", "554 not for you", PENDING, 0),
        ("GREETING", "421 later", PENDING, 0),
        ("MAIL", "421 closing", PENDING, 0),
        ("RCPT", "421 closing", PENDING, 0),
        ("DATA", DROP, PENDING, 0),
        ("DATA", "421 closing", PENDING, 0),
        ("DATA", "503 no", FAILED, 0),
        ("DATA", "250 what", PENDING, 0),
        ("DOT", DROP, UNCERTAIN, 1),
        ("DOT", "421 closing", PENDING, 1),
        ("DOT", "what?", UNCERTAIN, 1),
        ("DOT", "250 " + "x" * 9000, UNCERTAIN, 1),
        ("DOT", "550 no", FAILED, 1),
    ],
)
def test_whatever_the_server_says_no_content_is_offered_twice(where, reply, state, heard):
    with scripted_mailbox(**{where: reply}) as box:
        result = send(server_of(box))

    assert result.by_recipient == {A: state}
    assert result.reason
    assert box.heard.count("DOT") == heard


@pytest.mark.parametrize(
    ("where", "reply"), [("RSET", DROP), ("QUIT", DROP), ("QUIT", "421 closing")]
)
def test_a_server_that_is_rude_afterwards_changes_nothing(where, reply):
    with scripted_mailbox(**{where: reply, "RCPT": "550 no"}) as box:
        assert send(server_of(box)).by_recipient == {A: FAILED}


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """A certificate authority that OpenSSL trusts by default during the test."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def tls(ca, host="127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(host).configure_cert(context)
    return context


def test_starttls_with_a_valid_certificate_and_login(tmp_path, authority):
    with run_mailbox(tmp_path / "mail", starttls=tls(authority), login=("u", "p")) as box:
        result = send(server_of(box, Security.STARTTLS, username="u", password="p"))
        assert result == SmtpResult({A: SENT})
        assert len(box.messages()) == 1


def test_tls_from_the_start(tmp_path, authority):
    with run_mailbox(tmp_path / "mail", tls=tls(authority)) as box:
        assert send(server_of(box, Security.IMPLICIT_TLS)) == SmtpResult({A: SENT})


@pytest.mark.parametrize(
    ("kind", "security"),
    [("starttls", Security.STARTTLS), ("tls", Security.IMPLICIT_TLS)],
    ids=["starttls", "tls"],
)
@pytest.mark.parametrize("fault", ["unknown authority", "another name"])
def test_a_certificate_that_is_not_valid_ends_it_at_once(
    tmp_path, authority, kind, security, fault
):
    context = (
        tls(trustme.CA())
        if fault == "unknown authority"
        else tls(authority, "mail.example.invalid")
    )
    with run_mailbox(tmp_path / "mail", **{kind: context}) as box:
        result = send(server_of(box, security))
        assert result.by_recipient == {A: PENDING}
        assert "the certificate of 127.0.0.1 is not valid: " in result.reason
        assert result.needs_person
        assert box.messages() == []
        assert box.connections <= 1


def test_a_server_without_starttls_gets_no_mail_in_the_clear(mailbox):
    result = send(server_of(mailbox, Security.STARTTLS, username="u", password="secret"))
    reason = f"SMTP starttls: 127.0.0.1:{mailbox.port} does not offer it"

    assert result == SmtpResult({A: PENDING}, reason, needs_person=True)
    assert mailbox.messages() == []


def test_a_rejected_login_is_said_once_and_shows_no_password(tmp_path, authority):
    with run_mailbox(tmp_path / "mail", starttls=tls(authority), login=("u", "p")) as box:
        server = server_of(box, Security.STARTTLS, username="u", password="hunter2")
        result = send(server)
        assert result.by_recipient == {A: PENDING}
        assert result.reason.endswith("check REPORT_EMAIL_SMTP_USERNAME and its password")
        assert result.reason.startswith("SMTP login: refused with 535 5.7.8")
        assert result.needs_person
        assert "hunter2" not in result.reason + repr(server)
        assert box.connections == 1


def test_a_server_with_foreign_ways_to_log_in_is_asked_once():
    with scripted_mailbox(EHLO="250-box\r\n250 AUTH GSSAPI") as box:
        result = send(server_of(box, username="u", password="p"))

    assert result.reason == f"SMTP login: 127.0.0.1:{box.port} and we have no way in common"
    assert box.connections == 1


def test_a_message_refused_before_its_content_does_not_spoil_the_next_one():
    with scripted_mailbox(DATA="554 no") as box, SmtpSession(server_of(box)) as session:
        for _ in range(2):
            assert session.send(SENDER, [A], MESSAGE, claim).by_recipient == {A: FAILED}

    assert box.heard == ["EHLO", *["MAIL", "RCPT", "DATA", "RSET"] * 2, "QUIT"]
    assert box.connections == 1


def test_a_password_that_smtp_cannot_carry_is_a_named_failure(tmp_path, authority):
    with run_mailbox(tmp_path / "mail", starttls=tls(authority), login=("u", "p")) as box:
        result = send(server_of(box, Security.STARTTLS, username="u", password="pässword"))
    assert result.reason == "SMTP login: the host, user name or password has non-ASCII letters"


def test_a_server_that_wants_a_login_and_gets_none_keeps_the_mail_owed(tmp_path, authority):
    with run_mailbox(tmp_path / "mail", starttls=tls(authority), login=("u", "p")) as box:
        result = send(server_of(box, Security.STARTTLS))
    reason = "SMTP sender: refused with 530 5.7.0; check REPORT_EMAIL_FROM"

    assert result == SmtpResult({A: PENDING}, reason, needs_person=True)
