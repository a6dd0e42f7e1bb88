"""One fault at each external operation of a job, one after the other; after re-runs nothing may tell.

python -m tests.faults.sweep                                            everything
python -m tests.faults.sweep --job daily --fault sigkill --at 137       one point again, with what the run said
python -m tests.faults.sweep --sample 20 --seed 7                       some points of each job and fault
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo.postgres import throwaway_postgres
from tests.databases import Server
from tests.faults import state
from tests.faults.points import Arm, Door, Fault, Point, can_strike
from tests.faults.scene import CASES, Ending, Scene, scene
from tests.faults.state import State

OK, TEMPORARY, CONFIGURATION = 0, 75, 78
RETRIED = {1, TEMPORARY}
STARTS = 5
"""Of the job, the disturbed one included, before its people are alerted (deploy/host/attempts allows more)."""
NOT_BY_ITSELF = {(Fault.ERROR, Door.BROWSER): CONFIGURATION}
"""A browser that does not start is a setting to correct: a person starts the job again."""


@dataclass(frozen=True)
class Trial:
    """What one fault at one point led to."""

    arm: Arm
    codes: tuple[int, ...]
    """Of each start of the job."""
    sprung: bool
    problems: tuple[str, ...]
    uncertain: int
    first: Ending


@dataclass
class Tally:
    """How many points of one job and fault were tried."""

    job: str
    fault: Fault
    there: int
    tried: int = 0
    missed: int = 0
    """Points that the run did not come to this time."""
    uncertain: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    failed: list[tuple[int, Trial]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, number: int, trial: Trial) -> None:
        self.tried += 1
        self.missed += not trial.sprung
        self.uncertain += bool(trial.uncertain)
        self.codes[trial.codes[0]] += 1
        if trial.problems:
            self.failed.append((number, trial))

    def __str__(self) -> str:
        codes = ", ".join(f"{code}: {count}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.job:<7} {self.fault:<13} {self.tried:>4} of {self.there:>4} points, {len(self.failed)} broken promises,"
            f" {self.uncertain} uncertain, {self.missed} not met, first exit codes {{{codes}}}, {self.seconds:.0f} s"
        )


def expected(here: Scene) -> tuple[list[Point], State]:
    """Return the points of an undisturbed run and what it leaves, which must be in order by itself."""
    points = here.points()
    found = state.look(here)
    assert not (wrong := state.broken(here)), wrong
    return points, found


def attempt(here: Scene, arm: Arm, undisturbed: State) -> Trial:
    """Disturb one run, start the job again as the scheduler would, and look at what is left."""
    here.reset()
    endings = [first := here.start(arm)]
    while _is_started_again(endings[-1].code, arm) and len(endings) < STARTS:
        endings.append(here.start())
    codes = tuple(ending.code for ending in endings)
    problems = [*_wrong_endings(arm, endings), *state.broken(here), *undisturbed.differences(state.look(here))]
    return Trial(arm, codes, first.sprung, tuple(problems), state.uncertain(here), first)


def _is_started_again(code: int, arm: Arm) -> bool:
    return code in RETRIED or code < 0 or code == NOT_BY_ITSELF.get((arm.fault, arm.point.door))


def _wrong_endings(arm: Arm, endings: list[Ending]) -> Iterator[str]:
    allowed = {
        Fault.SIGKILL: {-9},
        Fault.SIGTERM: {OK, TEMPORARY},
        Fault.CLOCK_FORWARD: {OK},
        Fault.CLOCK_BACK: {OK},
    }.get(arm.fault, {OK, TEMPORARY, NOT_BY_ITSELF.get((arm.fault, arm.point.door))})
    first = endings[0]
    if first.sprung and first.code not in allowed:
        yield f"the disturbed run ended with {first.code}"
    if endings[-1].code != OK:
        yield f"the job ended with {[ending.code for ending in endings]}"
    for ending in endings:
        if ending.code > 0 and not any(event["level"] == "error" for event in ending.events):
            yield f"a run ended with {ending.code} without a word"
        if "Traceback" in ending.output:
            yield "a run left a traceback"


def chosen(points: list[Point], fault: Fault, sample: int | None, seed: int) -> list[tuple[int, Point]]:
    """Return the points that the fault is tried at, each with its number: all, or a sample of `sample`."""
    there = [(number, point) for number, point in enumerate(points, 1) if can_strike(fault, point)]
    if sample is None or sample >= len(there):
        return there
    return sorted(random.Random(f"{seed}|{fault}").sample(there, sample))


@contextmanager
def stage(server: Server | None = None) -> Iterator[tuple[Server, str]]:
    """Yield a server of our own, with the name of a migrated database in which few people get mails."""
    with throwaway_postgres() as url:
        own = Server(url, "a throw-away one of the sweep")
        with own.migrated() as migrated:
            yield own, migrated


def sweep(
    jobs: list[str], faults: list[Fault], *, sample: int | None, seed: int, server: Server, migrated: str, until_s: float
) -> Iterator[Tally]:
    """Try every chosen point of every job and fault until the time is up; yield each pair when it is done."""
    started = time.monotonic()
    for job in jobs:
        with tempfile.TemporaryDirectory() as directory, scene(job, server, migrated, Path(directory)) as here:
            points, undisturbed = expected(here)
            for fault in faults:
                there = chosen(points, fault, None, seed)
                tally = Tally(job, fault, len(there))
                begun = time.monotonic()
                for number, point in chosen(points, fault, sample, seed):
                    if time.monotonic() - started > until_s:
                        break
                    trial = attempt(here, Arm(fault, point), undisturbed)
                    tally.add(number, trial)
                    if trial.problems:
                        _tell(job, number, trial)
                tally.seconds = time.monotonic() - begun
                yield tally


def _tell(job: str, number: int, trial: Trial) -> None:
    print(f"BROKEN --job {job} --fault '{trial.arm.fault}' --at {number} ({trial.arm.point}), codes {trial.codes}")
    for problem in trial.problems:
        print(f"    {problem}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", action="append", choices=CASES)
    parser.add_argument("--fault", action="append", type=Fault, choices=list(Fault))
    parser.add_argument("--at", type=int, help="only this point")
    parser.add_argument("--sample", type=int, help="so many points of each job and fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    args = parser.parse_args()
    jobs, faults = args.job or list(CASES), args.fault or list(Fault)
    with stage() as (server, migrated):
        if args.at:
            return _again(jobs[0], faults[0], args.at, server, migrated)
        tallies = []
        for tally in sweep(jobs, faults, sample=args.sample, seed=args.seed, server=server, migrated=migrated, until_s=60 * args.minutes):
            print(tally, flush=True)
            tallies.append(tally)
    print(f"{sum(t.tried for t in tallies)} of {sum(t.there for t in tallies)} points tried, {sum(len(t.failed) for t in tallies)} broken promises")
    return 1 if any(tally.failed for tally in tallies) else 0


def _again(job: str, fault: Fault, number: int, server: Server, migrated: str) -> int:
    with tempfile.TemporaryDirectory() as directory, scene(job, server, migrated, Path(directory)) as here:
        points, undisturbed = expected(here)
        trial = attempt(here, Arm(fault, points[number - 1]), undisturbed)
    print(trial.first.output)
    print(f"{trial.arm.point}: exit codes {trial.codes}, sprung: {trial.sprung}, uncertain: {trial.uncertain}")
    for problem in trial.problems:
        print(f"    {problem}")
    return 1 if trial.problems else 0


if __name__ == "__main__":
    sys.exit(main())
