"""Run jobs.replay_run in a process that is killed (SIGKILL) before a part: `python -m tests.killed_replay mails --run-id ID`.

The parts are exports, reports and mails: by then what the run knew is copied, the exports are loaded, the reports made.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys

from lib.pipelines.replay_run import mails
from lib.pipelines.replay_run.exports import ExportReplay
from lib.pipelines.replay_run.reports import ReportReplay

PLACES = {
    "exports": (ExportReplay, "part"),
    "reports": (ReportReplay, "_texts"),
    "mails": (mails, "replay"),
}


def main(place: str, *flags: str) -> None:
    def killed(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(*PLACES[place], killed)
    sys.argv = ["replay_run", *flags]
    runpy.run_module("jobs.replay_run", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
