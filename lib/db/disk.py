"""Room on the volumes, asked together with the health of the database.

A full disk stops a run just as a database without its tables does.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from lib.config.settings import Volumes
from lib.db.health import Check
from lib.model import Finding, Status

MIB = 2**20
SCARCE_MIB = 1024
#: A day of exports and reports of a large chain takes some 50 MiB.
TOO_LITTLE_MIB = 100


def check(volumes: Volumes) -> Check:
    """Return an error for a volume on which a run cannot work, a warning for one that fills up."""
    return Check("free disk", tuple(_findings(volumes)))


def _findings(volumes: Volumes) -> Iterator[Finding]:
    for name, path in asdict(volumes).items():
        free_mib = shutil.disk_usage(_existing(Path(path))).free // MIB

        if free_mib < SCARCE_MIB:
            severity = Status.ERROR if free_mib < TOO_LITTLE_MIB else Status.WARNING
            text = f"only {free_mib} MiB are free under {name.upper()} ({path})"
            yield Finding(severity, text)


def _existing(path: Path) -> Path:
    """Return the path, or the nearest directory above it that is there.

    A volume is made when it is first used.
    """
    above = path.absolute().parents
    return next(each for each in (path.absolute(), *above) if each.exists())
