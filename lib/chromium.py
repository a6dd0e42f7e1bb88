"""Which Chromium of this machine is driven, at the login and for PDFs. Starts nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

WINDOWLESS = "chromium-headless-shell"
#: In the order of preference.
NAMES = (WINDOWLESS, "chromium", "google-chrome")
#: What keeps it from asking the network, or a person, for anything of its own.
QUIET_SWITCHES = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)


def find(chosen: Path | None, *, headed: bool = False) -> Path | None:
    """Return `chosen`, else the first of NAMES in PATH, else None.

    `headed`: only one that can show a window.
    """
    if chosen is not None:
        return chosen

    for name in NAMES:
        if headed and name == WINDOWLESS:
            continue

        if found := shutil.which(name):
            return Path(found)

    return None
