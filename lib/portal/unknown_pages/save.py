"""Copies of unknown pages, for a person to find out what they are: redacted, private and few.

`jobs.prune` removes them after ARTEFACT_RETENTION_DAYS.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from lib import dates, log
from lib.portal.http.reply import Reply, ReplyKind
from lib.portal.redaction import redact
from lib.portal.site import facts

#: Replies that need no look at the page.
KNOWN_KINDS = frozenset(
    {
        ReplyKind.PAGE,
        ReplyKind.CSV,
        ReplyKind.EMPTY_EXPORT,
        ReplyKind.RATE_LIMITED,
        ReplyKind.SERVER_ERROR,
    }
)
#: The names of what `keep` writes.
NAME = re.compile(r"\d{8}T\d{12}Z-[A-Za-z0-9_-]+\.(?:html|png)", re.ASCII)
MAX_FILES = 40
MAX_PAGES_A_RUN = 3


class UnknownPageRecorder:
    """Keeps the first few unknown pages of a run: the others will be like them."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._left = MAX_PAGES_A_RUN

    def record_if_unknown(
        self,
        name: str,
        kind: ReplyKind,
        reply: Reply,
    ) -> None:
        """Keep the reply if it is a web page of no known kind. Never raises."""
        if not self._left or kind in KNOWN_KINDS or not facts.HTML.search(reply.body):
            return

        # The portal's own log-in-first page is known; other HTML is only taken for it.
        if kind is ReplyKind.LOGGED_OUT and facts.LOGGED_OUT.search(reply.body):
            return

        self._left -= 1
        html = redact.page(reply.body.decode("utf-8", errors="replace"))
        keep(self._directory, name, html=html)


def keep(
    directory: Path | None,
    name: str,
    *,
    html: str,
    picture: bytes | None = None,
) -> None:
    """Write `html` and `picture`, both redacted already, as `<time>-<name>` with mode 0600.

    With None for a directory nothing is kept. Never raises: a copy that cannot be kept is a warning
    in the log.
    """
    if directory is None:
        return

    safe_name = re.sub(r"[^A-Za-z0-9_]+", "-", name)
    stem = f"{dates.now():%Y%m%dT%H%M%S%fZ}-{safe_name}"

    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(directory / f"{stem}.html", html.encode())

        if picture:
            _write(directory / f"{stem}.png", picture)
    except OSError as error:
        log.warning(
            "the unknown page was not kept",
            error=error,
            path=directory,
        )
        return

    log.info(
        "the page was kept without its data",
        path=directory / f"{stem}.html",
    )
    sweep(directory)


def sweep(directory: Path | None) -> None:
    """Remove the oldest of more than MAX_FILES. Never raises."""
    if directory is None:
        return

    with suppress(OSError):
        files = sorted([*directory.glob("*Z-*.html"), *directory.glob("*Z-*.png")])

        for file in files[:-MAX_FILES]:
            file.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
