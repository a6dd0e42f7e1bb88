"""Where the tests' files are.

On the memory disk if it has room, since a job's every file waits for the disk.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests import databases

ROOT = "PYTEST_DEBUG_TEMPROOT"
"""The variable from which pytest takes the directory of all its temporary directories."""


def pytest_configure(config):
    place = memory()
    if place and not config.option.basetemp:
        os.environ.setdefault(ROOT, str(place))


def memory() -> Path | None:
    """Return the memory disk.

    None where it is missing or small, or where no program may be started from it.
    """
    place = databases.memory()
    if place and os.statvfs(place).f_flag & os.ST_NOEXEC:
        return None
    return place
