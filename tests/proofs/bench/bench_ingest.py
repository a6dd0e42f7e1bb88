"""How long and how much memory a load takes, against a plain COPY of the same merged file: `make bench`.

Prints one table. Each round measures the floor, a COPY into an unlogged text table, right before each load, so that
all meet the same noise; the merge of the stores' files is apart. A load reads the merged file as the daily job does:
parsing, coercion, duplicates, rejects, history and load accounting included.

Told are the best of all rounds and its ratio to the best floor: by the clock, which needs a quiet machine (2 cores, for
a load works on both ends at once), and by the processor time of this process and its server process together, which a
busy one blurs less. Presence is what this process holds more than before, at its peak.
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
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Engine, text

from demo.postgres import throwaway_postgres
from lib import ingest
from lib.db import migrations
from lib.db.engine import connect
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Download, Pipeline, RunRef
from tests.factories.runs import add_run

ROWS = 100_000
STORES = 16
REPEATED, BAD = 0.2, 0.005
ROUNDS = 7
BATCH_SIZE = 3000
"""The default of INGEST_BATCH_SIZE."""
T = date(2025, 11, 29)
Result = TypeVar("Result")
GOALS = {"first": 8.0, "again": 7.5}
GOAL_MIB = 64


def main() -> None:
    with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
        engine = connect(url, application_name="bench")
        migrations.upgrade(engine)
        rounds = [measure(engine, Path(directory), number) for number in range(ROUNDS)]
        engine.dispose()
    print(
        f"missed_leads, {ROWS:,} rows, {REPEATED:.0%} repeated, {BAD:.1%} bad; best of {ROUNDS} rounds"
    )
    print(f"  {'':10}  {'clock':>16}  {'processors':>16}")
    floor = best(rounds, "floor")
    for step in rounds[0].costs:
        least = best(rounds, step)
        ratios = [f"{least[kind]:6.3f} s {least[kind] / floor[kind]:5.1f} x" for kind in (0, 1)]
        print(
            f"  {step:10}  {'  '.join(ratios)}{f'  goal {GOALS[step]} x' if step in GOALS else ''}"
        )
    print(f"  peak memory {max(each.memory_mib for each in rounds):.1f} MiB  goal {GOAL_MIB} MiB")


Cost = tuple[float, float]
"""Seconds by the clock and of processors."""


@dataclass(frozen=True)
class Round:
    costs: dict[str, list[Cost]]
    """Of every step, by its name."""
    memory_mib: float


def best(rounds: list[Round], step: str) -> Cost:
    clock, processors = zip(*(cost for each in rounds for cost in each.costs[step]), strict=True)
    return min(clock), min(processors)


def measure(engine: Engine, directory: Path, number: int) -> Round:
    downloads = write_exports(directory)
    runs = [
        RunRef(
            Pipeline.DAILY, f"r{number}-{day}", "dev", T + timedelta(days=day), datetime.now(UTC)
        )
        for day in (0, 1)
    ]
    with engine.begin() as connection:
        connection.execute(
            text("TRUNCATE missed_leads, missed_leads_history, ingest_counts, ingest_rejects")
        )
    for run in runs:
        add_run(engine, run)
    with Peak() as peak:
        run_on = T + timedelta(days=1)
        merging, merged = timed(
            engine, lambda: ingest.merge(Bucket.MISSED_LEADS, downloads, directory, run_on)
        )
        costs: dict[str, list[Cost]] = {"floor": [], "merge": [merging]}
        for step, run in (("first", runs[0]), ("again", runs[0]), ("next day", runs[1])):
            costs["floor"].append(copy(engine, merged.path))
            work = partial(ingest.load, engine, merged, run, batch_size=BATCH_SIZE)
            costs[step] = [timed(engine, work)[0]]
    return Round(costs, peak.mib)


def copy(engine: Engine, path: Path) -> Cost:
    """Return the cost of a COPY of the file into an unlogged text table."""
    names = ", ".join(f"{name} text" for name in EXPORTS[Bucket.MISSED_LEADS].names)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS floor"))
        connection.execute(text(f"CREATE UNLOGGED TABLE floor ({names})"))
    return timed(engine, lambda: fill(engine, path))[0]


def fill(engine: Engine, path: Path) -> None:
    with engine.begin() as connection, path.open("rb") as file:
        connection.connection.cursor().copy_expert(
            "COPY floor FROM STDIN (FORMAT csv, HEADER)", file
        )


def write_exports(directory: Path) -> list[Download]:
    """Write the stores' files: new pickups, the same customers again, and ids that no integer holds."""
    rng = random.Random(1)
    downloads = []
    for store in range(STORES):
        code = f"B{store:03}"
        path = directory / EXPORTS[Bucket.MISSED_LEADS].file_name(code)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(EXPORTS[Bucket.MISSED_LEADS].names)
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


def timed(engine: Engine, work: Callable[[], Result]) -> tuple[Cost, Result]:
    """Return what the work cost: it uses the one connection that the engine's pool holds."""
    with engine.connect() as connection:
        server = Path(
            f"/proc/{connection.execute(text('SELECT pg_backend_pid()')).scalar_one()}/schedstat"
        )
    clock, processors = time.perf_counter(), time.process_time() + on_processor_s(server)
    result = work()
    return (
        time.perf_counter() - clock,
        time.process_time() + on_processor_s(server) - processors,
    ), result


def on_processor_s(schedstat: Path) -> float:
    return int(schedstat.read_text(encoding="ascii").split()[0]) / 1e9


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
