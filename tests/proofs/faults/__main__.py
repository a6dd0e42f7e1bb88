"""The fault sweep by hand.

python -m tests.proofs.faults                                            all points of all jobs and faults: hours
python -m tests.proofs.faults --job daily --fault sigkill --at 137       one point again, with what the run said
python -m tests.proofs.faults --sample 20 --seed 7                       some points of each job and fault
python -m tests.proofs.faults --count                                    how many points there are: minutes
"""
# ruff: noqa: T201 - a table for people

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.proofs.faults import sweep
from tests.proofs.faults.counts import counts
from tests.proofs.faults.points import Arm, Fault
from tests.proofs.faults.scenario import CASES, is_possible, scene
from tests.proofs.faults.sweep import Tally


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--job", action="append", choices=CASES)
    parser.add_argument("--fault", action="append", type=Fault, choices=list(Fault))
    parser.add_argument("--at", type=int, help="only the point with this number")
    parser.add_argument("--sample", type=int, help="so many points of each job and fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--count",
        action="store_true",
        help="try none; print the rows of docs/explanation/faults.md",
    )
    args = parser.parse_args()
    if args.count:
        return _count(args.job or list(CASES))
    if args.at:
        return _again(args.job[0], args.fault[0], args.at)
    tallies = []
    for tally in _swept(args.job or list(CASES), args.fault or list(Fault), args.sample, args.seed):
        _show(tally)
        tallies.append(tally)
    broken = sum(len(tally.broken) for tally in tallies)
    print(
        f"{sum(t.tried for t in tallies)} of {sum(t.there for t in tallies)} points tried, {broken} broken"
    )
    return 1 if broken else 0


def _swept(jobs: list[str], faults: list[Fault], sample: int | None, seed: int) -> Iterator[Tally]:
    for job in jobs:
        if not is_possible(job):
            print(f"{job} is left out: dovecot is not installed here")
            continue
        with (
            sweep.stage() as own,
            tempfile.TemporaryDirectory() as directory,
            scene(job, *own, Path(directory)) as here,
        ):
            points, undisturbed = sweep.expected(here)
            for fault in faults:
                yield sweep.sweep(here, points, undisturbed, fault, count=sample, seed=seed)


def _show(tally: Tally) -> None:
    print(tally, flush=True)
    for number, trial in tally.broken.items():
        print(
            f"  BROKEN {sweep.command(tally.job, tally.fault, number)}: {trial.arm.point}, exit codes {trial.codes}"
        )
        for problem in trial.problems:
            print(f"    {problem}", flush=True)


def _count(jobs: list[str]) -> int:
    for job in filter(is_possible, jobs):
        with (
            sweep.stage() as own,
            tempfile.TemporaryDirectory() as directory,
            scene(job, *own, Path(directory)) as here,
        ):
            print(counts(here, here.points()), flush=True)
    return 0


def _again(job: str, fault: Fault, number: int) -> int:
    with (
        sweep.stage() as own,
        tempfile.TemporaryDirectory() as directory,
        scene(job, *own, Path(directory)) as here,
    ):
        points, undisturbed = sweep.expected(here)
        trial = sweep.attempt(here, Arm(fault, points[number - 1]), undisturbed)
    print(trial.first.output)
    print(
        f"{trial.arm.point}: exit codes {trial.codes}, met: {trial.sprung}, uncertain mails: {trial.uncertain}"
    )
    for problem in trial.problems:
        print(f"  {problem}")
    return 1 if trial.problems else 0


if __name__ == "__main__":
    sys.exit(main())
