"""How long and how much memory a load takes, against a plain COPY of the same merged file: `make bench`.

Prints one table. The floor is the best of FLOORS copies into an unlogged text table; both loads are measured next to
it, the merge of the stores' files apart. Memory is what this process holds more than before, at its peak.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import csv
import random
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Engine, text

from demo.postgres import throwaway_postgres
from lib import ingest
from lib.db import migrations
from lib.db.engine import connect
from lib.model import Bucket, Download, Pipeline, RunRef
from tests.factories.runs import add_run

ROWS = 100_000
STORES = 16
REPEATED, BAD = 0.2, 0.005
FLOORS = 5
ROUNDS = 3
T = date(2025, 11, 29)
Result = TypeVar("Result")
GOALS = {"first": 8.0, "again": 7.5, "memory": 64.0}


def main() -> None:
    with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
        engine = connect(url, application_name="bench")
        migrations.upgrade(engine)
        rounds = [measure(engine, Path(directory), number) for number in range(ROUNDS)]
        engine.dispose()
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    print(f"missed_leads, {ROWS:,} rows, {REPEATED:.0%} repeated, {BAD:.1%} bad; best of {ROUNDS} rounds")
    print(f"  floor (COPY into an unlogged text table)  {best['floor']:6.3f} s")
    for name in ("merge", "first", "again", "next day"):
        ratio = min(each[name] / each["floor"] for each in rounds)
        goal = f"   goal {GOALS[name]} x" if name in GOALS else ""
        print(f"  {name:40}  {best[name]:6.3f} s  {ratio:5.1f} x{goal}")
    peak = max(each["memory"] for each in rounds)
    print(f"  {'peak memory':40}  {peak:6.1f} MiB  goal {GOALS['memory']:.0f} MiB")


def measure(engine: Engine, directory: Path, number: int) -> dict[str, float]:
    """Return the seconds of every step of one round, and the peak memory in MiB."""
    downloads = write_exports(directory)
    runs = [
        RunRef(Pipeline.DAILY, f"r{number}-{day}", "dev", T + timedelta(days=day), datetime.now(UTC)) for day in (0, 1)
    ]
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE missed_leads, missed_leads_history, ingest_counts, ingest_rejects"))
    for run in runs:
        add_run(engine, run)
    with Peak() as peak:
        seconds, merged = timed(lambda: ingest.merge(Bucket.MISSED_LEADS, downloads, directory, T + timedelta(days=1)))
        floor = min(copy(engine, merged.path) for _ in range(FLOORS))
        first = timed(lambda: ingest.load(engine, merged, runs[0]))[0]
        again = timed(lambda: ingest.load(engine, merged, runs[0]))[0]
        following = timed(lambda: ingest.load(engine, merged, runs[1]))[0]
    return {
        "merge": seconds,
        "floor": floor,
        "first": first,
        "again": again,
        "next day": following,
        "memory": peak.mib,
    }


def copy(engine: Engine, path: Path) -> float:
    """Return the seconds of a COPY of the file into an unlogged text table."""
    names = ", ".join(f"{name} text" for name in ingest.LAYOUTS[Bucket.MISSED_LEADS].names)
    with engine.begin() as connection, path.open("rb") as file:
        connection.execute(text("DROP TABLE IF EXISTS floor"))
        connection.execute(text(f"CREATE UNLOGGED TABLE floor ({names})"))
        cursor = connection.connection.cursor()
        return timed(lambda: cursor.copy_expert("COPY floor FROM STDIN (FORMAT csv, HEADER)", file))[0]


def write_exports(directory: Path) -> list[Download]:
    """Write the stores' files: new pickups, the same customers again, and ids that no integer holds."""
    rng = random.Random(1)
    downloads = []
    for store in range(STORES):
        code = f"B{store:03}"
        path = directory / ingest.LAYOUTS[Bucket.MISSED_LEADS].local_name(code)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(ingest.LAYOUTS[Bucket.MISSED_LEADS].names)
            for number in range(ROWS // STORES):
                writer.writerow(row(rng, code, store * 1_000_000 + number))
        downloads.append(Download(code, Bucket.MISSED_LEADS, path))
    return downloads


def row(rng: random.Random, code: str, pickup: int) -> list[str]:
    customer = pickup - rng.randrange(1, 500) if rng.random() < REPEATED else pickup
    created_on = date(2025, 11, 1) + timedelta(days=rng.randrange(29))
    return [
        "not a number" if rng.random() < BAD else str(pickup),
        str(9_000_000_000 + customer),
        f"P{pickup}",
        created_on.isoformat(),
        f"{rng.randrange(8, 21):02}:{rng.randrange(60):02}:00",
        code,
        f"STORE {code}",
        (created_on + timedelta(days=1)).isoformat(),
        "10:00 AM - 12:00 PM",
        f"Customer {customer}",
        "Ring twice, then wait" if rng.random() < 0.1 else "",
        rng.choice(("Customer App", "WhatsApp", "Super Admin")),
        "WhatsApp",
        rng.choice(("New", "Existing")),
        rng.choice("01"),
    ]


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


class Peak:
    """The most memory that the process held inside the block, less what it held before, in MiB."""

    mib = 0.0

    def __enter__(self) -> Self:
        self._before = resident_mib()
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._done.wait(0.01):
            self.mib = max(self.mib, resident_mib() - self._before)


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
