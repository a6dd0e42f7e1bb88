"""The server: `python -m tests.fork_server DESCRIPTOR`, of a socket on which requests come.

For each request it forks a supervisor, which forks the job, waits for it and answers with its exit code. The supervisor
kills the job when nobody waits for the answer any more. The server ends when its owner is gone.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import warnings

from tests.fakes import printed_report
from tests.fork_server import forked_process, imports

LARGEST_BYTES = 1 << 20


def main() -> None:
    requests = socket.socket(fileno=int(sys.argv[1]))
    pages = forked_process.Requests()
    _import_everything()
    # so that a collection in a child does not copy all of this
    gc.collect()
    gc.freeze()
    # whatever is forked here is waited for by nobody
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    socket.send_fds(requests, [b"ready"], [pages.outgoing.fileno()])

    while True:
        ready, _, _ = select.select([requests, pages.incoming], [], [])
        if pages.incoming in ready:
            pages.fork()

        if requests in ready:
            request, handles, _, _ = socket.recv_fds(requests, LARGEST_BYTES, 4)
            if not request:
                return

            if not os.fork():
                requests.close()
                _supervise(json.loads(request), handles, pages)

            for handle in handles:
                os.close(handle)


def _import_everything() -> None:
    # as a job with `-W error` would meet it
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        imports.import_everything()
        import lib.notify.alerts.channels
        import lib.reports.render.weasyprint_engine

    # Apprise imports its hundred services with the first channel.
    lib.notify.alerts.channels._channel("json://127.0.0.1/")


def _supervise(request: dict, handles: list[int], pages: forked_process.Requests) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    answer, *standard = handles
    job = os.fork()
    if not job:
        os.close(answer)
        for number, handle in enumerate(standard):
            os.dup2(handle, number)
        _become(request, pages)

    os.write(answer, str(job).encode())
    ended = os.pidfd_open(job)
    ready, _, _ = select.select([ended, answer], [], [])
    if ended not in ready:
        os.kill(job, signal.SIGKILL)

    code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    if ended in ready:
        os.write(answer, str(code).encode())
    os._exit(0)


def _become(request: dict, pages: forked_process.Requests) -> None:
    """Be the job until its end."""
    code = 1
    try:
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environ"])
        time.tzset()
        tempfile.tempdir = None
        if request["is_strict"]:
            sys.warnoptions = ["error"]
            warnings.simplefilter("error")
        if request["is_drawn"]:
            pages.incoming.close()
            forked_process.use(pages.outgoing)
        else:
            printed_report.use()
        code = _ran(request["module"], request["arguments"])
        # what the interpreter does at its end
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - never comes back into the server's code
        traceback.print_exc()
        code = code or 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def _ran(module: str, arguments: list[str]) -> int:
    sys.argv = [module, *arguments]
    sys.orig_argv = [sys.executable, "-m", module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        if isinstance(ending.code, int | None):
            return ending.code or 0
        print(ending.code, file=sys.stderr)  # noqa: T201
        return 1
    except BaseException:  # noqa: BLE001 - what the interpreter does with it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
