"""How WeasyPrint finds Pango and its relatives: by the names that Linux gives them."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def by_their_names() -> Iterator[None]:
    """Import WeasyPrint in here: half the time, because what it tries first are names that libraries have elsewhere.

    For each of them ctypes would start ldconfig, a compiler and a linker, only to find nothing.
    """
    search = ctypes.util.find_library
    ctypes.util.find_library = _nowhere

    try:
        yield
    finally:
        ctypes.util.find_library = search


def _nowhere(name: str) -> str | None:  # noqa: ARG001 - as find_library has it
    return None
