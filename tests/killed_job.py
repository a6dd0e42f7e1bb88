"""Run a job in a process that is killed (SIGKILL) when a phase ends: `python -m tests.killed_job daily audit [flags]`.

The kill comes after the phase's last word was kept, so what follows is all that the process had not done.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from contextlib import contextmanager

from lib.run.record import Run


def main(job: str, phase: str, *flags: str) -> None:
    whole = Run.phase

    @contextmanager
    def killed(run, name):
        with whole(run, name):
            yield
        if name == phase:
            os.kill(os.getpid(), signal.SIGKILL)

    Run.phase = killed
    sys.argv = [job, *flags]
    runpy.run_module(f"jobs.{job}", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
