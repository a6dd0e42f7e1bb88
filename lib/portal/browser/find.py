"""Which Chromium to drive and with which switches. Starts nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lib.errors import ConfigurationError

WINDOWLESS = "chromium-headless-shell"
NAMES = (WINDOWLESS, "chromium", "google-chrome")
SWITCHES = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)


def find(
    chosen: Path | None,
    bundled: Path | None,
    *,
    headed: bool = False,
) -> Path:
    """Return `chosen`, else the first of NAMES in PATH, else the `bundled` one if it is installed.

    `headed`: only one that can show a window. Raise ConfigurationError with the command that
    installs one if there is none.
    """
    if chosen is not None:
        return chosen

    for name in NAMES:
        if headed and name == WINDOWLESS:
            continue

        if found := shutil.which(name):
            return Path(found)

    if bundled is not None and bundled.exists():
        return bundled

    raise ConfigurationError(
        "no Chromium found for the portal login; run: apt-get install chromium-headless-shell"
        " (or: python -m playwright install chromium-headless-shell), or set BROWSER_EXECUTABLE"
    )


def sandboxes() -> tuple[bool, ...]:
    """Return which sandbox settings to try, in order.

    Chromium's sandbox never works for root, nor on every kernel.
    """
    return (False,) if os.geteuid() == 0 else (True, False)
