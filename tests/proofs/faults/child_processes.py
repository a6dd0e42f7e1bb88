"""Runs jobs in forked children: everything is imported once, so that a run costs its work only.

`python -m tests.proofs.faults.child_processes` reads one request a line on stdin and answers each with how the child ended. A child
runs the real `python -m jobs.<job>`, with a trap behind each of its doors.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

import stamina

import lib.pipelines.exports
from tests.fakes import printed_report
from tests.fork_server import imports
from tests.proofs.faults.boundaries import Clock, Doors
from tests.proofs.faults.points import Arm, Door, Fault, Point

PATIENCE_S = 300.0
HUNG = 1000
"""Instead of an exit code: the run did not end and was killed by us."""


def main() -> None:
    _prepare()
    # inherited by the children: one thread of each kind, so that runs are alike
    os.sched_setaffinity(0, {_processor()})
    gc.collect()
    gc.freeze()
    print("ready", flush=True)  # noqa: T201 - our answers
    for line in sys.stdin:
        request = json.loads(line)
        if not (pid := os.fork()):
            _child(request)
        print(_ending(pid), flush=True)  # noqa: T201


def _prepare() -> None:
    imports.import_everything()
    printed_report.use()
    # the second store's exports are asked for while the first one's are loaded and its report is drawn
    lib.pipelines.exports.SMALLEST_BATCH = 1
    stamina.set_testing(True, attempts=3, cap=True)


def _processor() -> int:
    """Return the processor to run on: another one in each of the test processes side by side."""
    allowed = sorted(os.sched_getaffinity(0))
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")

    return allowed[int(number) % len(allowed)]


def _ending(pid: int) -> int:
    """Return the child's exit code, or minus the signal that ended it.

    HUNG when it took too long.
    """
    handle = os.pidfd_open(pid)
    try:
        ended = select.select([handle], [], [], PATIENCE_S)[0]
    finally:
        os.close(handle)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if ended else HUNG


def _child(request: dict) -> None:
    code = 1
    try:
        out = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for descriptor in (1, 2):
            os.dup2(out, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["volumes"])
        code = _ran(request)
    except BaseException:  # noqa: BLE001 - a child never comes back into its parent's code
        sys.excepthook(*sys.exc_info())
    finally:
        threading._shutdown()
        sys.stdout.flush()
        os._exit(code)


def _ran(request: dict) -> int:
    arm = request["arm"] and _arm(**request["arm"])
    traced, clock = Path(request["trace"]), Clock(datetime.fromisoformat(request["now"]))
    doors = Doors(clock, Path(request["volumes"]), arm, note=traced.touch)
    doors.install()
    if request["browser"]:
        doors.watch_browser()
    sys.argv = [request["job"], *request["flags"]]
    try:
        # As `python -m` does: what starts a process of its own imports this job there, not us.
        runpy.run_module(f"jobs.{request['job']}", run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        return int(ending.code or 0)
    finally:
        if not arm:
            traced.write_text(
                "".join(f"{point.door}\t{point.label}\t{point.nth}\n" for point in doors.trap.trace)
            )
    return 0


def _arm(fault: str, door: str, label: str, nth: int) -> Arm:
    return Arm(Fault(fault), Point(Door(door), label, nth))


if __name__ == "__main__":
    main()
