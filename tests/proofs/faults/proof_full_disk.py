"""The weekly job on a disk that is really full, with room for one page more each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNSHARE = ("unshare", "--mount", "--propagation", "private")
TIMEOUT_S = 300


def may_mount():
    """Only root in a namespace of its own may, and not in every container."""
    if os.geteuid():
        return False
    probe = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="a tmpfs cannot be mounted here")
def test_a_disk_that_is_full_at_any_page_loses_and_leaves_nothing():
    command = [*UNSHARE, sys.executable, "-m", "tests.proofs.faults.full_disk", "weekly"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "sizes of a disk tried" in done.stdout
