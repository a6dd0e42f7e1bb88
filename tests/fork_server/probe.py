"""A program for the tests of the fork server: it ends as its argument says."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path


def main(how: str) -> None:
    atexit.register(print, "the end")
    known = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    said = {"flags": sys.argv[1:], "environ": known, "cwd": str(Path.cwd()), "in": sys.stdin.read()}
    print(json.dumps(said, sort_keys=True), flush=True)  # noqa: T201

    match how:
        case "code":
            sys.exit(78)
        case "text":
            sys.exit("no settings")
        case "error":
            raise ValueError("not a number")
        case "warning":
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "waits":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
            print("ready", flush=True)  # noqa: T201
            signal.sigwait({signal.SIGUSR1})
            print("again")  # noqa: T201
        case "hangs":
            Path("pid").write_text(str(os.getpid()))
            time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
