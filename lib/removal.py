"""What lies in a directory of ours and how one file of it is taken away.

The rules of who must go are the services'.

Nothing here follows a symbolic link below the directory that a setting names, and nothing can leave
that directory: a name is looked up, compared and removed below one open directory, so that nobody
can put a link in its place meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """A name as it was found."""

    #: Below the directory that was looked at.
    path: Path
    size_bytes: int
    modified_ns: int
    #: A plain file: no link, no folder, no device.
    is_file: bool = True

    @property
    def modified_at(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


@dataclass(frozen=True)
class Expired:
    """A file that goes."""

    seen: Seen
    #: What it is, for people: `report`.
    what: str
    why: str
    age_days: int


@dataclass(frozen=True)
class Plan:
    """What becomes of the names in a directory; those that are not named here stay because they are young."""

    expired: tuple[Expired, ...] = ()
    #: Old, and kept all the same: with the reason.
    spared: tuple[tuple[Path, str], ...] = ()
    #: Names that are not of our making. They are never touched.
    foreign: tuple[Path, ...] = ()


#: No process of ours runs longer, so an unfinished file of that age was left by one that was
#: killed.
LEFTOVER_DAYS = 1


def expired(
    seen: Seen, what: str, why: str, now: datetime, *, since: datetime | None = None
) -> Expired:
    """Return that the file goes, as old as `since` says, by default as its bytes are."""
    return Expired(seen, what, why, age_days(since or seen.modified_at, now))


def is_before(seen: Seen, now: datetime, days: int) -> bool:
    """Tell whether the file was written more than so many days ago."""
    return seen.modified_at < now - timedelta(days=days)


def leftover(seen: Seen, what: str, now: datetime) -> Iterator[Expired]:
    """Yield that the unfinished file goes, once its writer cannot be alive any more."""
    if is_before(seen, now, LEFTOVER_DAYS):
        yield expired(seen, f"unfinished {what}", "left by a process that was killed", now)


def age_days(since: datetime, now: datetime) -> int:
    """Return how many whole days `since` is ago; never negative."""
    return max((now - since).days, 0)


def look(
    root: Path,
    folders: re.Pattern[str] | None = None,
    wanted: Callable[[Seen], bool] = lambda _: True,
) -> list[Seen]:
    """Return the wanted names in `root`, or in those of its own folders whose name matches `folders`; sorted.

    A directory that is not there has nothing in it. Raises OSError for one that cannot be read.
    """
    with suppress(FileNotFoundError), _opened(root) as directory:
        if folders is None:
            return sorted(filter(wanted, _names(directory, Path())), key=_path)

        return [
            seen
            for name in _folders(directory, folders)
            for seen in _in_folder(directory, name, wanted)
        ]

    return []


def take_away(root: Path, seen: Seen) -> bool:
    """Remove the file if it is still the one that was seen; False, and nothing happens, when it is another or gone.

    Raises OSError when it cannot be removed, ValueError for a path that leads out of `root`.
    """
    if seen.path.is_absolute() or ".." in seen.path.parts:
        raise ValueError("a path that leads out of the directory is never removed")

    with suppress(FileNotFoundError), _opened(root, *seen.path.parent.parts) as directory:
        if (
            _seen(os.stat(seen.path.name, dir_fd=directory, follow_symlinks=False), seen.path)
            == seen
            and seen.is_file
        ):
            os.unlink(seen.path.name, dir_fd=directory)
            return True

    return False


def empty_folders(root: Path, folders: re.Pattern[str]) -> list[str]:
    """Return those of the matching folders that have nothing in them. Raises OSError."""
    with suppress(FileNotFoundError), _opened(root) as directory:
        return [name for name in _folders(directory, folders) if not _in_folder(directory, name)]

    return []


def remove_folder(root: Path, name: str) -> None:
    """Remove an empty folder of `root`. Raises OSError when something is in it."""
    with _opened(root) as directory:
        os.rmdir(name, dir_fd=directory)


@contextmanager
def _opened(root: Path, *folders: str) -> Iterator[int]:
    """Open a folder below `root`, which may itself be a link that an operator made; the folders may not."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    try:
        for name in folders:
            parent, descriptor = descriptor, _open_folder(name, descriptor)
            os.close(parent)

        yield descriptor
    finally:
        os.close(descriptor)


def _open_folder(name: str, parent: int) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)


def _folders(directory: int, wanted: re.Pattern[str]) -> list[str]:
    with os.scandir(directory) as entries:
        return sorted(
            entry.name
            for entry in entries
            if wanted.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        )


def _in_folder(
    directory: int, name: str, wanted: Callable[[Seen], bool] = lambda _: True
) -> list[Seen]:
    folder = _open_folder(name, directory)

    try:
        return sorted(filter(wanted, _names(folder, Path(name))), key=_path)
    finally:
        os.close(folder)


def _path(seen: Seen) -> Path:
    return seen.path


def _names(directory: int, folder: Path) -> Iterator[Seen]:
    with os.scandir(directory) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # a temporary name may be gone by now
                yield _seen(entry.stat(follow_symlinks=False), folder / entry.name)


def _seen(found: os.stat_result, path: Path) -> Seen:
    return Seen(path, found.st_size, found.st_mtime_ns, stat.S_ISREG(found.st_mode))
