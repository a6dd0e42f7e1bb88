"""Old files of a directory: which they are, and how one of them is removed.

A directory's `FileRule` says which names are ours and how long each is kept
(lib/pipelines/prune/table.py). Nothing here follows a symbolic link below the directory that a
setting names, and nothing can leave it: a name is looked up, compared and removed below one open
directory, so that no link can take its place meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from lib import files

#: No process of ours runs longer, so an unfinished file of that age was left by one that was
#: killed.
LEFTOVER_DAYS = 1
#: What `FileRule.kind_of` returns for a name of ours whose file is never removed.
PERMANENT = "permanent"


@dataclass(frozen=True)
class Seen:
    """A name as it was found."""

    #: Below the directory that was scanned.
    path: Path
    size_bytes: int
    modified_ns: int
    #: A plain file: no link, no folder, no device.
    is_file: bool = True
    is_folder: bool = False

    @property
    def modified_at(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


@dataclass(frozen=True)
class Expired:
    """A file that is to be removed."""

    seen: Seen
    #: What it is, for people: `report`.
    kind: str
    #: Why, for people: a setting's name or a sentence.
    reason: str
    age_days: int


@dataclass(frozen=True)
class RemovalPlan:
    """What becomes of the names in a directory; a name of ours that is young is not listed."""

    expired: tuple[Expired, ...] = ()
    #: Old, and kept all the same: with the reason.
    retained: tuple[tuple[Path, str], ...] = ()
    #: Names that are not of our making. Their files are never touched.
    unrecognised: tuple[Path, ...] = ()


@dataclass(frozen=True)
class FileRule:
    """Which names of a directory are ours, and how long their files are kept."""

    #: The setting that says how long, which is the reason that people read.
    setting: str
    days: int
    #: Return what a file of that name is (`export`), PERMANENT, or None for a name not of ours.
    kind_of: Callable[[str], str | None]
    #: Return since when the file counts as old.
    dated_at: Callable[[Seen], datetime] = attrgetter("modified_at")

    def plan(self, seen: Iterable[Seen], now: datetime) -> RemovalPlan:
        """Return what becomes of each name; an unfinished file is kept for LEFTOVER_DAYS."""
        expired = []
        unrecognised = []

        for one in seen:
            found = self.judge(one, now)
            if found:
                expired.append(found)
            elif not self._kind(one):
                unrecognised.append(one.path)

        return RemovalPlan(tuple(expired), unrecognised=tuple(unrecognised))

    def judge(self, seen: Seen, now: datetime) -> Expired | None:
        """Return why the file is to be removed; None if it is young, permanent or not ours."""
        kind = self._kind(seen)
        if kind in {None, PERMANENT}:
            return None

        days = self.days
        reason = self.setting
        since = self.dated_at(seen)

        if files.finished(seen.path):
            days = LEFTOVER_DAYS
            kind = f"unfinished {kind}"
            reason = "left by a process that was killed"
            since = seen.modified_at

        if since >= now - timedelta(days=days):
            return None

        return Expired(seen, str(kind), reason, age_days(since, now))

    def is_listed(self, seen: Seen, now: datetime) -> bool:
        """Return True if `plan` says something about the name."""
        return not self._kind(seen) or self.judge(seen, now) is not None

    def _kind(self, seen: Seen) -> str | None:
        name = (files.finished(seen.path) or seen.path).name
        return self.kind_of(name) if seen.is_file else None


def age_days(since: datetime, now: datetime) -> int:
    """Return how many whole days `since` is ago; never negative."""
    return max((now - since).days, 0)


def scan(
    root: Path,
    folders: re.Pattern[str] | None = None,
    wanted: Callable[[Seen], bool] = lambda _: True,
) -> list[Seen]:
    """Return the wanted names in `root`, or in those of its folders that match; sorted.

    A directory that does not exist has nothing in it. Raise OSError if one cannot be read.
    """
    if folders is None:
        return _names(root, Path(), wanted)

    found: list[Seen] = []

    for name in _folders(root, folders):
        found += _names(root, Path(name), wanted)

    return found


def remove_if_unchanged(root: Path, seen: Seen) -> bool:
    """Remove the file and return True; return False if it is gone or not the one that was seen.

    Raise OSError if it cannot be removed, ValueError for a path that leads out of `root`.
    """
    if seen.path.is_absolute() or ".." in seen.path.parts:
        raise ValueError("a path that leads out of the directory is never removed")

    name = seen.path.name

    with suppress(FileNotFoundError), _opened(root, seen.path.parent) as directory:
        now = _seen(
            os.stat(
                name,
                dir_fd=directory,
                follow_symlinks=False,
            ),
            seen.path,
        )

        if now == seen and seen.is_file:
            os.unlink(name, dir_fd=directory)
            return True

    return False


def empty_folders(root: Path, folders: re.Pattern[str]) -> list[str]:
    """Return those of the matching folders that have nothing in them. Raise OSError."""
    return [name for name in _folders(root, folders) if not _names(root, Path(name))]


def remove_folder(root: Path, name: str) -> None:
    """Remove an empty folder of `root`. Raise OSError if something is in it."""
    with _opened(root, Path()) as directory:
        os.rmdir(name, dir_fd=directory)


@contextmanager
def _opened(root: Path, folder: Path) -> Iterator[int]:
    """Open a folder below `root`. Only `root` itself may be a link, which an operator made."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    try:
        for name in folder.parts:
            parent = descriptor
            descriptor = os.open(
                name,
                os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW,
                dir_fd=parent,
            )

            os.close(parent)

        yield descriptor
    finally:
        os.close(descriptor)


def _folders(root: Path, pattern: re.Pattern[str]) -> list[str]:
    names = [seen.path.name for seen in _names(root, Path()) if seen.is_folder]
    return list(filter(pattern.fullmatch, names))


def _names(
    root: Path,
    folder: Path,
    wanted: Callable[[Seen], bool] = lambda _: True,
) -> list[Seen]:
    found = []

    with (
        suppress(FileNotFoundError),
        _opened(root, folder) as directory,
        os.scandir(directory) as entries,
    ):
        for entry in entries:
            # A temporary name may be gone by now.
            with suppress(FileNotFoundError):
                seen = _seen(entry.stat(follow_symlinks=False), folder / entry.name)
                if wanted(seen):
                    found.append(seen)

    return sorted(found, key=attrgetter("path"))


def _seen(found: os.stat_result, path: Path) -> Seen:
    return Seen(
        path,
        found.st_size,
        found.st_mtime_ns,
        is_file=stat.S_ISREG(found.st_mode),
        is_folder=stat.S_ISDIR(found.st_mode),
    )
