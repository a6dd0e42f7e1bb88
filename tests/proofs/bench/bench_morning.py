"""How long a morning takes beside its two limits, the portal and the drawing, and beside another build.

`python -m tests.proofs.bench.bench_morning [--stores N] [--time-scale F] [--date DAY] [--beside CHECKOUT] [--rounds N]`:
`jobs.daily` for N stores, all with a report, at a portal that answers as slowly as the real one, times F. With --date, both
live through that day: on a Monday a report lists more, and lists grow within a month. The limits: the portal's answers together, by the
requests that may be in flight; and all reports drawn again with nothing else to do. With --beside, the other checkout's job
takes turns with ours at the same portal. Processor time is told of the job, the simulator and the database apart: they
share the machine.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from demo.mailbox import run_mailbox
from demo.portal import latency
from demo.portal.faults import Endpoint
from demo.portal.remote import RemotePortal, spawn_portal
from demo.portal.world import World
from demo.postgres import throwaway_postgres
from lib import dates
from lib.model import Bucket
from tests.plugins.chain import environment_of
from tests.proofs.bench import processes

ROOT = Path(__file__).parents[3]
INDIA = ZoneInfo("Asia/Kolkata")
IN_FLIGHT = 4
"""PORTAL_CONCURRENCY unless it is set."""
SET_UP = """
import sys
from demo import recipients
from lib.db import migrations
from lib.db.engine import connect

engine = connect(sys.argv[1], application_name="bench")
migrations.upgrade(engine)
with engine.begin() as connection:
    recipients.add(connection, sys.argv[2:])
"""
"""In the checkout that is measured: each has its own revisions."""
RUN_AT = """
import runpy
import sys
from datetime import timedelta
from lib import dates

own_now, days = dates.now, timedelta(days=int(sys.argv.pop(1)))
dates.now = lambda: own_now() + days
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""A job whose clock is some days ahead."""


@dataclass(frozen=True)
class Morning:
    """Seconds of one run."""

    took_s: float
    drawing_s: float
    """Of all reports, with nothing else to do."""
    job_cpu_s: float
    portal_cpu_s: float
    server_cpu_s: float


def main() -> None:
    options = _options()
    processes.adopt_orphans()
    world = World(stores=options.stores)
    builds = {"this build": ROOT}
    if options.beside:
        builds["the other"] = options.beside.resolve()
    limit_s = _portal_limit_s(world.codes) * options.time_scale
    print(
        f"{options.stores} stores, real latencies x {options.time_scale:g}, {os.cpu_count()} processors;"
        f" the portal alone takes {limit_s:.0f} s"
    )
    print(
        f"{'':12}{'load':>6}{'wall s':>8}{'drawing s':>11}{'of the limit':>14}{'job CPU s':>11}"
        f"{'simulator':>11}{'database':>10}   goal 1.1 of the limit"
    )

    mornings: dict[str, list[Morning]] = {name: [] for name in builds}
    with spawn_portal(world, today=options.date, is_warm=True) as portal:
        portal.control.set_real_latencies(options.time_scale)
        for number in range(options.rounds):
            # in turn, and the other one first every other time
            for name in [*builds][:: 1 if number % 2 else -1]:
                morning = _live_through(builds[name], portal, options.date)
                mornings[name].append(morning)
                _tell(name, morning, limit_s)
    _compare(mornings)


def _compare(mornings: dict[str, list[Morning]]) -> None:
    """Print the ratios of two builds: of wall time in the middle, of the least processor time."""
    if len(mornings) == 2:
        pairs = zip(mornings["this build"], mornings["the other"], strict=True)
        ratios = [ours.took_s / theirs.took_s for ours, theirs in pairs]
        print(f"this build beside the other: {median(ratios):.2f} of its wall time   goal 0.8")

        least = [min(each.job_cpu_s for each in build) for build in mornings.values()]
        print(f"and of its processor time, the least of each: {least[0] / least[1]:.2f}   goal 0.5")


def _portal_limit_s(codes: Sequence[str]) -> float:
    """Return the seconds of all answers at the real portal, IN_FLIGHT of them at a time."""
    endpoints = [Endpoint.DASHBOARD, *(Endpoint(bucket) for bucket in Bucket)]
    answers = (latency.seconds(endpoint, code) for code in codes for endpoint in endpoints)
    return sum(answers) / IN_FLIGHT


def _live_through(
    build: Path,
    portal: RemotePortal,
    day: date | None,
) -> Morning:
    codes = portal.world.codes
    job = ["-c", RUN_AT, str(_days_ahead(day))]
    with (
        tempfile.TemporaryDirectory() as place,
        throwaway_postgres() as url,
        run_mailbox(Path(place) / "mails") as mailbox,
    ):
        directory = Path(place)
        environment = environment_of(portal.settings, mailbox, url, directory) | {
            "REPORT_STORES_LIST": ",".join(codes),
            "RUN_ENV": "local",
        }
        _python(build, environment, "-c", SET_UP, url, *codes)
        state = directory / "profiles" / "storage_state.json"
        state.parent.mkdir()
        state.touch(mode=0o600)
        state.write_text(json.dumps(portal.control.storage_state()))

        before, servers_before = processes.used_s(portal.pid), _servers_s()
        own_before, started_s = processes.children_s(), time.monotonic()
        _python(build, environment, *job, "jobs.daily")
        took_s = time.monotonic() - started_s
        spent = Morning(
            took_s=took_s,
            drawing_s=0.0,
            job_cpu_s=processes.children_s() - own_before,
            portal_cpu_s=processes.used_s(portal.pid) - before,
            server_cpu_s=_servers_s() - servers_before,
        )
        drawn = _python(build, environment, *job, "jobs.reports", "--no-notify")
    return Morning(**{**vars(spent), "drawing_s": _report_phase_s(drawn)})


def _days_ahead(day: date | None) -> int:
    """Return how far that day is from today in India, where the portal is; 0 for None."""
    return (day - dates.today(INDIA, dates.now())).days if day else 0


def _python(build: Path, environment: dict[str, str], *arguments: str) -> str:
    # A checkout has the libraries of its own lock.
    python = build / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, *arguments],
        cwd=build,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if '"level": "error"' in line]
        raise SystemExit("\n".join([f"{arguments[-2:]} ended with {done.returncode}", *errors[:5]]))
    return done.stdout


def _report_phase_s(output: str) -> float:
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    [end] = [event for event in events if event["message"].startswith("report ended")]
    return float(end["duration_ms"]) / 1000


def _servers_s() -> float:
    return sum(
        processes.used_s(pid)
        for pid in processes.descendants()
        if processes.name(pid).startswith("postgres")
    )


def _tell(name: str, morning: Morning, limit_s: float) -> None:
    share = morning.took_s / max(limit_s, morning.drawing_s)
    print(
        f"{name:12}{os.getloadavg()[1]:>6.1f}{morning.took_s:>8.1f}{morning.drawing_s:>11.1f}{share:>14.2f}"
        f"{morning.job_cpu_s:>11.1f}{morning.portal_cpu_s:>11.1f}{morning.server_cpu_s:>10.1f}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.bench.bench_morning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stores", type=int, default=200, help="stores of the chain (200)")
    parser.add_argument("--time-scale", type=float, default=0.4, help="of the real latencies (0.4)")
    parser.add_argument("--date", type=date.fromisoformat, help="the day of the run (today)")
    parser.add_argument("--beside", type=Path, help="another checkout, which takes turns with this")
    parser.add_argument("--rounds", type=int, default=1, help="mornings of each build (1)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
