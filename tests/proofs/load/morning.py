"""One daily run of a whole chain, watched from outside: `make test-load`, or python -m tests.proofs.load.morning [options]."""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from demo.portal.world import World
from demo.postgres import throwaway_postgres
from lib.db import migrations
from lib.db.engine import connect
from tests.proofs.bench import processes
from tests.proofs.load.measurement import Watch, left_behind, sessions_left
from tests.proofs.load.stage import ROOT, Stage, files_in, size_mib, staged

TABLES = (
    *(
        "missed_leads",
        "undelivered_orders",
        "repeat_customers",
        "nonpackage_orders",
        "store_dashboard_summary",
        "ingest_counts",
    ),
    *("ingest_rejects", "documents", "notification_messages"),
)


@dataclass(frozen=True)
class Morning:
    """What one run took and what it left."""

    code: int
    took_s: float
    cpu_s: float
    """Processor time of the job and of all that it started."""
    portal_cpu_s: float
    """That of the simulator: it uses the same cores, and is none of the job's cost."""
    watch: Watch
    rows: dict[str, int]
    reports: int
    mails: int
    log_lines: int
    log_mib: float
    longest_line_kib: float
    left: list[str]
    """Files of the run's own that nobody will ever look for, processes and sessions; none is right."""


def live_through(stage: Stage, run_id: str) -> Morning:
    """Run the daily job for the chain and look at it until it ends."""
    log = stage.directory / "stdout"
    ended_before_s, portal_before_s = processes.children_s(), processes.used_s(stage.portal.pid)
    started = time.monotonic()
    with log.open("wb") as out:
        job = subprocess.Popen(
            [sys.executable, "-m", "jobs.daily", "--run-id", run_id],
            cwd=ROOT,
            env=stage.environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        with Watch(job.pid, stage.engine) as watch:
            code = job.wait()
    took_s = time.monotonic() - started
    lines = [len(line) for line in log.read_bytes().splitlines()]
    return Morning(
        code=code,
        took_s=took_s,
        cpu_s=processes.children_s() - ended_before_s,
        portal_cpu_s=processes.used_s(stage.portal.pid) - portal_before_s,
        watch=watch,
        rows=_rows(stage),
        reports=len(list(stage.reports.rglob("*.pdf"))),
        mails=len(list(stage.mails.glob("*.eml"))),
        log_lines=len(lines),
        log_mib=sum(lines) / 2**20,
        longest_line_kib=max(lines) / 2**10,
        left=_left(stage),
    )


def _rows(stage: Stage) -> dict[str, int]:
    with stage.engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in TABLES
        }


def _left(stage: Stage) -> list[str]:
    files = [*files_in(stage.temporary), *files_in(stage.directory / "data")]
    unfinished = [name for name in files_in(stage.directory) if ".part" in name]
    processes = [f"process {pid}" for pid in left_behind(stage.temporary)]
    return [*files, *unfinished, *processes, *["session"] * sessions_left(stage.engine)]


def main() -> None:
    """Print what a chain of each size takes."""
    options = _options()
    for stores in options.stores:
        reports = min(stores, options.reports or stores)
        with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
            engine = connect(url, application_name="load")
            migrations.upgrade(engine)
            engine.dispose()
            with staged(
                Path(directory), url, World(stores, scale=options.scale), report_stores=reports
            ) as stage:
                stage.portal.control.set_real_latencies(options.time_scale)
                _tell(stores, reports, live_through(stage, "load"), stage)


def _tell(stores: int, reports: int, morning: Morning, stage: Stage) -> None:
    watch = morning.watch
    print(
        f"{stores:,} stores, {reports:,} with a report: exit {morning.code} after {morning.took_s:,.0f} s"
    )
    print(
        f"  processor time {morning.cpu_s:,.0f} s in the job and all it started, beside that"
        f" {morning.portal_cpu_s:,.0f} s in the simulator; load {os.getloadavg()[1]:.1f}"
    )
    print(
        f"  memory at most {watch.root_mib:,.0f} MiB in the job, {watch.tree_mib:,.0f} MiB with all it started"
    )
    print(
        f"  processes at most {watch.processes}, sessions at the database at most {watch.sessions}"
    )
    print(f"  rows {', '.join(f'{table} {count:,}' for table, count in morning.rows.items())}")
    print(
        f"  {morning.reports:,} reports in {size_mib(stage.reports):,.1f} MiB, {morning.mails:,} mails"
    )
    print(
        f"  log {morning.log_lines:,} lines, {morning.log_mib:,.1f} MiB, longest {morning.longest_line_kib:,.1f} KiB"
    )
    print(f"  left behind: {', '.join(morning.left) or 'nothing'}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.load.morning", description=__doc__
    )
    parser.add_argument(
        "--stores",
        type=int,
        nargs="+",
        default=[200, 2000],
        help="sizes of the chain, one after another",
    )
    parser.add_argument(
        "--reports", type=int, help="so many stores get reports at most; default: all"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiplies the number of rows of each store"
    )
    parser.add_argument(
        "--time-scale",
        type=float,
        default=0.0,
        help="answers take as long as the real portal's, times this; default: no wait",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
