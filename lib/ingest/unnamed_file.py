"""A file without a name, for what must not outlive its process."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

BLOCK_BYTES = 65_536


class UnnamedFile:
    """Written once, then read as often as needed, by several threads at once too.

    It has no name from the beginning, so it is gone when nobody holds it, after a kill too.
    """

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - closed with its owner
        #: Gives its space back; may be called more than once.
        self.close = weakref.finalize(self, self._file.close)

    def write(self, data: bytes | bytearray) -> None:
        """Append `data`. Raise OSError."""
        self._file.write(data)
        self._file.flush()

    def blocks(self) -> Iterator[bytes]:
        """Yield what was written. Raise OSError."""
        at = 0

        while block := os.pread(self._file.fileno(), BLOCK_BYTES, at):
            at += len(block)
            yield block
