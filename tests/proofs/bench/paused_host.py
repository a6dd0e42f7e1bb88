"""A worker host whose pages take a fixed time and no processor: `jobs.draw` with another engine.

`python -m tests.proofs.bench.paused_host FILE SECONDS ADDRESS`: each page is answered with the PDF in FILE.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

from lib import config, log, stop
from lib.config import Need, Use
from lib.reports.hosts import services
from lib.reports.render import engines


def paused(_html: str, *, file: Path, seconds: float) -> bytes:
    time.sleep(seconds)
    return file.read_bytes()


def main(file: str, seconds: str, address: str) -> None:
    log.start(pipeline_name="paused_host", run_id="bench")
    stop.listen()
    engine = partial(paused, file=Path(file), seconds=float(seconds))
    engines.chosen = lambda _settings: engine
    settings = config.load({Need.DRAW_SCHEDULER, Need.DRAW_TLS, Use.PDF})
    services.draw(settings, address, address)


if __name__ == "__main__":
    main(*sys.argv[1:])
