"""How a file gets its name: whole, or not at all.

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
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Yield a stream for what will be at `path` when the block ends; on an error `path` is as it was.

    The file is its owner's alone (0600): most hold personal data or secrets. `durable` has it
    survive a power cut from then on. The unfinished file is `.NAME.part`: a fixed name, so that the
    next writer removes what a killed one left. Only one writer of a path at a time: pipelines hold
    their lock, the portal its lease. Raises OSError.
    """
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()

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
    """Return the path that an unfinished file was to get; None for a name that is no such file's."""
    name = temporary.name
    is_ours = (
        name.startswith(".") and name.endswith(UNFINISHED) and len(name) > len("." + UNFINISHED)
    )

    return temporary.with_name(name[1 : -len(UNFINISHED)]) if is_ours else None


def _sync(directory: Path) -> None:
    """Make the new name durable: the file's own sync covers its content only."""
    descriptor = os.open(directory, os.O_RDONLY)

    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
