"""Where forms come back to: a directory, a mailbox, both or neither."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lib.config import invisible
from lib.config.settings import MailboxSettings, ReturnSettings
from lib.config.source import Source

#: IMAP with TLS from the start.
PORT = 993
FOLDER = "INBOX"

_NOT_OF_THE_FORM = (
    "RETURNS_IMAP_URL is not of the form imaps://user:password@host/folder; percent-encode"
    " what is special in user and password, such as %40 for @"
)


def read(source: Source) -> ReturnSettings:
    """Return where forms come back to; a wrong address is a problem that quotes nothing of it."""
    directory = source.existing("RETURNS_DIR", Path.is_dir, "directory")
    given = source.secret("RETURNS_IMAP_URL").strip()
    mailbox = _mailbox(given) if given else None

    if given and mailbox is None:
        source.problems.append(_NOT_OF_THE_FORM)

    return ReturnSettings(directory, mailbox)


def _mailbox(url: str) -> MailboxSettings | None:
    """Return the mailbox that the address names; None if it is not of the form."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError:
        return None

    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or FOLDER
    words = (username, password, folder)

    is_plain = not any(map(invisible.first, words)) and not parts.query and not parts.fragment
    # Other letters have names of their own in IMAP, which servers show in no two ways alike.
    is_plain = is_plain and folder.isascii()
    if parts.scheme != "imaps" or not parts.hostname or not all(words) or not is_plain:
        return None

    return MailboxSettings(parts.hostname, port, folder, username, password)
