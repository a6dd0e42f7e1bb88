"""Directories that exist for the length of a block, and that are removed after a kill, too.

A lock on the directory, which dies with its process, tells one in use from one that a killed
process left: whoever makes the next one removes those, and `jobs.prune` does at night.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

#: As `tempfile.mkdtemp` ends a name.
_RANDOM = "[a-z0-9_]{8}"


class Purpose(StrEnum):
    """What makes scratch directories; in each are reports and exports, customers' data."""

    DRY_RUN = "dry-run"
    REJECTS = "rejects"
    REPLAY = "replay"
    DRILL = "drill"


@contextmanager
def scratch_directory(
    purpose: Purpose,
    *,
    parent: Path | None = None,
    release: Callable[[Path], None] = lambda _: None,
) -> Iterator[Path]:
    """Yield a new directory of this user alone; it is removed whatever ends the block.

    It is in `parent`, else in TMPDIR. Before that, what killed processes left for the same purpose
    is removed; `release` takes away what holds such a directory.
    """
    remove_unused(purpose, parent=parent, release=release)
    path, descriptor = _make(purpose, _place(parent))

    try:
        yield path
    finally:
        shutil.rmtree(path)
        os.close(descriptor)


def is_name(name: str, purpose: Purpose) -> bool:
    """Return True for the name of a scratch directory of that purpose."""
    pattern = f"{re.escape(_prefix(purpose))}{_RANDOM}"
    return re.fullmatch(pattern, name, re.ASCII) is not None


def unused(purpose: Purpose, *, parent: Path | None = None) -> Iterator[Path]:
    """Yield the directories of this user whose process is gone; each is locked until the next."""
    for path in sorted(_place(parent).iterdir()):
        if not is_name(path.name, purpose):
            continue

        descriptor = _open(path)

        if descriptor is None:
            continue

        try:
            # Its own process may have ended and removed it since it was opened.
            if _may_lock(descriptor) and _is_there(path, descriptor):
                yield path
        finally:
            os.close(descriptor)


def remove_unused(
    purpose: Purpose,
    *,
    parent: Path | None = None,
    release: Callable[[Path], None] = lambda _: None,
) -> int:
    """Remove the directories whose process is gone; return how many there were. Raise OSError."""
    removed = 0

    for path in unused(purpose, parent=parent):
        release(path)
        shutil.rmtree(path)
        removed += 1

    return removed


def _make(purpose: Purpose, place: Path) -> tuple[Path, int]:
    """Return a new directory, and the descriptor that has its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_prefix(purpose), dir=place))
        descriptor = _open(path)

        # Between these two lines and the lock, another process may take it for one that was left.
        if descriptor is None:
            continue

        fcntl.flock(descriptor, fcntl.LOCK_EX)

        if _is_there(path, descriptor):
            return path, descriptor

        os.close(descriptor)


def _open(path: Path) -> int | None:
    """Return a descriptor of the directory; None if it is gone, a link, or another user's."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None

    if os.fstat(descriptor).st_uid == os.geteuid():
        return descriptor

    os.close(descriptor)
    return None


def _may_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False

    return True


def _is_there(path: Path, descriptor: int) -> bool:
    """Return True if the path still names the directory of the descriptor."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _place(parent: Path | None) -> Path:
    return Path(tempfile.gettempdir()) if parent is None else parent


def _prefix(purpose: Purpose) -> str:
    return f"simplify-{purpose}-"
