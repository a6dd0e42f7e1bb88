"""What drawing on worker hosts costs, and how far it scales: `python -m tests.proofs.bench.bench_hosts`.

Scheduler and hosts are the product's own services on loopback, with mutual TLS. Rivals take turns, and what is compared is
the median of their pairs: others use this machine, too.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lib import log
from lib.reports.hosts import connection
from lib.reports.render import engines
from lib.reports.render.worker_pool import WorkerPool, worker_pool
from tests.factories.notify_rows import settings as some_settings
from tests.proofs.bench import bench_reports, processes
from tests.worker_hosts import Service, certificates, environment, scheduler, settings_of, worker

MAIN, HOSTS = "127.9.0.1", ("127.9.0.2", "127.9.0.3")
PAUSE_S = 0.5
MOST = 64


class Cluster:
    """A scheduler and worker hosts of so many processes each, and a run's settings for them."""

    def __init__(self, directory: Path, processes: int) -> None:
        self.directory = directory
        self.draw = settings_of(MAIN, certificates(directory / "tls"), processes=processes)
        self.settings = dataclasses.replace(some_settings(directory, None), draw=self.draw)
        self.services: list[Service] = []

    def start(self, service: Service) -> Service:
        self.services.append(service)
        return service

    def stop(self) -> None:
        for service in reversed(self.services):
            service.stop()

    @contextmanager
    def places(self) -> Iterator[WorkerPool]:
        """Yield a pool of places on the hosts alone: a run has processes of its own besides."""
        with connection.places(self.settings, MOST) as places:
            assert places
            yield WorkerPool(places)

    def engine_s(self) -> float:
        """Return the processor time so far of scheduler, forwarders and this process, not of what draws."""
        return time.process_time() + sum(own_s(each.process.pid) for each in self.services)


def own_s(pid: int) -> float:
    """Return the processor time of one process, without its children."""
    return sum(map(int, processes._stat(pid)[11:13])) / processes.TICKS


@contextmanager
def cluster(
    hosts: Sequence[str], paused: Path | None = None, processes: int = 2
) -> Iterator[Cluster]:
    with ExitStack() as resources:
        directory = Path(
            resources.enter_context(tempfile.TemporaryDirectory(prefix="bench-hosts-"))
        )
        made = Cluster(directory, processes)
        resources.callback(made.stop)
        made.start(scheduler(made.draw, MAIN, directory / "main"))
        for address in hosts:
            place = directory / address
            made.start(
                paused_host(made, address, place, paused)
                if paused
                else worker(made.draw, address, place)
            )
        yield made


def paused_host(made: Cluster, address: str, place: Path, file: Path) -> Service:
    service = Service(
        "tests.proofs.bench.paused_host",
        *(str(file), str(PAUSE_S), address),
        environ=environment(made.draw, place),
        directory=place,
    )
    service.wait_for("ready to draw")
    return service


def pages_a_second(pool: WorkerPool, threads: int, count: int) -> float:
    """Draw so many pages; return how many came a second. Each comes with the bytes that were asked for."""
    html, wanted = bench_reports.page(), bench_reports.expected()
    began_s = time.monotonic()
    with ThreadPoolExecutor(threads) as executor:
        drawn = [executor.submit(pool.draw, html, wanted) for _ in range(count)]
        sizes = [len(one.result().content) for one in drawn]
    assert min(sizes) > 0
    return count / (time.monotonic() - began_s)


def engine_alone(count: int) -> None:
    """Show what the engine itself uses of the processor for a page."""
    with drawn_once() as file, cluster(HOSTS[:1], paused=file) as made, made.places() as pool:
        pages_a_second(pool, 3, 4)
        before_s = made.engine_s()
        pages_a_second(pool, 3, count)
        engine_s = (made.engine_s() - before_s) / count
    before_s = time.process_time()
    html = bench_reports.page()
    for _ in range(3):
        engines.weasyprint(html)
    report_s = (time.process_time() - before_s) / 3
    print(
        f"engine {1000 * engine_s:.1f} ms a page, {100 * engine_s / report_s:.1f} % of drawing it ({report_s:.2f} s)"
    )


def against_the_pool(rounds: int, count: int) -> None:
    """Show the same two processes behind the engine and without it."""
    with (
        cluster(HOSTS[:1]) as made,
        made.places() as there,
        worker_pool(engines.weasyprint, 2) as here,
    ):
        shown(
            "two processes behind the engine, of the pool",
            rounds,
            [
                lambda: pages_a_second(here, 2, count),
                lambda: pages_a_second(there, 3, count),
            ],
        )


def two_paused_hosts(rounds: int, count: int) -> None:
    """Show two hosts beside one, of two processes each, where a page only takes time."""
    with drawn_once() as file:

        def turn(hosts: Sequence[str]) -> float:
            return of_hosts(hosts, count, processes=2, paused=file)

        shown(
            f"two hosts, pages of {PAUSE_S} s, of one",
            rounds,
            [lambda: turn(HOSTS[:1]), lambda: turn(HOSTS)],
        )


def two_hosts(rounds: int, count: int) -> None:
    """Show two hosts beside one where each has half of this machine's cores for itself.

    Two processes of a machine may share a core's parts, which two hosts do not: what the local pool gains from twice the
    processes is the most that can be seen here, and is shown first.
    """
    processes = max(1, len(os.sched_getaffinity(0)) // 2)

    def pool(workers: int) -> float:
        with worker_pool(engines.weasyprint, workers) as here:
            pages_a_second(here, workers, 2 * workers)
            return pages_a_second(here, workers, count * workers // processes)

    def turn(hosts: Sequence[str]) -> float:
        return of_hosts(hosts, count, processes=processes)

    shown(
        f"the local pool, {2 * processes} processes, of {processes}",
        rounds,
        [lambda: pool(processes), lambda: pool(2 * processes)],
    )
    shown(
        f"two hosts of {processes}, real pages, of one",
        rounds,
        [lambda: turn(HOSTS[:1]), lambda: turn(HOSTS)],
    )


def of_hosts(
    hosts: Sequence[str], count: int, *, processes: int, paused: Path | None = None
) -> float:
    """Draw so many pages on each of these hosts; return how many came a second from all."""
    with cluster(hosts, paused, processes) as made, made.places() as pool:
        threads = processes * len(hosts) + 1
        pages_a_second(pool, threads, 2 * threads)
        return pages_a_second(pool, threads, count * len(hosts))


def shown(what: str, rounds: int, rivals: Sequence[Callable[[], float]]) -> None:
    ratios = []
    for _ in range(rounds):
        first, second = (rival() for rival in rivals)
        ratios.append(second / first)
        print(f"  {first:.2f} and {second:.2f} pages a second", flush=True)
    print(f"{what}: {statistics.median(ratios):.2f}, best {max(ratios):.2f}", flush=True)


@contextmanager
def drawn_once() -> Iterator[Path]:
    """Yield a file with the PDF of the page."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(engines.weasyprint(bench_reports.page()))
        file.flush()
        yield Path(file.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--only", choices=["engine", "pool", "paused", "real"])
    args = parser.parse_args()
    log.start(pipeline_name="bench", run_id="bench", aside=True)

    parts = {
        "engine": lambda: engine_alone(args.pages),
        "pool": lambda: against_the_pool(args.rounds, args.pages),
        "paused": lambda: two_paused_hosts(args.rounds, args.pages),
        "real": lambda: two_hosts(args.rounds, args.pages),
    }
    for name, part in parts.items():
        if args.only in {None, name}:
            part()


if __name__ == "__main__":
    sys.exit(main())
