from __future__ import annotations

import pytest

from lib.config.settings import MailSettings
from lib.notify.delivery.smtp import TIMEOUT_S, Security, Server, server


@pytest.mark.parametrize(
    ("port", "use_tls", "security"),
    [
        (587, True, Security.STARTTLS),
        (25, True, Security.STARTTLS),
        (465, True, Security.IMPLICIT_TLS),
        (465, False, Security.IMPLICIT_TLS),
        (25, False, Security.PLAIN),
    ],
)
def test_the_connection_is_protected_unless_the_settings_say_otherwise(port, use_tls, security):
    settings = MailSettings(
        "mail.example.invalid", port, "reports@example.invalid", use_tls, "user", "hunter2"
    )
    assert server(settings) == Server(
        "mail.example.invalid",
        port,
        security,
        "user",
        "hunter2",
        ehlo_name="example.invalid",
        timeout_s=TIMEOUT_S,
    )


@pytest.mark.parametrize(
    ("sender", "ehlo_name", "expected"),
    [
        ("Reports <reports@Chain.example>", None, "chain.example"),
        ("reports@chain.example", "mx7.hoster.example", "mx7.hoster.example"),
        ("not an address", None, None),
    ],
)
def test_we_call_ourselves_by_the_domain_of_our_address_or_by_the_setting(
    sender, ehlo_name, expected
):
    settings = MailSettings("h", 25, sender, use_tls=False, ehlo_name=ehlo_name)
    assert server(settings).ehlo_name == expected


def test_a_server_does_not_show_its_secrets():
    shown = repr(Server("mail.example.invalid", 587, Security.STARTTLS, "user", "hunter2"))

    assert "hunter2" not in shown
    assert "user" not in shown
