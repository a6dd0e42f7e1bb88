"""One fault at each external operation of a job, one after the other.

After re-runs nothing may tell (SQLite's way).
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from demo.postgres import throwaway_postgres
from tests.databases import Server, memory
from tests.proofs.faults import state
from tests.proofs.faults.points import OF_DEADLINE, Arm, Door, Fault, Point, can_strike
from tests.proofs.faults.scenario import Ending, Scene
from tests.proofs.faults.state import State
from tests.proofs.privacy.canaries import Canaries
from tests.proofs.privacy.outputs import leaks

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
    """How the points of one job and fault went."""

    job: str
    fault: Fault
    there: int
    """Points at which the fault means something."""
    tried: int = 0
    left_out: int = 0
    """Points that the run did not come to this time."""
    uncertain: int = 0
    """Points after which a mail was shown as uncertain, as it must be."""
    codes: Counter[int] = field(default_factory=Counter)
    """Of the disturbed starts."""
    broken: dict[int, Trial] = field(default_factory=dict)
    took_s: float = 0.0

    def add(self, number: int, trial: Trial) -> None:
        self.tried += 1
        self.left_out += not trial.sprung
        self.uncertain += bool(trial.uncertain)
        self.codes[trial.codes[0]] += 1
        if trial.problems:
            self.broken[number] = trial

    def __str__(self) -> str:
        codes = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.job:<14} {self.fault:<13} {self.tried:>4} of {self.there:>3} points: {len(self.broken)} broken,"
            f" {self.uncertain} uncertain, {self.left_out} not met; first exit codes {codes or 'none'}; {self.took_s:.0f} s"
        )


def expected(here: Scene) -> tuple[list[Point], State]:
    """Return the points of an undisturbed run and what it leaves, which must be in order by itself."""
    points = here.points()
    found = state.inspect_state(here)
    assert not (wrong := state.broken(here)), wrong
    assert len(state.deadline_alerts(here)) == (here.case.of == OF_DEADLINE)
    return points, found


def attempt(here: Scene, arm: Arm, undisturbed: State) -> Trial:
    """Disturb one run, start the job again as the scheduler would, and look at what is left."""
    here.reset()
    endings = [first := here.start(arm)]
    while _is_started_again(endings[-1].code, arm) and len(endings) < STARTS:
        endings.append(here.start())
    codes = tuple(ending.code for ending in endings)
    later = here.go_on()
    problems = [
        *_wrong_endings(arm, endings),
        *(f"what follows ended with {ending.code}" for ending in later if ending.code != OK),
        *_repeated_alerts(here, endings),
        *state.broken(here),
        *undisturbed.differences(state.inspect_state(here)),
    ]
    output = "".join(ending.output for ending in (*endings, *later))
    problems += leaks(here, output, Canaries.of(here.portal))
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


def _repeated_alerts(here: Scene, endings: list[Ending]) -> Iterator[str]:
    """Yield what is wrong if a deadline was warned of more than once.

    A start that could not write its warning down warns all the same, and the next one may, too.
    """
    unwritten = sum("the alert does without the database" in ending.output for ending in endings)
    if (count := len(state.deadline_alerts(here))) > 1 + unwritten:
        yield f"{count} alerts about one deadline, {unwritten} of them unwritten"


def struck(here: Scene, points: list[Point], fault: Fault) -> list[int]:
    """Return the numbers of all points at which the fault means something and the case is not like another one."""
    own = here.case.doors
    return [
        number
        for number, point in enumerate(points, 1)
        if can_strike(fault, point) and point.door in own and point.label.startswith(here.case.of)
    ]


def sampled(numbers: list[int], fault: Fault, count: int | None, seed: int) -> list[int]:
    """Return `count` of the numbers, always the same ones for a seed; None: all."""
    few = count is not None and count < len(numbers)
    return sorted(random.Random(f"{seed}|{fault}").sample(numbers, count)) if few else numbers


@contextmanager
def stage() -> Iterator[tuple[Server, str]]:
    """Yield a server of our own, which may be crashed, and the name of a migrated database on it."""
    with (
        throwaway_postgres(place=memory()) as url,
        closing(Server(url, "a throw-away one of the sweep")) as own,
        own.migrated() as migrated,
    ):
        yield own, migrated


def sweep(
    here: Scene,
    points: list[Point],
    undisturbed: State,
    fault: Fault,
    *,
    count: int | None,
    seed: int,
) -> Tally:
    """Try the fault at all points at which it means something, or at `count` of them."""
    there, started_s = struck(here, points, fault), time.monotonic()
    tally = Tally(here.name, fault, len(there))
    for number in sampled(there, fault, count, seed):
        tally.add(number, attempt(here, Arm(fault, points[number - 1]), undisturbed))
    tally.took_s = time.monotonic() - started_s
    return tally


def command(job: str, fault: Fault, number: int) -> str:
    """Return what tries one point again and shows what the run said."""
    return f"python -m tests.proofs.faults --job {job} --fault '{fault}' --at {number}"
