"""What an unknown page looked like, kept for whoever must find out: redacted, private and few; jobs.prune ends them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from lib import dates, log
from lib.portal.http.reply import Kind, Reply
from lib.portal.redaction import redact
from lib.portal.site import facts

#: Replies whose name says it all.
TOLD = frozenset({Kind.PAGE, Kind.CSV, Kind.EMPTY_EXPORT, Kind.RATE_LIMITED, Kind.SERVER_ERROR})
KEPT_FILES = 40
KEPT_PAGES = 3


class Puzzles:
    """The replies of one run that nobody understood: the first few are kept, the others will be like them."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._left = KEPT_PAGES

    def offer(self, name: str, kind: Kind, reply: Reply) -> None:
        """Keep the reply if it is a web page that we have no name for. Never raises."""
        is_told = kind in TOLD or (kind is Kind.LOGGED_OUT and facts.LOGGED_OUT.search(reply.body))
        if self._left and not is_told and facts.HTML.search(reply.body):
            self._left -= 1
            keep(
                self._directory,
                name,
                html=redact.page(reply.body.decode("utf-8", errors="replace")),
            )


def keep(directory: Path | None, name: str, *, html: str, picture: bytes | None = None) -> None:
    """Write `html` and `picture`, both redacted already, as `<time>-<name>` with mode 0600, and sweep.

    Never raises: what cannot be kept is said and costs the run nothing. None: nothing is kept.
    """
    if directory is None:
        return

    stem = f"{dates.now():%Y%m%dT%H%M%S%fZ}-{re.sub(r'[^A-Za-z0-9_]+', '-', name)}"

    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(directory / f"{stem}.html", html.encode())

        if picture:
            _write(directory / f"{stem}.png", picture)
    except OSError as error:
        log.warning("the unknown page was not kept", error=error, path=directory)
        return

    log.info("the page was kept without its data", path=directory / f"{stem}.html")
    sweep(directory)


def sweep(directory: Path | None) -> None:
    """Remove the oldest of more than KEPT_FILES. Never raises."""
    if directory is None:
        return

    with suppress(OSError):
        files = sorted(
            file for ending in ("html", "png") for file in directory.glob(f"*Z-*.{ending}")
        )
        for file in files[:-KEPT_FILES]:
            file.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
