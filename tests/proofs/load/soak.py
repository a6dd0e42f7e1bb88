"""The same small day made again and again in one process: what grows, leaks. `make test-soak`, or python -m tests.proofs.load.soak.

Every run is forced, so that each logs in, downloads, loads, draws and mails as if it were the first. One process for
all of them shows what a process for each run would hide: open files, threads, connections, memory.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from demo.portal.world import World
from demo.postgres import throwaway_postgres
from lib.db import migrations
from lib.db.engine import connect
from tests.proofs.load.measurement import Watch, left_behind, sessions_left
from tests.proofs.load.stage import ROOT, Stage, files_in, size_mib, staged

WORLD = World(stores=2, scale=0.1)
VOLUMES = ("data", "reports", "profiles", "logs")


@dataclass(frozen=True)
class Held:
    """What there is after a run."""

    run: int
    code: int
    files: int
    """Open in the process, sockets and pipes included."""
    threads: int
    processes: int
    """The process and its descendants."""
    temporary: int
    """Files in its TMPDIR."""
    memory_mib: float
    sessions: int
    """At the database."""
    sessions_at_once: int
    """The most so far, while runs were made."""
    kept: int
    """Files in the volumes."""
    volumes_mib: float
    database_mib: float

    @property
    def countable(self) -> tuple[int, ...]:
        """What must be the same after every run."""
        return (self.files, self.threads, self.processes, self.temporary, self.sessions, self.kept)


def soak(stage: Stage, runs: int, draw_every: int = 1) -> Iterator[Held]:
    """Make so many runs, with a report in the first and every `draw_every`th.

    Yield after each what is held.
    """
    first, *others = stage.portal.world.codes
    command = [sys.executable, "-m", "tests.proofs.load.runs"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        (stage.directory / "stderr").open("wb") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=stage.environment, stderr=errors, text=True, **pipes
        ) as process,
        Watch(process.pid, stage.engine) as watch,
    ):
        for number in range(runs):
            codes = others if number % draw_every else [first, *others]
            print(*codes, file=process.stdin, flush=True)
            yield _held(stage, json.loads(process.stdout.readline()), watch)
        process.stdin.close()
        process.wait()


def complaints(stage: Stage) -> list[str]:
    """Return what the runs so far logged as errors.

    A run that says nothing of the kind ends with 0.
    """
    lines = (stage.directory / "stderr").read_text(encoding="utf-8").splitlines()
    events = [
        json.loads(line) if line.startswith("{") else {"level": "error", "message": line}
        for line in lines
    ]
    return [
        f"{event['message']} {event.get('error', '')}"
        for event in events
        if event["level"] == "error"
    ]


def _held(stage: Stage, said: dict, watch: Watch) -> Held:
    volumes = [stage.directory / name for name in VOLUMES if (stage.directory / name).exists()]
    with stage.engine.connect() as connection:
        size = connection.execute(
            text("SELECT pg_database_size(current_database()) / 1048576.0")
        ).scalar_one()
    return Held(
        **said,
        sessions=sessions_left(stage.engine),
        sessions_at_once=watch.sessions,
        kept=sum(len(files_in(volume)) for volume in volumes),
        volumes_mib=sum(map(size_mib, volumes)),
        database_mib=float(size),
    )


def main() -> None:
    """Print what is held after the first runs, some on the way and the last.

    Exit 1 where something grew.
    """
    options = _options()
    with throwaway_postgres() as url, tempfile.TemporaryDirectory() as directory:
        engine = connect(url, application_name="soak")
        migrations.upgrade(engine)
        engine.dispose()
        with staged(Path(directory), url, WORLD, report_stores=1) as stage:
            stage.log_in_beforehand()
            history = list(_said(soak(stage, options.runs, options.draw_every), options.runs))
            said = complaints(stage)
            left = [*files_in(stage.temporary), *map(str, left_behind(stage.temporary))]
    grew = {each.countable for each in history[1:]}
    codes = {each.code for each in history}
    at_once = max(each.sessions_at_once for each in history)
    print(
        f"exit codes {codes}; sessions at once {at_once}; left behind at the end: {', '.join(left) or 'nothing'}"
    )
    print(*said[:20], sep="\n")
    print(
        "the counts of every run but the first are the same"
        if len(grew) == 1
        else f"the counts differ: {grew}"
    )
    raise SystemExit(0 if codes == {0} and not left and len(grew) == 1 and at_once <= 4 else 1)


def _said(history: Iterator[Held], runs: int) -> Iterator[Held]:
    names = Held.__dataclass_fields__
    print("".join(f"{name:>17}" for name in names))
    for held in history:
        if held.run in (1, 2, 10) or held.run == runs or held.run % 100 == 0:
            print("".join(f"{getattr(held, name):>17.5g}" for name in names), flush=True)
        yield held


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.load.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument(
        "--draw-every",
        type=int,
        default=1,
        help="so many runs to a report, the dearest part; default: 1",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
