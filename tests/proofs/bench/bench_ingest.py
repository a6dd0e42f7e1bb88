"""How long and how much memory a load takes, against a plain COPY of the same merged file: `make bench`.

Prints one table. Each round measures the floor, a COPY into an unlogged text table, right before each load, so that
all meet the same noise. Merging is parsing, coercion, duplicates in a file, the merged file and lines for COPY; a load is
everything else, history and load accounting included. "Files to rows" is both.

Told are the best of all rounds and its ratio to the best floor: by the clock, which needs a quiet machine (2 cores, for
a load works on both ends at once), and by the processor time of this process and its server process together, which a
busy one blurs less. Memory is what this process holds more than before, at its peak.

`--beside DIR` measures the lib/ of another checkout in turns with this one, in processes of their own, and prints the
ratio of the processor times.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
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
T = date(2025, 11, 29)
Result = TypeVar("Result")
GOALS = {"first": 6.0, "again": 6.0}
GOAL_MIB = 64
TURNS, TURN_ROUNDS = 3, 3
GOAL_BESIDE = 0.55
TOTAL = "files to rows"


OF_A_CHECKOUT = """
import json, sys, tempfile
from importlib import import_module
from pathlib import Path
bench = import_module(sys.argv[1])
with bench.throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
    engine = bench.connect(url, application_name="bench")
    bench.migrations.upgrade(engine)
    rounds = [bench.measure(engine, Path(directory), n) for n in range(int(sys.argv[2]))]
    engine.dispose()
print(json.dumps({step: bench.best(rounds, step)[1] for step in rounds[0].costs}))
"""
"""Measures with the bench of the checkout that it is run in."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, metavar="DIR", help="a checkout to compare with")
    beside = parser.parse_args().beside

    if beside:
        compare(Path(__file__).parents[3], beside)
        return

    with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
        engine = connect(url, application_name="bench")
        migrations.upgrade(engine)
        rounds = [measure(engine, Path(directory), number) for number in range(ROUNDS)]
        engine.dispose()
    print_table(rounds)


def compare(here: Path, other: Path) -> None:
    turns: dict[Path, list[dict[str, float]]] = {here: [], other: []}
    for _ in range(TURNS):
        for checkout, results in turns.items():
            results.append(measured_in(checkout))
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"processor time, best of {TURNS} x {TURN_ROUNDS} rounds in turns, load {load}")
    for step in turns[other][0] | {TOTAL: 0.0}:
        ours, theirs = (min(cost_of(each, step) for each in turns[tree]) for tree in (here, other))
        goal = f"  goal {GOAL_BESIDE} x" if step == TOTAL else ""
        print(f"  {step:14}  {ours:6.3f} s  {theirs:6.3f} s  {ours / theirs:5.2f} x{goal}")


def cost_of(costs: dict[str, float], step: str) -> float:
    return costs["merge"] + costs["first"] if step == TOTAL else costs[step]


def measured_in(checkout: Path) -> dict[str, float]:
    (bench,) = checkout.glob("tests/**/bench_ingest.py")
    module = ".".join(bench.relative_to(checkout).with_suffix("").parts)
    done = subprocess.run(
        [sys.executable, "-c", OF_A_CHECKOUT, module, str(TURN_ROUNDS)],
        cwd=checkout,
        check=True,
        stdout=subprocess.PIPE,
        timeout=600,
    )
    costs: dict[str, float] = json.loads(done.stdout)
    return costs


def print_table(rounds: list[Round]) -> None:
    print(
        f"missed_leads, {ROWS:,} rows, {REPEATED:.0%} repeated, {BAD:.1%} bad; best of {ROUNDS} rounds"
    )
    print(f"  {'':14}  {'clock':>16}  {'processors':>16}")
    floor = best(rounds, "floor")
    for step in rounds[0].costs:
        least = best(rounds, step)
        ratios = [f"{least[kind]:6.3f} s {least[kind] / floor[kind]:5.1f} x" for kind in (0, 1)]
        print(
            f"  {step:14}  {'  '.join(ratios)}{f'  goal {GOALS[step]} x' if step in GOALS else ''}"
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
            costs[step] = [timed(engine, partial(ingest.load, engine, merged, run))[0]]
    (first,) = costs["first"]
    costs[TOTAL] = [(merging[0] + first[0], merging[1] + first[1])]
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
    """Write the stores' files.

    New pickups, the same customers again, and ids that no integer holds.
    """
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
