"""What draws a page for a run: a process of this host, or a place on worker hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lib import errors
from lib.reports.render.pdf_check import Expected

#: Then the drawing of one page is given up.
PAGE_TIMEOUT_S = 120.0


class PageFailed(errors.JobError):
    """One page could not be drawn, or is not what was asked for; the others are not concerned."""


class Cancelled(PageFailed):
    """The page was not drawn because the run stops: nothing is wrong with it."""


@dataclass(frozen=True)
class Drawn:
    """A page that was drawn and found to be what was asked for."""

    content: bytes
    #: SHA-256, hexadecimal, of the bytes that were checked.
    checksum: str


@dataclass(frozen=True)
class NotDrawn:
    """Why a page has no PDF, in words without its content."""

    reason: str


class HostLost(errors.JobError):
    """A worker host could not draw the page, which another drawer may draw as well."""


class Drawer(Protocol):
    """Draws one page at a time. Only one thread at a time may use it, but for `kill`."""

    def draw(
        self,
        html: str,
        expected: Expected,
    ) -> Drawn:
        """Return the page's PDF once it was checked.

        Raise PageFailed if the page is to blame, HostLost if another drawer may draw it.
        """

    def kill(self) -> None:
        """End the draw that waits, and each later one, with PageFailed; from any thread."""

    def stop(self) -> None:
        """Give back what the drawer holds; nothing is being drawn any more."""
