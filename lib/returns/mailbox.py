"""The only imaplib: the mailbox that owners reply to, of which nothing is changed.

How far it is read is in the database and not in flags of its mails, so that it is written together
with what was read (docs/adr/0027-how-forms-come-back.md).
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

from lib.config import MailboxSettings
from lib.errors import ConfigurationError, TemporaryError

#: Of one answer of the server.
TIMEOUT_S = 60

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')
#: Refusals that pass (RFC 5530).
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]")


class MailboxUnavailable(TemporaryError):
    """The server is out of reach, or has no time for us; the next run goes on where this ended."""


class MailboxRefused(ConfigurationError):
    """Server, account or folder of RETURNS_IMAP_URL is not right; a person must look at it."""


@dataclass(frozen=True)
class MailSummary:
    """What is known about a mail before it is fetched."""

    uid: int
    size_bytes: int
    #: When the server took it; aware.
    received_at: datetime
    header: bytes


class OpenMailbox:
    """A folder that is open for reading."""

    def __init__(self, server: imaplib.IMAP4_SSL, uid_validity: int) -> None:
        self._server = server
        #: UIDs of another value are about other mails.
        self.uid_validity = uid_validity

    def uids_after(
        self,
        last: int,
        since: date,
    ) -> list[int]:
        """Return the UIDs above `last` of mails that came since that day, the lowest first."""
        words = f"UID {last + 1}:* SINCE {since.day}-{since:%b-%Y}"
        found = self._asked("SEARCH", words)
        uids: set[int] = set()

        for line in found:
            if isinstance(line, bytes):
                uids.update(map(int, line.split()))

        # `5:*` is also the newest mail where all are below 5.
        return sorted(uid for uid in uids if uid > last)

    def summary(self, uid: int) -> MailSummary | None:
        """Return what is known about a mail; None if it is gone."""
        found = self._fetched(uid, "(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER])")
        if found is None:
            return None

        facts, header = found
        size, at = _SIZE.search(facts), _DATE.search(facts)

        if not size or not at:
            raise MailboxUnavailable("the IMAP server does not say size and date of a mail")

        received_at = datetime.strptime(at[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z")
        return MailSummary(uid, int(size[1]), received_at, header)

    def content(self, uid: int) -> bytes | None:
        """Return the whole mail; None if it is gone."""
        found = self._fetched(uid, "(BODY.PEEK[])")

        return found[1] if found else None

    def _fetched(
        self,
        uid: int,
        what: str,
    ) -> tuple[bytes, bytes] | None:
        """Return the facts that the server states before and behind a text, and the text."""
        found = self._asked("FETCH", str(uid), what)
        facts = b" ".join(one if isinstance(one, bytes) else one[0] for one in found if one)

        for one in found:
            if isinstance(one, tuple):
                return facts, one[1]

        return None

    def _asked(self, *words: str) -> list[bytes | tuple[bytes, bytes] | None]:
        with _said_in_our_words():
            answer, found = self._server.uid(*words)

        if answer != "OK":
            raise MailboxUnavailable(f"the IMAP server does not answer {words[0]}")

        return list(found)


@contextmanager
def opened(settings: MailboxSettings) -> Iterator[OpenMailbox]:
    """Log in and open the folder for reading, for the length of a `with` block.

    Raise MailboxUnavailable or MailboxRefused; neither quotes what the server or the settings say.
    """
    with _said_in_our_words():
        server = imaplib.IMAP4_SSL(
            settings.host,
            settings.port,
            ssl_context=ssl.create_default_context(),
            timeout=TIMEOUT_S,
        )

    try:
        _log_in(server, settings)
        yield OpenMailbox(server, _open(server, settings.folder))
    finally:
        # The server may be gone; nothing of ours waits for its goodbye.
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def _log_in(server: imaplib.IMAP4_SSL, settings: MailboxSettings) -> None:
    # LOGIN takes ASCII only.
    said = f"\0{settings.username}\0{settings.password}".encode()

    try:
        with _said_in_our_words():
            server.authenticate("PLAIN", lambda _: said)
    except imaplib.IMAP4.error as error:
        if any(code in str(error).upper() for code in _PASSING):
            raise MailboxUnavailable("the IMAP server has no time for a login") from None

        raise MailboxRefused(
            "the IMAP server refuses user and password of RETURNS_IMAP_URL"
        ) from None


def _open(server: imaplib.IMAP4_SSL, folder: str) -> int:
    """Open the folder for reading; return its UIDVALIDITY."""
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'

    with _said_in_our_words():
        answer, _ = server.select(quoted, readonly=True)

    _, said = server.response("UIDVALIDITY")

    if answer != "OK" or not said or said[0] is None:
        raise MailboxRefused("the IMAP server has no such folder as RETURNS_IMAP_URL names")

    return int(said[0])


@contextmanager
def _said_in_our_words() -> Iterator[None]:
    """Raise the errors of connections as ours; a refusal stays what it is."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise MailboxRefused(
            "the certificate of the IMAP server is not one that this machine trusts"
        ) from None
    except (imaplib.IMAP4.abort, OSError):
        raise MailboxUnavailable(
            "the IMAP server is out of reach, or the connection ended; the rest is read next time"
        ) from None
