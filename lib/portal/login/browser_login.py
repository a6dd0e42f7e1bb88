"""From a saved or no session to one that is proven to open TMS, in a browser that leaves nothing.

Home with a live session -> click the tracker card; home without -> form, submit, home, card
(docs/reference/domain.md#login). Every step has a time-out. With a window (`by_hand`) a person does
what stands between us and home.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lib import dates
from lib.config import PortalSettings
from lib.errors import ConfigurationError
from lib.portal.browser import chromium
from lib.portal.session.storage_state import Cookie, State
from lib.portal.site import facts
from lib.portal.site.login_outcomes import LoginOutcome
from lib.portal.unknown_pages import screenshot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

#: More steps than any login has: that many time-outs after it is ready a browser is ended, whatever
#: it does.
STEPS = 12
HOPS = 2
#: How long a window waits for a person to log in.
BY_HAND_S = 600.0
LOOK_EVERY_MS = 50
#: Outcomes of which the page is kept: somebody will want to know what it looked like.
PUZZLING = frozenset(
    {
        LoginOutcome.UNKNOWN_PAGE,
        LoginOutcome.CHALLENGE,
        LoginOutcome.BOUNCED,
        LoginOutcome.BAD_CREDENTIALS,
        LoginOutcome.NO_HOP,
    }
)


@dataclass(frozen=True)
class Ending:
    """How it ended; `state` only with a session."""

    outcome: LoginOutcome
    state: State | None


class _Stop(Exception):
    def __init__(self, outcome: LoginOutcome) -> None:
        self.outcome = outcome


def log_in(
    settings: PortalSettings,
    saved: State | None,
    *,
    may_submit: Callable[[], bool],
    proves: Callable[[State], bool],
    by_hand: bool = False,
) -> Ending:
    """Get a session that `proves` accepts; `saved` is tried before the form, which is sent once at most.

    `may_submit` is asked just before that: the portal counts a login whatever becomes of it here.
    Raises ConfigurationError when there is no browser or no account, PortalAway for a browser that
    is never ready, and whatever `proves` raises.
    """
    from playwright.sync_api import Error
    from playwright.sync_api import TimeoutError as TimedOut

    if settings.account is None:
        raise ConfigurationError(
            "the portal needs an account: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD"
        )

    visit = _Visit(settings, may_submit, by_hand)
    lives_s = STEPS * settings.timeout_s + (BY_HAND_S if by_hand else 0)

    try:
        with chromium.browser(settings, lives_s=lives_s, headed=by_hand) as browser:
            state = visit.run(_context(browser, settings, saved), proves)
            outcome = LoginOutcome.LOGGED_IN if visit.submitted or by_hand else LoginOutcome.HOPPED

            return Ending(outcome, state)
    except _Stop as stop:
        return Ending(stop.outcome, None)
    except TimedOut:
        return Ending(LoginOutcome.TIME_OUT, None)
    except Error as error:
        return Ending(_network_outcome(error.message), None)


@dataclass
class _Visit:
    """One walk from home to TMS."""

    settings: PortalSettings
    may_submit: Callable[[], bool]
    by_hand: bool = False
    submitted: bool = False

    def run(self, context: BrowserContext, proves: Callable[[State], bool]) -> State:
        try:
            return self._run(context, proves)
        except _Stop as stop:
            if stop.outcome in PUZZLING:
                screenshot.keep(
                    context.pages[-1],
                    self.settings.artefacts_dir,
                    f"login-{stop.outcome.name.lower()}",
                )

            raise

    def _run(self, context: BrowserContext, proves: Callable[[State], bool]) -> State:
        page = context.new_page()
        user_agent = str(page.evaluate("navigator.userAgent"))

        for hop in range(1, HOPS + 1):
            self._reach_home(page)
            if self._hop(context, page):
                # The document is plain JSON; Playwright's type for it says less than that.
                cookies: Any = context.cookies()

                state = State(
                    tuple(Cookie(cookie) for cookie in cookies), user_agent, made_at=dates.now()
                )
                if proves(state):
                    return state

            if hop < HOPS:
                page = _only(context)

        raise _Stop(LoginOutcome.NO_HOP)

    def _reach_home(self, page: Page) -> None:
        if self.by_hand:
            self._await_person(page)
            return

        self._open(page, self.settings.home_url)

        if _is_home(page):
            return

        if not _has_form(page):
            self._open(page, self.settings.login_url)

        if not _has_form(page):
            raise _Stop(LoginOutcome.UNKNOWN_PAGE)

        self._submit(page)

    def _await_person(self, page: Page) -> None:
        """Wait for the tracker card, whatever the portal wants a person to prove before it."""
        from playwright.sync_api import Error

        page.goto(self.settings.home_url, wait_until="domcontentloaded")

        deadline = time.monotonic() + BY_HAND_S
        while time.monotonic() < deadline:
            with suppress(Error):  # a page that is just being left
                if _is_home(page):
                    return

            page.wait_for_timeout(LOOK_EVERY_MS)

        raise _Stop(LoginOutcome.NOBODY_CAME)

    def _open(self, page: Page, address: str) -> None:
        _refuse(page, page.goto(address, wait_until="domcontentloaded"))

    def _submit(self, page: Page) -> None:
        if self.submitted:
            raise _Stop(LoginOutcome.BOUNCED)

        if not self.may_submit():
            raise _Stop(LoginOutcome.SUBMISSIONS_USED)

        account = self.settings.account
        assert account is not None  # noqa: S101 - log_in refused otherwise
        page.fill(facts.USER_FIELD, account.username)
        page.fill(facts.PASSWORD_FIELD, account.password)

        self.submitted = True

        with page.expect_navigation(wait_until="domcontentloaded") as navigation:
            page.click(facts.SUBMIT)

        _refuse(page, navigation.value)

        if not _is_home(page):
            raise _Stop(_rejection(page))

    def _hop(self, context: BrowserContext, page: Page) -> bool:
        """Click the card and wait until a tab, new or the same, stands at TMS; False when none comes to stand there."""
        card = page.locator(facts.TRACKER_CARD, has_text=facts.TRACKER_TEXT).first
        card.locator(facts.CLICKABLE).click(no_wait_after=True)

        deadline = time.monotonic() + self.settings.timeout_s
        while time.monotonic() < deadline:
            addresses = [tab.url for tab in context.pages]
            if any(address.startswith("chrome-error:") for address in addresses):
                return False

            if tab := next((tab for tab in context.pages if self._is_tms(tab.url)), None):
                tab.wait_for_load_state("domcontentloaded")
                return self._is_tms(tab.url)

            context.pages[0].wait_for_timeout(LOOK_EVERY_MS)

        return False

    def _is_tms(self, address: str) -> bool:
        return urlsplit(address).netloc == urlsplit(self.settings.tms_base).netloc


def _only(context: BrowserContext) -> Page:
    """Close every tab and return a fresh one, so that nothing of a failed hop is taken for the next."""
    fresh = context.new_page()

    for page in context.pages:
        if page != fresh:
            page.close()

    return fresh


def _refuse(page: Page, response: Response | None) -> None:
    """Stop at a page that has no form and no cards to look for."""
    status = response.status if response else 200

    if facts.CHALLENGE.search(page.content().encode()):
        raise _Stop(LoginOutcome.CHALLENGE)

    if status == 429:  # noqa: PLR2004
        raise _Stop(LoginOutcome.RATE_LIMITED)

    if status >= 500:  # noqa: PLR2004
        raise _Stop(LoginOutcome.SERVER_ERROR)


def _is_home(page: Page) -> bool:
    """Say whether the tracker card is there: the only proof of a login (lesson 17)."""
    return page.locator(facts.TRACKER_CARD, has_text=facts.TRACKER_TEXT).count() > 0


def _has_form(page: Page) -> bool:
    return all(page.locator(field).count() for field in (facts.USER_FIELD, facts.PASSWORD_FIELD))


def _rejection(page: Page) -> LoginOutcome:
    if facts.BAD_CREDENTIALS.search(page.content()) or _has_form(page):
        return LoginOutcome.BAD_CREDENTIALS

    if urlsplit(page.url).path.rstrip("/") == facts.REJECTED_PATH:
        return LoginOutcome.BOUNCED

    return LoginOutcome.UNKNOWN_PAGE


def _network_outcome(message: str) -> LoginOutcome:
    """Tell the kinds apart by Chromium's own names of network errors."""
    if "net::ERR_CERT_" in message or "net::ERR_SSL_" in message:
        return LoginOutcome.INSECURE

    return LoginOutcome.UNREACHABLE if "net::ERR_" in message else LoginOutcome.BROWSER_FAILED


def _context(browser: Browser, settings: PortalSettings, saved: State | None) -> BrowserContext:
    document: Any = saved.document() if saved else None
    context = browser.new_context(
        storage_state=document, accept_downloads=False, service_workers="block"
    )
    context.set_default_timeout(settings.timeout_s * 1000)

    return context
