"""One process at a time per portal account: a lock on a file beside the storage state, which dies with its holder.

The portal knows one session per account and counts its logins, so two processes would log each
other out. A lock of the operating system needs no clean-up after a crash, works without the
database (a person logs in on a machine that has none), and is shared by containers that share
PROFILES_DIR.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from lib import dates, errors
from lib.errors import TemporaryError
from lib.portal.browser import processes
from lib.portal.session import storage_state as session_storage_state

_LONGEST = 200


class LeaseHeld(TemporaryError):
    """Another process talks to the portal with this account; running again after it finishes the rest."""


class Lease:
    """The right to use the account, from `take` to `release` or to the end of this process, however it ends.

    A `with` block takes and releases it.
    """

    def __init__(self, storage_state: Path) -> None:
        self._file = storage_state.with_name(f"{storage_state.name}.lease")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        return self.take()

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> Self:
        """Take the lease or raise LeaseHeld at once; taking it twice is taking it once."""
        if self._descriptor is None:
            session_storage_state.require_private_directory(self._file.parent)
            self._descriptor = self._locked()

        return self

    def release(self) -> None:
        """Let others have it.

        The file stays: removing it would let two processes lock two files of one name.
        """
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _locked(self) -> int:
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise errors.of_machine(
                error, f"the lease {self._file} cannot be opened: {error.strerror}"
            ) from error

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, _LONGEST).decode(errors="replace").strip()
            os.close(descriptor)
            raise LeaseHeld(
                f"the portal account is in use by {holder or 'another process'}; start again after it has ended"
            ) from error

        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, _ourselves().encode()[:_LONGEST])
        except OSError as error:
            os.close(descriptor)
            raise errors.of_machine(
                error, f"the lease {self._file} cannot be written: {error.strerror}"
            ) from error

        return descriptor


def _ourselves() -> str:
    """Name this process: its number, its program without options, and since when."""
    words = processes.command(processes.Process(os.getpid(), "")).split()
    program = next(
        (word for word in words if word.startswith("jobs.")), Path(words[0]).name if words else "?"
    )

    return f"process {os.getpid()} ({program}), since {dates.now():%Y-%m-%d %H:%M:%S} UTC\n"
