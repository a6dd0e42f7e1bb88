"""What a drill that was killed outside a container has left running and mounted."""

from __future__ import annotations

from pathlib import Path

from lib.drill import job_process, small_disk


def release(place: Path) -> None:
    """Take away what holds the scratch directory of a killed drill, so that it can be removed.

    1. The jobs that it had started end.
    2. Its small disk is unmounted.
    """
    job_process.end_started_from(place)
    small_disk.unmount(place)
