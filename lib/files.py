"""Writing of a file whole, or not at all.

Every file that somebody may read later is written through here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".part"


@contextmanager
def replacing(
    path: Path,
    *,
    durable: bool = True,
    mode: int = 0o600,
) -> Iterator[BinaryIO]:
    """Yield a stream whose content replaces `path` when the block ends without an error.

    The file is its owner's alone (0600) unless `mode` says otherwise: most hold personal data or
    secrets. `durable` makes it
    survive a power cut from then on. The unfinished file is `.NAME.part`: a fixed name, so that the
    next writer removes what a killed one left. A path has one writer at a time: pipelines hold
    their lock, the portal that of its account. Raise OSError.
    """
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)
    # O_EXCL follows no link that somebody put there meanwhile.
    descriptor = os.open(
        temporary,
        os.O_RDWR | os.O_CREAT | os.O_EXCL,
        0o600,
    )

    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            # What the process's umask took away is asked for here.
            os.fchmod(stream.fileno(), mode)

            if durable:
                os.fsync(stream.fileno())

        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

    if durable:
        _sync(path.parent)


def unfinished(path: Path) -> Path:
    """Return the name under which `path` is being written."""
    return path.with_name(f".{path.name}{UNFINISHED}")


def finished(temporary: Path) -> Path | None:
    """Return the path that an unfinished file was to get; None for any other name."""
    name = temporary.name

    if not name.startswith(".") or not name.endswith(UNFINISHED):
        return None

    finished_name = name[1 : -len(UNFINISHED)]
    return temporary.with_name(finished_name) if finished_name else None


def _sync(directory: Path) -> None:
    """Make a new name in the directory durable: a file's own sync covers its content only."""
    descriptor = os.open(directory, os.O_RDONLY)

    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
