"""What a run does with its pages: `python -m tests.proofs.scale.run_of_pages ROWS…`.

Draws a page of each number of rows as the settings of the environment say, the first one being page 0, and prints a JSON
line about each page as it ends. Log lines come between them, as from a job.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from lib import config, log
from lib.config import Use
from lib.reports.build import rendering
from lib.reports.render.drawer import PageFailed
from lib.reports.render.worker_pool import WorkerPool
from tests.worker_hosts import expected, page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="+")
    parser.add_argument("--words", default="a line of the page")
    args = parser.parse_args()

    log.start(pipeline_name="scale", run_id="scale")
    settings = config.load({Use.DRAW, Use.PDF})

    with (
        rendering.chosen(settings).pool(len(args.rows)) as (pool, size),
        ThreadPoolExecutor(size) as threads,
    ):
        say(places=size)
        waiting = [
            threads.submit(drawn, pool, number, page(number, rows, args.words))
            for number, rows in enumerate(args.rows)
        ]
        for one in as_completed(waiting):
            say(**one.result())


def drawn(pool: WorkerPool, number: int, html: str) -> dict[str, object]:
    try:
        content = pool.draw(html, expected(number)).content
        what = {"sha256": hashlib.sha256(content).hexdigest()}
    except PageFailed as error:
        what = {"failed": str(error)}
    return {"page": number, **what}


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
