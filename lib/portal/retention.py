"""Which of the portal client's files are removed by age: unknown pages, sessions not renewed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from lib import files, log, removal
from lib.errors import JobError
from lib.portal.session.account_lock import AccountInUse, AccountLock
from lib.removal import Seen

UNKNOWN_PAGE = re.compile(
    r"\d{8}T\d{12}Z-[A-Za-z0-9_-]+\.(?:html|png)",
    re.ASCII,
)
LOCK_SUFFIX = ".lease"


def kind_of_page(name: str) -> str | None:
    """Return what a file of that name is where unknown pages are kept; None if it is not ours."""
    return "unknown page" if UNKNOWN_PAGE.fullmatch(name) else None


def kinds_of_states(storage_state: Path) -> Callable[[str], str | None]:
    """Return what says what a file of a name beside `storage_state` is.

    Ours are that state and each one that has a lock file beside it. A lock file is permanent:
    without it two processes could lock two files of one name.
    """
    directory = storage_state.parent

    def kind_of(name: str) -> str | None:
        if name.endswith(LOCK_SUFFIX):
            return removal.PERMANENT

        is_ours = name == storage_state.name or os.path.lexists(directory / (name + LOCK_SUFFIX))
        return "storage state" if is_ours else None

    return kind_of


def remove_unfinished_state(storage_state: Path) -> None:
    """Remove what a run left that was killed while it saved the session.

    For a run that saves none itself. A process that uses the account now removes it when it saves.
    Never raises: a file that stays is a warning in the log.
    """
    unfinished = files.unfinished(storage_state)
    if not unfinished.exists():
        return

    try:
        with AccountLock(storage_state):
            unfinished.unlink(missing_ok=True)
    except AccountInUse:
        return
    except (JobError, OSError) as error:
        log.warning(
            "what a killed run left of the session is still there",
            error=error,
            path=unfinished,
        )


def remove_state(profiles_dir: Path, seen: Seen) -> bool:
    """Remove a storage state; return False if its account is in use or it was renewed meanwhile."""
    finished = files.finished(seen.path) or seen.path

    try:
        with AccountLock(profiles_dir / finished.name):
            return removal.remove_if_unchanged(profiles_dir, seen)
    except AccountInUse:
        return False
