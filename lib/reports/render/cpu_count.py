"""How many processors there really are: a container's share is not what the machine shows."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def available(cgroup: Path = CGROUP) -> int:
    """Return the processors that this process may use, at least 1.

    That is its affinity, or its container's quota if less.
    """
    allowed = len(os.sched_getaffinity(0))
    return max(1, min(allowed, _share(cgroup) or allowed))


def _share(cgroup: Path) -> int | None:
    """Return the whole processors in the quota of cgroup v2 or v1; None without a quota."""
    try:
        quota, period = _numbers(cgroup)
    except (OSError, ValueError):
        return None

    return None if quota <= 0 else max(1, quota // period)


def _numbers(cgroup: Path) -> tuple[int, int]:
    """Return quota and period in microseconds; ValueError for `max`, which is no quota."""
    second = cgroup / "cpu.max"
    if second.exists():
        quota, period = second.read_text(encoding="ascii").split()
        return int(quota), int(period)

    first = cgroup / "cpu"
    quota, period = (
        (first / f"cpu.cfs_{name}_us").read_text(encoding="ascii") for name in ("quota", "period")
    )

    return int(quota), int(period)
