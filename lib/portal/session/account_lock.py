"""One process at a time per portal account: a lock on a file beside the storage state.

The portal knows one session per account and counts its logins, so two processes would log each
other out. A lock of the operating system ends with its holder, needs no clean-up after a crash,
works without the database (a person logs in on a machine that has none), and is shared by
containers that share PROFILES_DIR.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import Self

from lib import dates, errors
from lib.errors import TemporaryError
from lib.portal.session.storage_state import require_private_directory

_MAX_BYTES = 200
#: Behind the name of a storage state, that of its lock file.
SUFFIX = ".lease"


class AccountInUse(TemporaryError):
    """Another process uses this account at the portal; run again after it has ended."""


class AccountLock:
    """The right to use the account, from `acquire` to `release` or to the end of this process.

    A `with` block acquires and releases it.
    """

    def __init__(self, storage_state: Path) -> None:
        self._file = storage_state.with_name(f"{storage_state.name}{SUFFIX}")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> Self:
        """Take the lock; again is the same as once. Raise AccountInUse at once if it is taken."""
        if self._descriptor is None:
            require_private_directory(self._file.parent)
            self._descriptor = self._open_locked()

        return self

    def release(self) -> None:
        """Let another process have the lock.

        The file stays: removing it would let two processes lock two files of one name.
        """
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open_locked(self) -> int:
        try:
            descriptor = os.open(
                self._file,
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                0o600,
            )
        except OSError as error:
            text = f"the lease {self._file} cannot be opened: {error.strerror}"
            raise errors.of_machine(error, text) from error

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = (
                os.read(
                    descriptor,
                    _MAX_BYTES,
                )
                .decode(errors="replace")
                .strip()
            )
            os.close(descriptor)

            raise AccountInUse(
                f"the portal account is in use by {holder or 'another process'};"
                " start again after it has ended"
            ) from error

        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, _this_process().encode()[:_MAX_BYTES])
        except OSError as error:
            os.close(descriptor)
            text = f"the lease {self._file} cannot be written: {error.strerror}"
            raise errors.of_machine(error, text) from error

        return descriptor


def _this_process() -> str:
    """Return this process's number, its program without options, and since when it runs."""
    names = []

    for word in sys.orig_argv:
        if word.startswith("jobs."):
            names.append(word)

    program = names[0] if names else Path(sys.orig_argv[0]).name

    return f"process {os.getpid()} ({program}), since {dates.now():%Y-%m-%d %H:%M:%S} UTC\n"
