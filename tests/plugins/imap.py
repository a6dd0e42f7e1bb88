"""The fixture `imap`: a real IMAP server with one account, empty for each test."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests import dovecot


@pytest.fixture(scope="session")
def imap_server():
    if dovecot.PROGRAM is None:
        pytest.skip("dovecot is not installed here; Debian's package is dovecot-imapd")

    # Not below pytest's own directory, which the ordinary user that Dovecot runs as cannot enter.
    root = Path(tempfile.mkdtemp(prefix="imap-", dir="/tmp"))
    root.chmod(0o755)
    try:
        with dovecot.running(root) as server:
            yield server
    finally:
        shutil.rmtree(root)


@pytest.fixture
def imap(imap_server, monkeypatch):
    """The server with an empty mailbox, trusted by what the test starts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.certificate))
    imap_server.empty()
    return imap_server
