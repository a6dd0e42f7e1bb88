"""Everything that the portal can do to a run, by name, with the exit code that `lib.errors` gives it."""

from __future__ import annotations

from lib.errors import ConfigurationError, TemporaryError


class LoginRefused(ConfigurationError):
    """The portal does not let this account in, and asking again would not help."""


class PortalAway(TemporaryError):
    """There is no session to be had now, or no network: no store can be asked before a later run."""


class Unreachable(PortalAway):
    """There is no connection at all, as on a machine that has just woken up: waiting for the network may help."""


class StoreGap(TemporaryError):
    """One store's page or export could not be had; the others are not touched by it."""

    def __init__(self, store_code: str, what: str, reason: str) -> None:
        self.store_code = store_code
        super().__init__(f"{store_code}: {what} is missing: {reason}")


class PageRefused(TemporaryError):
    """A page arrived, but not the one that was asked for, so nothing was read from it."""


class LoggedOutPage(PageRefused):
    """The portal shows its log-in-first page, with status 200.

    Source: docs/reference/domain.md#success-and-failure.
    """


class UntitledPage(PageRefused):
    """The page has no dashboard title, or the title names no store: nothing proves what it is."""


class UndatedPage(PageRefused):
    """The title has no readable date (lesson 62)."""


class AnotherDay(PageRefused):
    """The page is about another day than T (lesson 62)."""


class AnotherStore(PageRefused):
    """The page is about another store than the one asked for (lesson 61)."""
