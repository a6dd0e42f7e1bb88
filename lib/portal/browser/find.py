"""Which Chromium to drive and with which switches. Starts nothing."""

from __future__ import annotations

import os
from pathlib import Path

from lib import chromium
from lib.errors import ConfigurationError

SWITCHES = (*chromium.QUIET_SWITCHES, "--disable-default-apps")


def find(
    chosen: Path | None,
    bundled: Path | None,
    *,
    headed: bool = False,
) -> Path:
    """Return what `lib.chromium` finds, else the `bundled` one if it is installed.

    Raise ConfigurationError with the command that installs one if there is none.
    """
    if found := chromium.find(chosen, headed=headed):
        return found

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
