"""What the portal's client leaves behind: pages that nobody knew, and cookie files that no run has renewed."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from lib import files, log, removal
from lib.errors import JobError
from lib.portal.session.account_lock import Lease, LeaseHeld
from lib.removal import Expired, Plan, Seen, expired, is_before, leftover

ARTEFACT = re.compile(r"\d{8}T\d{12}Z-[A-Za-z0-9_-]+\.(?:html|png)", re.ASCII)
LEASE = ".lease"


def plan_artefacts(seen: Collection[Seen], now: datetime, days: int) -> Plan:
    """Decide about every name in the directory of unknown pages."""
    ours = [one for one in seen if one.is_file and ARTEFACT.fullmatch(one.path.name)]
    old = (one for one in ours if is_before(one, now, days))
    gone = tuple(expired(one, "unknown page", "ARTEFACT_RETENTION_DAYS", now) for one in old)

    return Plan(gone, foreign=tuple(one.path for one in seen if one not in ours))


def plan_states(seen: Collection[Seen], configured: str, now: datetime, days: int) -> Plan:
    """Decide about every name in PROFILES_DIR: ours are the `configured` state and those that have a lease beside them.

    A lease stays for good: removing it would let two processes lock two files of one name.
    """
    leases = {one.path.name for one in seen if one.path.name.endswith(LEASE)}
    states = {configured, *(name.removesuffix(LEASE) for name in leases)}
    gone: list[Expired] = []

    foreign = []

    for one in seen:
        unfinished = files.finished(one.path)
        if not one.is_file or (unfinished or one.path).name not in states | leases:
            foreign.append(one.path)
        elif unfinished:
            gone += leftover(one, "storage state", now)
        elif one.path.name in states and is_before(one, now, days):
            gone.append(expired(one, "storage state", "STORAGE_STATE_RETENTION_DAYS", now))

    return Plan(tuple(gone), foreign=tuple(foreign))


def tidy_up(storage_state: Path) -> None:
    """Remove what a run left that was killed while it saved the session; for a run that saves none itself.

    Whoever uses the account now removes it when saving. Never raises for it: that file is nobody's
    but its owner's.
    """
    if not (unfinished := files.unfinished(storage_state)).exists():
        return

    try:
        with Lease(storage_state):
            unfinished.unlink(missing_ok=True)
    except LeaseHeld:
        return
    except (JobError, OSError) as error:
        log.warning(
            "what a killed run left of the session is still there", error=error, path=unfinished
        )


def take_state_away(profiles_dir: Path, seen: Seen) -> bool:
    """Remove a storage state that nobody uses; False where somebody does, or where it was renewed meanwhile."""
    try:
        with Lease(profiles_dir / (files.finished(seen.path) or seen.path).name):
            return removal.take_away(profiles_dir, seen)
    except LeaseHeld:
        return False
