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

from tests.fork_server import client as fork_server

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 1800
FOR_PYTHON = {"PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL"}


def run_job(
    job: str, *flags: str, cwd: Path, stdin: IO[bytes] | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -W error -m jobs.<job>` in `cwd`, where no `.env` of a developer is.

    It runs in a fork (tests/fork_server), but where a variable is for the interpreter itself.
    """
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    if not FOR_PYTHON.isdisjoint(environ):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", f"jobs.{job}", *flags],
            cwd=cwd,
            env=environ,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    return fork_server.server().run(
        f"jobs.{job}",
        flags,
        cwd=cwd,
        environ=environ,
        timeout_s=TIMEOUT_S,
        stdin=stdin,
        is_strict=True,
    )


def messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return status and message of every log line of a job."""
    events = (json.loads(line) for line in done.stdout.splitlines())
    return [f"{event['status']}: {event['message']}" for event in events]
