"""Browser login: get a session that opens TMS, with or without a saved one.

1. Open home. With a live session it shows the tracker card.
2. Otherwise fill in and send the login form, which leads home.
3. Click the card: the single sign-on redirect opens TMS, in a new tab or in the same one.
4. Prove the cookies by a dashboard, outside of the browser.

Every step has a time-out, and the browser leaves no process behind. With a window (`by_hand`) a
person does steps 1 and 2. Source: docs/reference/domain.md#login.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lib import dates, log
from lib.config import PortalSettings
from lib.errors import ConfigurationError
from lib.portal.http import reply as http_reply
from lib.portal.session import cookies
from lib.portal.session.storage_state import SessionState, usable_cookies, usable_user_agent
from lib.portal.site import facts
from lib.portal.site.login_outcomes import LoginOutcome
from lib.portal.unknown_pages import screenshot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

#: More steps than any login has: after so many time-outs the browser is ended, whatever it does.
MAX_STEPS = 12
SIGN_ON_ATTEMPTS = 2

#: How long a window waits for a person to log in.
BY_HAND_S = 600.0
POLL_MS = 50

#: Outcomes of which a redacted copy of the page is kept, for a person to find out why.
KEPT_PAGES = frozenset(
    {
        LoginOutcome.UNKNOWN_PAGE,
        LoginOutcome.CHALLENGE,
        LoginOutcome.REFUSED,
        LoginOutcome.BAD_CREDENTIALS,
        LoginOutcome.LOGIN_LOST,
        LoginOutcome.NO_SIGN_ON,
    }
)


@dataclass(frozen=True)
class LoginResult:
    """How the login ended; `state` only with a session."""

    outcome: LoginOutcome
    state: SessionState | None


class _Ended(Exception):
    """The login ends here without a session."""

    def __init__(self, outcome: LoginOutcome) -> None:
        self.outcome = outcome


def log_in(
    settings: PortalSettings,
    saved: SessionState | None,
    *,
    may_submit: Callable[[], bool],
    proves: Callable[[SessionState], bool],
    by_hand: bool = False,
) -> LoginResult:
    """Get a session that `proves` accepts; `saved` is tried before the form, which is sent once.

    `may_submit` is called before the form is sent; False forbids it, because the portal limits
    logins, also failed ones.

    Raise ConfigurationError if there is no browser or no account, PortalAway for a browser that is
    never ready, and whatever `proves` raises.
    """
    from playwright.sync_api import Error
    from playwright.sync_api import TimeoutError as TimedOut

    from lib.portal.browser import chromium

    if settings.account is None:
        raise ConfigurationError(
            "the portal needs an account: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD"
        )

    sign_on = _SingleSignOn(settings, may_submit, by_hand)
    lives_s = MAX_STEPS * settings.timeout_s + (BY_HAND_S if by_hand else 0)

    try:
        with chromium.browser(
            settings,
            lives_s=lives_s,
            headed=by_hand,
        ) as browser:
            state = sign_on.run(_context(browser, settings, saved), proves)
    except _Ended as ended:
        return LoginResult(ended.outcome, None)
    except TimedOut:
        return LoginResult(LoginOutcome.TIME_OUT, None)
    except Error as error:
        return LoginResult(_network_outcome(error.message), None)

    if sign_on.submitted or by_hand:
        return LoginResult(LoginOutcome.LOGGED_IN, state)

    return LoginResult(LoginOutcome.SIGNED_ON, state)


def further_sessions(
    settings: PortalSettings,
    state: SessionState,
    count: int,
) -> list[SessionState]:
    """Open up to `count` more TMS sessions from the login of `state`, which stays as it is.

    Each is the tracker card again, with no TMS cookies. The login form is never sent: without a
    live login there are fewer sessions, or none.

    Raise ConfigurationError if there is no browser, PortalAway if it is never ready.
    """
    from playwright.sync_api import Error

    from lib.portal.browser import chromium

    host = urlsplit(settings.tms_base).hostname or ""
    login_only = cookies.without_host(state, host)
    found: list[SessionState] = []

    try:
        with chromium.browser(
            settings,
            lives_s=MAX_STEPS * settings.timeout_s,
        ) as browser:
            while len(found) < count:
                context = _context(browser, settings, login_only)
                page = context.new_page()
                page.goto(settings.home_url, wait_until="domcontentloaded")

                if not _is_home(page) or not _open_tms(settings, context, page):
                    break

                found.append(_session_state(context, page))
                context.close()
    except Error:
        # As with any other reason: the run goes on with the sessions that it has.
        return found

    return found


@dataclass
class _SingleSignOn:
    """One walk from home to TMS."""

    settings: PortalSettings
    may_submit: Callable[[], bool]
    by_hand: bool = False
    submitted: bool = False

    def run(
        self,
        context: BrowserContext,
        proves: Callable[[SessionState], bool],
    ) -> SessionState:
        """Return the proven session. Raise _Ended, after a copy of a page that needs a person."""
        try:
            return self._run(context, proves)
        except _Ended as ended:
            if ended.outcome in KEPT_PAGES:
                name = f"login-{ended.outcome.name.lower()}"
                screenshot.keep(
                    context.pages[-1],
                    self.settings.artefacts_dir,
                    name,
                )

            raise

    def _run(
        self,
        context: BrowserContext,
        proves: Callable[[SessionState], bool],
    ) -> SessionState:
        page = context.new_page()

        for attempt in range(1, SIGN_ON_ATTEMPTS + 1):
            self._reach_home(page)

            if _open_tms(self.settings, context, page):
                state = _session_state(context, page)

                if proves(state):
                    return state

            if attempt < SIGN_ON_ATTEMPTS:
                page = _fresh_page(context)

        raise _Ended(LoginOutcome.NO_SIGN_ON)

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
            raise _Ended(LoginOutcome.UNKNOWN_PAGE)

        self._submit(page)

    def _await_person(self, page: Page) -> None:
        """Wait for the tracker card, whatever the portal wants a person to prove before it."""
        from playwright.sync_api import Error

        page.goto(self.settings.home_url, wait_until="domcontentloaded")
        deadline = time.monotonic() + BY_HAND_S

        while time.monotonic() < deadline:
            # An error here is a page that is just being left.
            with suppress(Error):
                if _is_home(page):
                    return

            page.wait_for_timeout(POLL_MS)

        raise _Ended(LoginOutcome.NO_PERSON)

    def _open(self, page: Page, address: str) -> None:
        _require_usable(page, page.goto(address, wait_until="domcontentloaded"))

    def _submit(self, page: Page) -> None:
        # Only a login that reached home gets here again: a refused one has ended the walk.
        if self.submitted:
            raise _Ended(LoginOutcome.LOGIN_LOST)

        if not self.may_submit():
            raise _Ended(LoginOutcome.SUBMISSIONS_USED)

        account = self.settings.account
        assert account is not None  # noqa: S101 - log_in refused otherwise
        page.fill(facts.USER_FIELD, account.username)
        page.fill(facts.PASSWORD_FIELD, account.password)

        self.submitted = True

        with page.expect_navigation(wait_until="domcontentloaded") as navigation:
            page.click(facts.SUBMIT)

        _require_usable(page, navigation.value)

        if not _is_home(page):
            raise _Ended(_rejection(page))


def _open_tms(
    settings: PortalSettings,
    context: BrowserContext,
    page: Page,
) -> bool:
    """Click the card; return True once a tab, new or the same, stands at TMS."""
    card = page.locator(facts.TRACKER_CARD, has_text=facts.TRACKER_TEXT).first
    card.locator(facts.CLICKABLE).click(no_wait_after=True)

    deadline = time.monotonic() + settings.timeout_s

    while time.monotonic() < deadline:
        if any(tab.url.startswith("chrome-error:") for tab in context.pages):
            return False

        at_tms = []

        for tab in context.pages:
            if _is_tms(settings, tab.url):
                at_tms.append(tab)

        if at_tms:
            at_tms[0].wait_for_load_state("domcontentloaded")
            return _is_tms(settings, at_tms[0].url)

        context.pages[0].wait_for_timeout(POLL_MS)

    return False


def _is_tms(settings: PortalSettings, address: str) -> bool:
    return urlsplit(address).netloc == urlsplit(settings.tms_base).netloc


def _session_state(
    context: BrowserContext,
    page: Page,
) -> SessionState:
    # The document is plain JSON; Playwright's type for it says less than that.
    document: Any = context.cookies()
    found = usable_cookies(document)
    user_agent = usable_user_agent(page.evaluate("navigator.userAgent"))

    return SessionState(found, user_agent, made_at=dates.now())


def _fresh_page(context: BrowserContext) -> Page:
    """Close every tab and return a new one, so that no tab of a failed attempt is taken for TMS."""
    fresh = context.new_page()

    for page in context.pages:
        if page != fresh:
            page.close()

    return fresh


def _require_usable(page: Page, response: Response | None) -> None:
    """Raise _Ended at a page that has neither a form nor cards to look for."""
    status = response.status if response else http_reply.OK

    if facts.CHALLENGE.search(page.content().encode()):
        raise _Ended(LoginOutcome.CHALLENGE)

    if status == http_reply.TOO_MANY_REQUESTS:
        raise _Ended(LoginOutcome.RATE_LIMITED)

    if status >= http_reply.FIRST_SERVER_ERROR:
        raise _Ended(LoginOutcome.SERVER_ERROR)


def _is_home(page: Page) -> bool:
    """Return True if the tracker card is there: the only proof of a login."""
    return (
        page.locator(
            facts.TRACKER_CARD,
            has_text=facts.TRACKER_TEXT,
        ).count()
        > 0
    )


def _has_form(page: Page) -> bool:
    return all(page.locator(field).count() for field in (facts.USER_FIELD, facts.PASSWORD_FIELD))


def _rejection(page: Page) -> LoginOutcome:
    if facts.BAD_CREDENTIALS.search(page.content()) or _has_form(page):
        return LoginOutcome.BAD_CREDENTIALS

    if urlsplit(page.url).path.rstrip("/") == facts.REJECTED_PATH:
        return LoginOutcome.REFUSED

    return LoginOutcome.UNKNOWN_PAGE


def _network_outcome(message: str) -> LoginOutcome:
    """Return the outcome that Chromium's own name of a network error means."""
    if "net::ERR_CERT_" in message or "net::ERR_SSL_" in message:
        return LoginOutcome.INSECURE

    return LoginOutcome.UNREACHABLE if "net::ERR_" in message else LoginOutcome.BROWSER_FAILED


def _context(
    browser: Browser,
    settings: PortalSettings,
    saved: SessionState | None,
) -> BrowserContext:
    from playwright.sync_api import Error

    def new(state: Any) -> BrowserContext:
        context = browser.new_context(
            storage_state=state,
            accept_downloads=False,
            service_workers="block",
        )
        context.set_default_timeout(settings.timeout_s * 1000)
        return context

    try:
        return new(saved.document() if saved else None)
    except Error:
        if saved is None or not browser.is_connected():
            raise

        # A cookie that the browser refuses: better a login than no run.
        log.warning("the browser refuses the saved session; logging in without it")
        return new(None)
