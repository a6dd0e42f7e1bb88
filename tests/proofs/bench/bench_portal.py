"""The portal client against the simulator in a process of its own, with a live session: how near to ideal it comes.

Run: python -m tests.proofs.bench.bench_portal [stores]. Prints ratios; nothing is asserted but that no browser is started.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from loguru import logger

from demo.portal import World
from demo.portal.dashboard import Style, dashboard_page
from demo.portal.figures import figures
from demo.portal.remote import RemotePortal, spawn_portal
from lib import portal
from lib.config import Account, PortalSettings
from lib.model import Bucket
from lib.portal import Client
from lib.portal.browser import processes
from lib.portal.dashboard import parse
from lib.portal.session import storage_state

T = date(2025, 12, 9)
LATENCY_S = 0.05
#: Slow enough for a run to look at the times of replies.
LOCKED_LATENCY_S = 0.3
LOCKED_STORES = 16
CONCURRENCIES = (4, 8, 16)
PARSES = 300
ROUNDS = 3


@dataclass(frozen=True)
class Result:
    took_s: float
    cpu_s: float
    in_flight: int


def main() -> None:
    """Print one table for each measure."""
    logger.remove()
    stores = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with spawn_portal(
        World(stores=stores), today=T + timedelta(days=1), latency_s=LATENCY_S, is_warm=True
    ) as simulator:
        for is_locked in (False, True):
            simulator.control.set_session_lock(is_locked)
            _mornings(simulator, stores, is_locked=is_locked)
        simulator.control.set_session_lock(False)
        _memory(simulator)
    _parse()


def _mornings(simulator: RemotePortal, stores: int, *, is_locked: bool) -> None:
    """Print how near a morning comes to the least that is possible, with and without a session lock."""
    kind = "one request of a session at a time" if is_locked else "requests side by side"
    latency_s = LOCKED_LATENCY_S if is_locked else LATENCY_S
    codes = simulator.world.codes[: LOCKED_STORES if is_locked else stores]
    simulator.control.set_latency(latency_s)
    print(
        f"\n{len(codes)} stores, a dashboard and {len(Bucket)} exports each, {latency_s * 1000:g} ms, {kind}"
    )
    print(
        f"{'concurrency':>12}{'ideal s':>10}{'took s':>10}{'ratio':>8}{'cpu s':>8}{'in flight':>11}"
        "   goal ratio 1.1"
    )
    for concurrency in CONCURRENCIES[:1] if is_locked else CONCURRENCIES:
        rounds = (
            _morning(simulator, concurrency, codes) for _ in range(1 if is_locked else ROUNDS)
        )
        result = min(rounds, key=lambda each: each.took_s)
        requests = (1 + len(Bucket)) * len(codes)
        ideal_s = requests * latency_s / (1 if is_locked else concurrency)
        print(
            f"{concurrency:>12}{ideal_s:>10.2f}{result.took_s:>10.2f}{result.took_s / ideal_s:>8.2f}"
            f"{result.cpu_s:>8.2f}{result.in_flight:>11}"
        )


def _morning(simulator: RemotePortal, concurrency: int, codes: Sequence[str]) -> Result:
    """Read everything once."""
    with _run_here(simulator, concurrency) as (client, directory):
        simulator.control.reset_counters()
        started, cpu = time.perf_counter(), time.process_time()
        _everything(client, codes, directory)
        took_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
        return Result(took_s, cpu_s, simulator.control.state()["high_water"]["tms"])


def _everything(client: Client, codes: Sequence[str], directory: Path) -> None:
    units = [(code, bucket) for code in codes for bucket in Bucket]
    for _, result in client.run_concurrently(units, lambda unit: client.download(*unit, directory)):
        _require(result)
    for _, result in client.run_concurrently(codes, lambda code: client.dashboard(code, T, None)):
        _require(result)
    children = [processes.command(child) for child in processes.children(os.getpid())]
    assert not [command for command in children if "run-driver" in command or "chrom" in command], (
        "a browser started"
    )


def _require(result: object) -> None:
    if isinstance(result, Exception):
        raise result


def _memory(simulator: RemotePortal) -> None:
    """Tell the peak of what Python holds over few and over many stores, and what is left when all is read."""
    codes = simulator.world.codes
    print(f"\n{'stores':>12}{'peak MB':>10}{'left MB':>10}   goal: the same")
    for times in (1, 2, 4):
        with _run_here(simulator, 8) as (client, directory):
            _everything(client, codes[:8], directory)
            gc.collect()
            tracemalloc.start()
            _everything(client, codes[:50] * times, directory)
            peak = tracemalloc.get_traced_memory()[1]
            gc.collect()
            left = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
        print(f"{50 * times:>12}{peak / 1e6:>10.2f}{left / 1e6:>10.2f}")


def _parse() -> None:
    world = World(stores=1)
    store = world.by_code[world.codes[0]]
    body = dashboard_page(store, figures(world, store, T), Style(date_text="09 Dec 2025")).encode()
    times = []
    for _ in range(PARSES):
        started = time.perf_counter()
        parse.parse(body, store_code=store.code, expected_on=T, known_name=None)
        times.append(time.perf_counter() - started)
    middle, slow = sorted(times)[PARSES // 2] * 1000, sorted(times)[int(PARSES * 0.95)] * 1000
    print(
        f"\nparse a dashboard of {len(body):,} bytes: median {middle:.2f} ms, 95 % within {slow:.2f} ms   goal 2 ms"
    )


@contextmanager
def _run_here(simulator: RemotePortal, concurrency: int) -> Iterator[tuple[Client, Path]]:
    with tempfile.TemporaryDirectory() as directory:
        settings = PortalSettings(
            login_url=f"{simulator.base_url}/home/login",
            home_url=f"{simulator.base_url}/home",
            tms_base=simulator.tms_base,
            dashboard_path="/mis/partner_dashboard?store_code={store_code}",
            concurrency=concurrency,
            timeout_s=30,
            storage_state=Path(directory) / "profiles" / "state.json",
            account=Account("A668", simulator.username, simulator.password),
            browser_executable=None,
        )
        storage_state.save(
            settings.storage_state,
            storage_state.SessionState(tuple(simulator.control.storage_state()["cookies"])),
        )
        with portal.connect(settings) as client:
            client.log_in(simulator.world.codes)
            yield client, Path(directory)


if __name__ == "__main__":
    main()
