"""What a daily report of 30 + 30 rows with charts and fields costs, beside its rivals, in one run on one machine.

`python -m tests.bench.bench_reports [REPORTS] [--memory]`: CPU seconds a report (children included), wall time, size;
with --memory also the memory of the workers over 1,000 reports.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lib.reports import backends, chromium, workers
from lib.reports.context import daily_context
from lib.reports.page import daily_html
from tests.factories.reports import RUN, facts

LAUNCHED, POOL_OF_1, POOL_OF_2 = "Chromium launched for each", "pool of 1", "pool of 2"
PR_SET_CHILD_SUBREAPER = 36
MIB = 1024
"""KiB in a MiB: /proc and getrusage count KiB."""


class Cost(NamedTuple):
    """What one report took; seconds and bytes."""

    cpu_s: float
    wall_s: float
    size: int


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("reports", nargs="?", type=int, default=10, help="for each rival")
    options.add_argument("--memory", action="store_true", help="also 1,000 reports in a pool of 2")
    args = options.parse_args()
    html = daily_html(daily_context(facts(orders=30, leads=30), RUN, ZoneInfo("Asia/Kolkata")))
    adopt_orphans()
    show(
        {
            "compose the page (facts to HTML)": measured(compose, args.reports),
            LAUNCHED: measured(partial(launched, html), args.reports),
            "WeasyPrint, nothing reused": measured(partial(nothing_reused, html), args.reports),
            "WeasyPrint, sheets and fonts reused": measured(partial(reused, html), args.reports),
            POOL_OF_1: pooled(html, 1, args.reports),
            POOL_OF_2: pooled(html, 2, 2 * args.reports),
        }
    )
    if args.memory:
        memory(html)


def compose(count: int) -> int:
    for _ in range(count):
        daily_html(daily_context(facts(orders=30, leads=30), RUN, ZoneInfo("Asia/Kolkata")))
    return 0


def launched(html: str, count: int) -> int:
    executable = chromium.find(None)
    return [len(chromium.render(html, executable)) for _ in range(count)][-1]


def nothing_reused(html: str, count: int) -> int:
    from lib.reports import pdf

    sizes = []
    for _ in range(count):
        pdf._shared.cache_clear()
        sizes.append(len(backends.weasyprint(html)))
    return sizes[-1]


def reused(html: str, count: int) -> int:
    return [len(backends.weasyprint(html)) for _ in range(count)][-1]


def pooled(html: str, size: int, count: int) -> Cost:
    """The start of the processes is paid once a run, not for each report: it is left out."""
    with workers.crew(backends.weasyprint, size) as crew, ThreadPoolExecutor(size) as threads:
        list(threads.map(crew.draw, [html] * size))
        before, started = sum(map(used_s, children())), time.monotonic()
        made = [len(content) for content in threads.map(crew.draw, [html] * count)][-1]
        return Cost((sum(map(used_s, children())) - before) / count, (time.monotonic() - started) / count, made)


def measured(make: Callable[[int], int], count: int) -> Cost:
    before, started = cpu_s(), time.monotonic()
    size = make(count)
    wall_s = (time.monotonic() - started) / count
    reap()
    return Cost((cpu_s() - before) / count, wall_s, size)


def cpu_s() -> float:
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in each)


def adopt_orphans() -> None:
    """Let what a dead Chromium leaves behind become our children, so that its time is counted with theirs."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    deadline = time.monotonic() + 5
    while children() and time.monotonic() < deadline:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


def show(costs: Mapping[str, Cost]) -> None:
    print(f"{'':38}{'CPU s':>8}{'wall s':>8}{'size kB':>9}{'CPU less':>10}")
    for name, cost in costs.items():
        less = costs[LAUNCHED].cpu_s / cost.cpu_s
        print(f"{name:38}{cost.cpu_s:8.2f}{cost.wall_s:8.2f}{cost.size / 1000:9.0f}{less:9.1f}x")
    print(f"pool of 2 against 1: {costs[POOL_OF_1].wall_s / costs[POOL_OF_2].wall_s:.2f}x in wall time")


def memory(html: str, count: int = 1000) -> None:
    """Print the largest resident memory of the workers in each tenth of the run."""
    seen: list[float] = []
    with workers.crew(backends.weasyprint, 2) as crew, ThreadPoolExecutor(2) as threads:
        for number, _ in enumerate(threads.map(crew.draw, [html] * count), 1):
            if number % (count // 50) == 0:
                seen.append(max(map(resident_mib, children()), default=0.0))
    tenths = [max(seen[start : start + 5]) for start in range(0, len(seen), 5)]
    print("MiB of the largest worker by tenth:", " ".join(f"{mib:.0f}" for mib in tenths))
    print(f"median {statistics.median(tenths):.0f}, last against first {tenths[-1] / tenths[0]:.2f}x")


def children() -> list[int]:
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(pid) for file in listed for pid in file.read_text().split()]


def used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / MIB for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


if __name__ == "__main__":
    main()
