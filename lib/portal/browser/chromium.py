"""A Chromium for the length of a block: fresh profile, sandbox if possible, certain end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from lib import log, stop
from lib.config import PortalSettings, names
from lib.errors import ConfigurationError
from lib.portal.browser import find, processes
from lib.portal.site.login_outcomes import LoginOutcome

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

#: For the driver to start: a matter of this machine's load, not of the portal's time-out.
DRIVER_S = 60.0

#: For the browser to start.
BROWSER_S = 60.0

#: For driver and browser to end by themselves.
GRACE_S = 5.0

Drivers = Callable[[], set[processes.Process]]


@contextmanager
def browser(
    settings: PortalSettings,
    *,
    lives_s: float,
    headed: bool = False,
) -> Iterator[Browser]:
    """Yield a browser that is ended after `lives_s` seconds and is gone after the block.

    Raise ConfigurationError if it, or the driver between us and it, cannot be started, PortalAway
    if it is not ready after BROWSER_S.
    """
    before = processes.children()

    def drivers() -> set[processes.Process]:
        new = processes.children() - before
        found = set()

        for process in new:
            if "run-driver" in processes.command(process):
                found.add(process)

        return found

    with _stoppable(drivers):
        with _killed_after(DRIVER_S, drivers):
            playwright = _start_driver()

        try:
            launched = _launch(playwright, settings, headed=headed)

            with _killed_after(lives_s, drivers):
                yield launched
        finally:
            ours = _trees(drivers())

            # The driver may be dead already; what is left of it is ended below.
            with _killed_after(GRACE_S, drivers), suppress(Exception):
                playwright.stop()

            processes.end(ours, grace_s=GRACE_S)


@contextmanager
def _stoppable(drivers: Drivers) -> Iterator[None]:
    """Carry out a stop of the process at once, even inside a callback of Playwright.

    There an exception is lost: the event loop reports it and goes on. So the stop ends the browser,
    whose calls then fail, and Interrupted is raised at the end of the block. Only in the main
    thread: no other one is interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    with stop.deferred_signals(on_request=lambda: processes.kill(_trees(drivers()))):
        yield


@contextmanager
def _killed_after(
    timeout_s: float,
    drivers: Drivers,
) -> Iterator[None]:
    """Kill the drivers and their descendants if the block takes longer: its calls then fail."""
    timer = Timer(timeout_s, lambda: processes.kill(_trees(drivers())))
    timer.daemon = True
    timer.start()

    try:
        yield
    finally:
        timer.cancel()


def _trees(roots: set[processes.Process]) -> set[processes.Process]:
    found = set()
    for root in roots:
        found |= processes.tree(root)

    return found


def _start_driver() -> Playwright:
    from playwright.sync_api import sync_playwright

    try:
        # The driver inherits what is stderr at its start; its messages there quote addresses and
        # what was typed.
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            return sync_playwright().start()
    except Exception as error:
        # Playwright raises a bare Exception when its Node.js ends at once, as it does without a
        # shared library.
        raise ConfigurationError(
            f"the browser's driver (Playwright's Node.js) does not start ({type(error).__name__});"
            " run: sh demo/setup.sh (on Debian it installs libatomic1, which the driver needs)"
        ) from error


def _launch(
    playwright: Playwright,
    settings: PortalSettings,
    *,
    headed: bool,
) -> Browser:
    from playwright.sync_api import Error
    from playwright.sync_api import TimeoutError as TimedOut

    bundled = Path(playwright.chromium.executable_path)
    executable = find.find(settings.browser_executable, bundled, headed=headed)

    for is_sandboxed in find.sandboxes():
        try:
            return playwright.chromium.launch(
                executable_path=executable,
                headless=not headed,
                chromium_sandbox=is_sandboxed,
                args=list(find.SWITCHES),
                env={**names.without_secrets(os.environ)},
                timeout=BROWSER_S * 1000,
            )
        except TimedOut as error:
            raise LoginOutcome.BROWSER_FAILED.error() from error
        except Error as error:
            if not is_sandboxed:
                raise ConfigurationError(
                    _no_start(
                        executable,
                        headed=headed,
                    )
                ) from error

            log.warning("the kernel gives Chromium no sandbox; starting it without")

    raise AssertionError("find.sandboxes() ends with False")


def _no_start(executable: Path, *, headed: bool) -> str:
    what = f"the browser {executable} does not start"
    has_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")

    if headed and not has_screen:
        return (
            f"{what}: there is no screen for --headed;"
            " run it on a desktop and copy the storage state"
        )

    return f"{what}; try it by hand or set BROWSER_EXECUTABLE"
