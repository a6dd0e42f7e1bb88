"""The mail server of a drill, and the proxy that cuts a link after a final dot."""

from __future__ import annotations

import smtplib
import threading
from email.message import EmailMessage

import pytest

from lib.drill.mail_server import mail_proxy, mail_server

pytestmark = pytest.mark.integration
READERS = ["reader-1@drill.invalid", "reader-2@drill.invalid"]


def mail(number):
    message = EmailMessage()
    message["Message-ID"] = f"<{number}@drill.invalid>"
    message["Subject"] = "Figures"
    message["From"], message["To"] = "drill@drill.invalid", ", ".join(READERS)
    # A line that is a dot, which SMTP doubles, and one that only looks like a header.
    message.set_content(".\nMessage-ID: <other@drill.invalid>\n..\n")
    return message


def taken(*numbers):
    return {(f"<{number}@drill.invalid>", reader): 1 for number in numbers for reader in READERS}


def test_each_mail_is_counted_once_for_each_recipient():
    with mail_server() as server, smtplib.SMTP(server.host, server.port, timeout=300) as client:
        client.send_message(mail(1))
        client.send_message(mail(2))

        assert server.taken == taken(1, 2)


def test_a_mail_that_comes_twice_is_counted_twice():
    with mail_server() as server, smtplib.SMTP(server.host, server.port, timeout=300) as client:
        client.send_message(mail(1))
        client.send_message(mail(1))

        assert set(server.taken.values()) == {2}


def test_a_mail_that_is_cut_short_is_no_mail():
    with mail_server() as server:
        client = smtplib.SMTP(server.host, server.port, timeout=300)
        client.mail("drill@drill.invalid")
        client.rcpt(READERS[0])
        client.docmd("DATA")
        client.send("Message-ID: <1@drill.invalid>\r\n\r\nFig")
        client.close()
        with smtplib.SMTP(server.host, server.port, timeout=300) as other:
            other.send_message(mail(2))

        assert server.taken == taken(2)


def test_what_it_does_not_know_is_refused():
    with mail_server() as server, smtplib.SMTP(server.host, server.port, timeout=300) as client:
        assert client.docmd("VRFY", "people")[0] == 502


def test_the_link_is_cut_after_the_dot_of_one_mail_which_the_server_has_taken():
    cut = threading.Event()

    with mail_server() as server, mail_proxy(server, 2, cut.set) as proxy:
        client = smtplib.SMTP("127.0.0.1", proxy.port, timeout=300)
        client.send_message(mail(1))
        assert not cut.is_set()

        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.send_message(mail(2))

        assert cut.is_set()
        assert server.taken == taken(1, 2)


def test_it_is_cut_once():
    with mail_server() as server, mail_proxy(server, 1, lambda: None) as proxy:
        first = smtplib.SMTP("127.0.0.1", proxy.port, timeout=300)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            first.send_message(mail(1))

        with smtplib.SMTP("127.0.0.1", proxy.port, timeout=300) as second:
            second.send_message(mail(2))

        assert server.taken == taken(1, 2)
