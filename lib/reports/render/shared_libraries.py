"""How WeasyPrint finds Pango and its relatives: by the names that they have on Linux."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def linux_library_names() -> Iterator[None]:
    """Make an import of WeasyPrint inside take half the time.

    What it tries first are names that the libraries have on other systems. For each of them ctypes
    would start ldconfig, a compiler and a linker, only to find nothing.
    """
    search = ctypes.util.find_library
    ctypes.util.find_library = _nowhere

    try:
        yield
    finally:
        ctypes.util.find_library = search


def _nowhere(name: str) -> str | None:  # noqa: ARG001 - as find_library has it
    return None
