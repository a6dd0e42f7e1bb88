"""Old files of a directory: which they are, and how one of them is removed.

A `FileKind` says which names are ours and how long each is kept (lib/pipelines/prune/table.py).
Nothing here follows a symbolic link below the directory that a setting names, and nothing can leave
it: a name is looked up, compared and removed below one open directory, so that no link can take its
place meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from lib import files

#: No process of ours runs longer, so an unfinished file of that age was left by one that was
#: killed.
LEFTOVER_DAYS = 1
#: The kind of names of ours whose files are never removed.
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

    @property
    def modified_at(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)

    @property
    def finished_name(self) -> str:
        """The name that the file has, or was to get when it was whole."""
        return (files.finished(self.path) or self.path).name


@dataclass(frozen=True)
class Expired:
    """A file that is to be removed."""

    seen: Seen
    #: What it is, for people: `report`.
    kind: str
    #: Why, for people: a setting's name or a sentence.
    reason: str
    age_days: int


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """Which names of a directory are ours, and how long their files are kept."""

    #: For people: `reports`.
    name: str
    root: Path
    #: The setting that says how long, which is the reason that people read.
    setting: str
    days: int
    #: By what a file is, for people or PERMANENT, the whole of its name. A group `day` is the day
    #: of its content, as YYYYMMDD: the file is as old as the younger of that day and its bytes.
    names: Mapping[str, re.Pattern[str]]
    #: The folders of `root` that have the files; None: `root` itself.
    folders: re.Pattern[str] | None = None

    def judge(self, seen: Seen, now: datetime) -> Expired | None:
        """Return why the file is to be removed; None if it is young, permanent or not ours.

        An unfinished file is kept for LEFTOVER_DAYS.
        """
        kind, match = self._match(seen)
        if match is None or kind == PERMANENT:
            return None

        days, reason = self.days, self.setting
        since = max(seen.modified_at, _day_of_content(match))

        if files.finished(seen.path):
            days, reason = LEFTOVER_DAYS, "left by a process that was killed"
            kind = f"unfinished {kind}"
            since = seen.modified_at

        if since >= now - timedelta(days=days):
            return None

        return Expired(seen, kind, reason, age_days(since, now))

    def is_ours(self, seen: Seen) -> bool:
        """Return False for what is not of our making: it is never touched."""
        return self._match(seen)[1] is not None

    def scan(self, now: datetime) -> tuple[list[Expired], list[Path]]:
        """Return what is to be removed, and the names that are not ours; sorted."""
        expired = []
        unrecognised = []

        # What is young is not kept in memory: it is most of a large directory.
        for seen in scan(self.root, self.folders):
            if found := self.judge(seen, now):
                expired.append(found)
            elif not self.is_ours(seen):
                unrecognised.append(seen.path)

        return sorted(expired, key=attrgetter("seen.path")), sorted(unrecognised)

    def _match(self, seen: Seen) -> tuple[str, re.Match[str] | None]:
        for kind, pattern in self.names.items():
            match = pattern.fullmatch(seen.finished_name)
            if match and seen.is_file:
                return kind, match

        return "", None


def age_days(since: datetime, now: datetime) -> int:
    """Return how many whole days `since` is ago; never negative."""
    return max((now - since).days, 0)


def scan(root: Path, folders: re.Pattern[str] | None = None) -> Iterator[Seen]:
    """Yield what is in `root`, or in those of its folders that match.

    A directory that does not exist has nothing in it. Raise OSError if one cannot be read.
    """
    for place in [""] if folders is None else _folders(root, folders):
        yield from _names(root, place)


def remove_if_unchanged(root: Path, seen: Seen) -> bool:
    """Remove the file and return True; return False if it is gone or not the one that was seen.

    Raise OSError if it cannot be removed, ValueError for a path that leads out of `root`.
    """
    folder, name = seen.path.parent.as_posix(), seen.path.name
    if seen.path.is_absolute() or ".." in seen.path.parts or "/" in folder:
        raise ValueError("a path that leads out of the directory is never removed")

    with suppress(FileNotFoundError), _opened(root, folder) as directory:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)

        if seen.is_file and _seen(status, seen.path) == seen:
            os.unlink(name, dir_fd=directory)
            return True

    return False


def empty_folders(root: Path, folders: re.Pattern[str]) -> list[str]:
    """Return those of the matching folders that have nothing in them. Raise OSError."""
    found = []

    for name in _folders(root, folders):
        if not list(_names(root, name)):
            found.append(name)

    return found


@contextmanager
def _opened(root: Path, folder: str) -> Iterator[int]:
    """Open `root` or a folder in it. Only `root` may be a link, which an operator made."""
    is_root = folder in {"", "."}
    descriptor = os.open(root / folder, os.O_DIRECTORY | (0 if is_root else os.O_NOFOLLOW))

    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _folders(root: Path, pattern: re.Pattern[str]) -> list[str]:
    if not root.exists():
        return []

    with os.scandir(root) as entries:
        names = []

        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                names.append(entry.name)

    return sorted(filter(pattern.fullmatch, names))


def _names(root: Path, folder: str) -> Iterator[Seen]:
    with (
        suppress(FileNotFoundError),
        _opened(root, folder) as directory,
        os.scandir(directory) as entries,
    ):
        for entry in entries:
            # A temporary name may be gone by now.
            with suppress(FileNotFoundError):
                yield _seen(entry.stat(follow_symlinks=False), Path(folder, entry.name))


def _seen(found: os.stat_result, path: Path) -> Seen:
    return Seen(path, found.st_size, found.st_mtime_ns, stat.S_ISREG(found.st_mode))


def _day_of_content(match: re.Match[str]) -> datetime:
    # Eight digits need not be a day.
    with suppress(ValueError):
        text = match.groupdict().get("day", "")
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)

    return datetime.min.replace(tzinfo=UTC)
