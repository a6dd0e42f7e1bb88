"""A file system of its own for the run's volumes, which a drill may fill to the last byte."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import ConfigurationError
from lib.scratch_directory import Purpose, is_name, scratch_directory

#: Larger ones are not filled: somebody else's files may be on them, and it would take minutes.
MOST_BYTES = 1024**3
#: Of the one that is made as root, which lies in memory.
SIZE = "256m"
#: What the job removes meanwhile is filled again so soon.
REFILL_S = 0.02
#: Where it is mounted, in the scratch directory.
_DISK = "disk"
_BLOCKS = (1024 * 1024, 4096, 1)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def problem(directory: Path | None) -> str:
    """Return why no disk can be filled here; empty if one can.

    Raise ConfigurationError for a DRILL_DISK that must not be filled.
    """
    if directory is not None:
        _refuse_unless_small(directory)
        return ""

    if os.geteuid() != 0:
        return "DRILL_DISK is not set, and only root can make a small file system"

    return "" if _may_mount() else "DRILL_DISK is not set, and nothing may be mounted here"


@contextmanager
def small_disk(directory: Path | None, place: Path) -> Iterator[Path]:
    """Yield an empty directory on a small file system: DRILL_DISK, or one mounted in `place`.

    What a killed drill left in DRILL_DISK is removed first.
    """
    if directory is not None:
        _refuse_unless_small(directory)

        with scratch_directory(Purpose.DRILL, parent=directory) as own:
            yield own

        return

    disk = place / _DISK
    _mount(disk)

    try:
        yield disk
    finally:
        unmount(place)


def unmount(place: Path) -> None:
    """Take away what `small_disk` mounted in `place`, if it did."""
    disk = place / _DISK

    if disk.is_mount():
        # Lazy: nothing of a drill may keep the directory in use for ever.
        subprocess.run(["umount", "--lazy", disk], check=True)


class Ballast:
    """Takes every free byte of a disk, and whatever becomes free, until it is removed."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / ".ballast"
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def fill(self) -> None:
        """Return when the disk is full; it stays so."""
        self._fill()
        self._thread = threading.Thread(target=self._stay_full, daemon=True, name="drill: disk")
        self._thread.start()

    def remove(self) -> None:
        """Give the room back; do nothing if it was not taken."""
        self._is_over.set()

        if self._thread is not None:
            self._thread.join()

        self._file.unlink(missing_ok=True)

    def _stay_full(self) -> None:
        while not self._is_over.wait(REFILL_S):
            self._fill()

    def _fill(self) -> None:
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        try:
            for size in _BLOCKS:
                _write_until_full(descriptor, bytes(size))
        finally:
            os.close(descriptor)


def _write_until_full(descriptor: int, block: bytes) -> None:
    while True:
        try:
            os.write(descriptor, block)
        except OSError as error:
            if error.errno in _FULL:
                return

            raise


def _refuse_unless_small(directory: Path) -> None:
    disk = os.statvfs(directory)
    size_bytes = disk.f_blocks * disk.f_frsize

    if not directory.is_mount():
        raise ConfigurationError(
            f"DRILL_DISK names {directory}, which is no file system of its own; a drill fills it"
            " to the last byte: mount a small tmpfs there"
        )

    if size_bytes > MOST_BYTES:
        raise ConfigurationError(
            f"DRILL_DISK names {directory}, which has {size_bytes // 1024**2} MB; a drill fills"
            f" {MOST_BYTES // 1024**2} MB at most: mount a smaller tmpfs there"
        )

    names = [path.name for path in directory.iterdir()]

    if not all(is_name(name, Purpose.DRILL) for name in names):
        raise ConfigurationError(
            f"DRILL_DISK names {directory}, which is not empty; a drill needs all of it: remove"
            " what is there, or name another one"
        )


def _may_mount() -> bool:
    """Return True if this process may mount: asked of the kernel's list of its rights."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            return bool(int(value, 16) >> _CAP_SYS_ADMIN & 1)

    return False


_CAP_SYS_ADMIN = 21


def _mount(place: Path) -> None:
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", place],
        check=False,
        capture_output=True,
    )

    if done.returncode:
        raise ConfigurationError(
            f"no small file system can be mounted at {place}; set DRILL_DISK to one that is there"
        )
