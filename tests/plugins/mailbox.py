"""The fixture `mailbox`: a mail server that takes what it is given and keeps it."""

import pytest

from demo.mailbox import run_mailbox


@pytest.fixture
def mailbox(tmp_path):
    with run_mailbox(tmp_path / "mail") as box:
        yield box
