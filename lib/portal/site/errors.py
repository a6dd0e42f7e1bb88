"""Every error that the portal can cause; `lib.errors` gives each its exit code."""

from __future__ import annotations

from lib.errors import ConfigurationError, TemporaryError


class LoginRefused(ConfigurationError):
    """The portal refuses this account, and another attempt would not help."""


class PortalAway(TemporaryError):
    """No session or no network now: no store can be read before a later run."""


class Unreachable(PortalAway):
    """No connection at all, as on a machine that has just woken up: waiting may help."""


class StoreGap(TemporaryError):
    """One store's page or export is missing; other stores are not affected."""

    def __init__(
        self,
        store_code: str,
        what: str,
        reason: str,
    ) -> None:
        self.store_code = store_code
        super().__init__(f"{store_code}: {what} is missing: {reason}")


class PageRefused(TemporaryError):
    """A page arrived, but not the one that was asked for, so nothing was read from it."""


class LoggedOutPage(PageRefused):
    """The portal shows its log-in-first page, with status 200."""


class UntitledPage(PageRefused):
    """The page has no dashboard title, or a title without a store: nothing proves what it is."""


class UndatedPage(PageRefused):
    """The title has no readable date."""


class AnotherDay(PageRefused):
    """The page is about another day than T."""


class AnotherStore(PageRefused):
    """The page is about another store than the one asked for."""
