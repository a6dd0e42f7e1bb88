"""What a daily report of 30 + 30 rows with charts and fields costs, beside its rivals, in one run on one machine.

`python -m tests.proofs.bench.bench_reports [REPORTS] [--rounds N] [--memory] [--chain]`: the rivals take turns, REPORTS each turn; told is
the cheapest turn. CPU is that of the whole process tree, whoever died meanwhile included. With --memory, instead:
1,000 reports in a pool of 2, and what memory its larger process holds after each hundred. With --chain, instead: the
whole way of the reports of 16 stores, from a real database to file and row, check included.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from lib.reports.build import daily
from lib.reports.build.html import daily_html
from lib.reports.daily.context import DailyContext, daily_context
from lib.reports.render import chromium_engine, engines, worker_pool
from lib.reports.render.pdf_check import Expected
from lib.reports.render.worker_pool import WorkerPool
from tests.factories.reports import RUN, facts, history, settings_for
from tests.factories.runs import add_run
from tests.factories.tables import add_day, add_lead, add_order, add_store
from tests.proofs.bench import processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from sqlalchemy import Engine

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
    options.add_argument(
        "--chain", action="store_true", help="only: 16 stores, from the database to file and row"
    )
    args = options.parse_args()
    if args.memory:
        memory(page())
        return
    if args.chain:
        processes.adopt_orphans()
        chain(args.rounds)
        return
    processes.adopt_orphans()
    with tempfile.TemporaryDirectory() as directory:
        everyone = rivals(page(), Path(directory) / "page.html")
        turns = [
            {name: turn(rival, args.reports) for name, rival in everyone.items()}
            for _ in range(args.rounds)
        ]
    show({name: cheapest([one[name] for one in turns]) for name in everyone})


def context() -> DailyContext:
    return daily_context(facts(orders=30, leads=30), RUN, ZoneInfo("Asia/Kolkata"))


def page() -> str:
    return daily_html(context())


def expected() -> Expected:
    """Return what the page's PDF must say about itself."""
    return daily._expected(context())


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
        **{
            "PDF_RENDER_BACKEND=chromium, fields" + suffix: partial(own_chromium, html, path)
            for suffix, path in each.items()
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
def own_chromium(html: str, executable: str) -> Iterator[Make]:
    render = partial(chromium_engine.render, html, Path(executable))
    yield lambda count: [len(render()) for _ in range(count)][-1]
    chromium_engine.stop()


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
    with (
        worker_pool.worker_pool(engines.weasyprint, size) as pool,
        ThreadPoolExecutor(size) as threads,
    ):
        draw = partial(drawn_and_checked, pool)
        list(threads.map(draw, [html] * size))
        yield lambda count: [len(content) for content in threads.map(draw, [html] * count)][-1]


def drawn_and_checked(pool: WorkerPool, html: str) -> bytes:
    return pool.draw(html, expected()).content


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
    print(f"{'':54}{'CPU s':>8}{'wall s':>8}{'size kB':>9}{'MiB':>6}{'CPU less':>10}")
    for name, cost in costs.items():
        less = f"{costs[LAUNCHED].cpu_s / cost.cpu_s:9.1f}x" if LAUNCHED in costs else ""
        print(
            f"{name:54}{cost.cpu_s:8.2f}{cost.wall_s:8.2f}{cost.size / 1000:9.0f}{cost.held / MEBI:6.0f}{less}"
        )
    print(
        f"pool of 2 against 1: {costs[POOL_OF_1].wall_s / costs[POOL_OF_2].wall_s:.2f}x in wall time"
    )


def memory(html: str, count: int = 1000, step: int = 100) -> None:
    """Print what the larger process holds after each `step` reports, at most."""
    most = 0
    with (
        worker_pool.worker_pool(engines.weasyprint, 2) as pool,
        ThreadPoolExecutor(2) as threads,
    ):
        draw = partial(drawn_and_checked, pool)
        for number, _ in enumerate(threads.map(draw, [html] * count), 1):
            most = max([most, *map(processes.resident, processes.descendants())])
            if number % step == 0:
                print(f"{number:5} reports: {most / MEBI:.0f} MiB", flush=True)
                most = 0


def chain(rounds: int, stores: int = 16) -> None:
    """Print what a report costs on its whole way, in the main process and in all: the cheapest round."""
    from demo.postgres import throwaway_postgres
    from lib.reports.build.daily import build_daily

    codes = [f"B{number:03}" for number in range(stores)]
    with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
        settings, engine = settings_for(Path(directory), url), chain_of(url, codes)
        costs = []
        for _ in range(rounds):
            started, own, tree = time.monotonic(), time.process_time(), processes.cpu_s()
            outcomes = list(build_daily(engine, RUN, codes, settings))
            processes.reap_orphans()
            spent = time.process_time() - own, processes.cpu_s() - tree, time.monotonic() - started
            costs.append([each / stores for each in spent])
            if any(outcome.path is None for outcome in outcomes):
                raise SystemExit(f"no report: {outcomes}")
        engine.dispose()
    main_s, all_s, wall_s = (min(each) for each in zip(*costs, strict=True))
    print(f"a report of {stores}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}:")
    print(
        f"main process {1000 * main_s:.0f} ms, all processes {all_s:.2f} s of CPU, {wall_s:.2f} s"
    )


def chain_of(url: str, codes: Sequence[str]) -> Engine:
    """Return a database with a month of each store, 30 open orders and 30 open leads."""
    from lib.db import migrations
    from lib.db.engine import connect

    engine = connect(url, application_name="bench")
    migrations.upgrade(engine)
    add_run(engine, RUN)
    for number, code in enumerate(codes):
        add_store(engine, code, f"STORE {number}")
        for day in history(28):
            add_day(engine, day.on, code, **day.metrics)
        for n in range(30):
            add_order(engine, f"T{n}", store_code=code)
            add_lead(engine, f"90000{number:02}{n:03}", store_code=code)
    return engine


if __name__ == "__main__":
    main()
