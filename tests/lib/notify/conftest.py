"""A mail server to send to, and the settings that name it."""

import pytest

from demo.mailbox import run_mailbox
from lib.config.settings import MailSettings
from tests.factories.notify_rows import settings


@pytest.fixture
def mailbox(tmp_path):
    with run_mailbox(tmp_path / "mail") as box:
        yield box


@pytest.fixture
def configured(mailbox, tmp_path):
    return settings(tmp_path, MailSettings(mailbox.host, mailbox.port, "reports@example.invalid", use_tls=False))
