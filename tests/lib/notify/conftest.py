"""The settings that name the mail server to send to."""

import pytest

from lib.config.settings import MailSettings
from tests.factories.notify_rows import settings


@pytest.fixture
def configured(mailbox, tmp_path):
    return settings(
        tmp_path, MailSettings(mailbox.host, mailbox.port, "reports@example.invalid", use_tls=False)
    )
