"""Which of the portal client's old files go: unknown pages, sessions that were not renewed."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from lib import files, log, removal
from lib.errors import JobError
from lib.portal.session.account_lock import AccountInUse, AccountLock
from lib.removal import Expired, Plan, Seen, expired, is_before, leftover

UNKNOWN_PAGE = re.compile(r"\d{8}T\d{12}Z-[A-Za-z0-9_-]+\.(?:html|png)", re.ASCII)
LOCK_SUFFIX = ".lease"


def plan_artefacts(
    seen: Collection[Seen],
    now: datetime,
    days: int,
) -> Plan:
    """Return what becomes of every name in the directory of unknown pages."""
    gone = []
    unrecognised = []

    for one in seen:
        if not one.is_file or not UNKNOWN_PAGE.fullmatch(one.path.name):
            unrecognised.append(one.path)
        elif is_before(one, now, days):
            gone.append(
                expired(
                    one,
                    "unknown page",
                    "ARTEFACT_RETENTION_DAYS",
                    now,
                )
            )

    return Plan(tuple(gone), foreign=tuple(unrecognised))


def plan_states(
    seen: Collection[Seen],
    configured: str,
    now: datetime,
    days: int,
) -> Plan:
    """Return what becomes of every name in PROFILES_DIR.

    Ours are the `configured` state and those that have a lock file beside them. A lock file stays
    for good: removing it would let two processes lock two files of one name.
    """
    names = [one.path.name for one in seen]
    locks = {name for name in names if name.endswith(LOCK_SUFFIX)}
    states = {configured, *(name.removesuffix(LOCK_SUFFIX) for name in locks)}

    gone: list[Expired] = []
    unrecognised = []

    for one in seen:
        finished = files.finished(one.path)
        name = (finished or one.path).name

        if not one.is_file or name not in states | locks:
            unrecognised.append(one.path)
        elif finished:
            gone += leftover(one, "storage state", now)
        elif name in states and is_before(one, now, days):
            gone.append(
                expired(
                    one,
                    "storage state",
                    "STORAGE_STATE_RETENTION_DAYS",
                    now,
                )
            )

    return Plan(tuple(gone), foreign=tuple(unrecognised))


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
            return removal.take_away(profiles_dir, seen)
    except AccountInUse:
        return False
