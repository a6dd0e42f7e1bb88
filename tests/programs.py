"""The jobs as a scheduler starts them.

A process with the environment it is given and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 60


def run_job(
    job: str, *flags: str, cwd: Path, stdin: IO[bytes] | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m jobs.<job>` in `cwd`, where no `.env` of a developer is."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", f"jobs.{job}", *flags],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


def messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return status and message of every log line of a job."""
    events = (json.loads(line) for line in done.stdout.splitlines())
    return [f"{event['status']}: {event['message']}" for event in events]
