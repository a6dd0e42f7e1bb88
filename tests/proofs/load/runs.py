"""Daily runs one after another in one process, which tells after each what it holds; `tests.proofs.load.soak` asks for them.

A line on stdin names the stores of one more run; the answer is one line of JSON on stdout. The log goes to stderr.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from pathlib import Path

from lib import config, log
from lib.config import Need
from lib.pipelines import daily
from tests.proofs.load.measurement import processes_of, resident_mib
from tests.proofs.load.stage import files_in

NEEDS = {Need.DATABASE, Need.STORES, Need.REPORT_STORES, Need.PORTAL, Need.MAIL}


def main() -> None:
    log.start(pipeline_name="soak", run_id="soak", aside=True)
    settings = config.load(NEEDS)
    for number, codes in enumerate(sys.stdin, 1):
        code = daily.run(
            settings, f"soak-{number}", daily.DailyChoice(tuple(codes.split()), force=True)
        )
        gc.collect()
        print(json.dumps({"run": number, "code": int(code), **held()}), flush=True)  # noqa: T201 - the answer


def held() -> dict[str, float]:
    """Return what this process holds now."""
    return {
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "processes": len(processes_of(os.getpid())),
        "temporary": len(files_in(Path(os.environ["TMPDIR"]))),
        "memory_mib": round(resident_mib(os.getpid()), 1),
    }


if __name__ == "__main__":
    main()
