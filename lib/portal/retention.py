"""Which of the portal client's files are removed by age: unknown pages, sessions not renewed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lib import files, log, removal
from lib.errors import JobError
from lib.portal.session.account_lock import SUFFIX, AccountInUse, AccountLock
from lib.portal.unknown_pages.save import NAME
from lib.removal import Seen

PAGES = {"unknown page": NAME}


def states(storage_state: Path) -> Mapping[str, re.Pattern[str]]:
    """Return the names of ours beside `storage_state`: that state, each with a lock, the locks.

    A lock file is permanent: without it two processes could lock two files of one name.
    """
    locks = storage_state.parent.glob(f"*{SUFFIX}")
    ours = {storage_state.name, *(lock.name.removesuffix(SUFFIX) for lock in locks)}

    return {
        "storage state": re.compile("|".join(map(re.escape, ours))),
        removal.PERMANENT: re.compile(f".*{re.escape(SUFFIX)}", re.DOTALL),
    }


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
