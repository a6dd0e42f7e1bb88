"""What a daily report of 30 + 30 rows with charts and fields costs, beside its rivals, in one run on one machine.

`python -m tests.proofs.bench.bench_reports [REPORTS] [--rounds N] [--memory]`: the rivals take turns, REPORTS each turn; told is
the cheapest turn. CPU is that of the whole process tree, whoever died meanwhile included. With --memory, instead:
1,000 reports in a pool of 2, and what memory its larger worker holds after each hundred.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import chromium_engine, engines, worker_pool
from tests.factories.reports import RUN, facts
from tests.proofs.bench import processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAUNCHED, POOL_OF_1, POOL_OF_2 = "Chromium launched for each", "pool of 1", "pool of 2"
MEBI = 2**20

Make = Callable[[int], int]
"""Makes that many reports; the size of the last one in bytes."""
Rival = Callable[[], AbstractContextManager[Make]]
"""Starts what may be reused from report to report, which is not measured, and stops it."""


class Cost(NamedTuple):
    """What one report took; seconds and bytes. `held` is the most memory of the whole process tree."""

    cpu_s: float
    wall_s: float
    size: int
    held: int


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "reports", nargs="?", type=int, default=3, help="of each rival in a turn (3)"
    )
    options.add_argument("--rounds", type=int, default=3, help="turns of each rival (3)")
    options.add_argument("--memory", action="store_true", help="only: 1,000 reports in a pool of 2")
    args = options.parse_args()
    if args.memory:
        memory(page())
        return
    processes.adopt_orphans()
    with tempfile.TemporaryDirectory() as directory:
        everyone = rivals(page(), Path(directory) / "page.html")
        turns = [
            {name: turn(rival, args.reports) for name, rival in everyone.items()}
            for _ in range(args.rounds)
        ]
    show({name: cheapest([one[name] for one in turns]) for name in everyone})


def page() -> str:
    return daily_html(daily_context(facts(orders=30, leads=30), RUN, ZoneInfo("Asia/Kolkata")))


def rivals(html: str, file: Path) -> dict[str, Rival]:
    """Return who competes; a Chromium that this machine has not is left out."""
    file.write_text(chromium_engine._complete(html, None), encoding="utf-8")
    browsers = {
        "": shutil.which("chromium"),
        " (headless shell)": shutil.which("chromium-headless-shell"),
    }
    each = {suffix: path for suffix, path in browsers.items() if path}
    return {
        "compose the page (facts to HTML)": partial(ready, compose),
        **{
            LAUNCHED + suffix: partial(ready, partial(launched, file, path))
            for suffix, path in each.items()
        },
        **{
            "one warm Chromium" + suffix: partial(warm, file, path) for suffix, path in each.items()
        },
        "WeasyPrint, nothing reused": partial(ready, partial(nothing_reused, html)),
        "WeasyPrint, sheets and fonts reused": partial(ready, partial(reused, html)),
        POOL_OF_1: partial(pooled, html, 1),
        POOL_OF_2: partial(pooled, html, 2),
    }


@contextmanager
def ready(make: Make) -> Iterator[Make]:
    yield make


def compose(count: int) -> int:
    return [len(page()) for _ in range(count)][-1]


def launched(file: Path, executable: str, count: int) -> int:
    """Do what the predecessor does: Playwright's driver, a browser, a page and a print for each report."""
    sizes = []
    for _ in range(count):
        with driven(executable) as browser:
            sizes.append(printed(browser, file))
    return sizes[-1]


@contextmanager
def warm(file: Path, executable: str) -> Iterator[Make]:
    with driven(executable) as browser:
        yield lambda count: [printed(browser, file) for _ in range(count)][-1]


@contextmanager
def driven(executable: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def printed(browser: Browser, file: Path) -> int:
    tab = browser.new_page()
    tab.goto(file.as_uri(), wait_until="load")
    content = tab.pdf(format="A4", print_background=True, prefer_css_page_size=True, tagged=True)
    tab.close()
    return len(content)


def nothing_reused(html: str, count: int) -> int:
    from lib.reports.render import weasyprint_engine

    sizes = []
    for _ in range(count):
        weasyprint_engine._shared.cache_clear()
        sizes.append(len(engines.weasyprint(html)))
    return sizes[-1]


def reused(html: str, count: int) -> int:
    return [len(engines.weasyprint(html)) for _ in range(count)][-1]


@contextmanager
def pooled(html: str, size: int) -> Iterator[Make]:
    """The first page of each process warms it up: that is paid once a run, not for each report."""
    with worker_pool.crew(engines.weasyprint, size) as crew, ThreadPoolExecutor(size) as threads:
        list(threads.map(crew.draw, [html] * size))
        yield lambda count: [len(content) for content in threads.map(crew.draw, [html] * count)][-1]


def turn(rival: Rival, count: int) -> Cost:
    with rival() as make:
        make(1)
        before, started = processes.cpu_s(), time.monotonic()
        size = make(count)
        wall_s = (time.monotonic() - started) / count
        processes.reap_orphans()
        cpu_s = (processes.cpu_s() - before) / count
        with processes.most_held() as held:
            make(1)
    processes.reap_orphans()
    return Cost(cpu_s, wall_s, size, held())


def cheapest(turns: list[Cost]) -> Cost:
    each = [min(values) for values in list(zip(*turns, strict=True))[:3]]
    return Cost(each[0], each[1], int(each[2]), max(one.held for one in turns))


def show(costs: Mapping[str, Cost]) -> None:
    print(f"{'':44}{'CPU s':>8}{'wall s':>8}{'size kB':>9}{'MiB':>6}{'CPU less':>10}")
    for name, cost in costs.items():
        less = f"{costs[LAUNCHED].cpu_s / cost.cpu_s:9.1f}x" if LAUNCHED in costs else ""
        print(
            f"{name:44}{cost.cpu_s:8.2f}{cost.wall_s:8.2f}{cost.size / 1000:9.0f}{cost.held / MEBI:6.0f}{less}"
        )
    print(
        f"pool of 2 against 1: {costs[POOL_OF_1].wall_s / costs[POOL_OF_2].wall_s:.2f}x in wall time"
    )


def memory(html: str, count: int = 1000, step: int = 100) -> None:
    """Print what the larger worker holds after each `step` reports, at most."""
    most = 0
    with worker_pool.crew(engines.weasyprint, 2) as crew, ThreadPoolExecutor(2) as threads:
        for number, _ in enumerate(threads.map(crew.draw, [html] * count), 1):
            most = max([most, *map(processes.resident, processes.descendants())])
            if number % step == 0:
                print(f"{number:5} reports: {most / MEBI:.0f} MiB", flush=True)
                most = 0


if __name__ == "__main__":
    main()
