"""Which fault strikes when: by chance, and the same for the same seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence

from lib.drill.model import Fault, Plan
from lib.model import Phase

#: Seeds that are made up are this large at most: short enough to be typed again.
MOST_SEED = 999_999

#: Behind whose first log line a fault may strike. What writes to the disk comes after that line.
_PHASES = {
    Fault.KILL: (
        Phase.DB,
        Phase.LOGIN,
        Phase.SCRAPE,
        Phase.DOWNLOAD,
        Phase.MERGE,
        Phase.INGEST,
        Phase.AUDIT,
        Phase.CLEANUP,
        Phase.REPORT,
        Phase.RUN_SUMMARY,
        Phase.NOTIFY,
    ),
    Fault.DATABASE: (
        Phase.DB,
        Phase.LOGIN,
        Phase.SCRAPE,
        Phase.DOWNLOAD,
        Phase.INGEST,
        Phase.REPORT,
        Phase.NOTIFY,
    ),
    Fault.DISK: (Phase.DB, Phase.LOGIN, Phase.SCRAPE, Phase.DOWNLOAD, Phase.REPORT),
}

#: The least that a run has of them: a dashboard and four exports of one store; the mail about the
#: run and the one about its report.
_COUNTS = {Fault.PORTAL: 5, Fault.MAIL: 2}


def new_seed() -> int:
    """Return a seed by chance."""
    return random.SystemRandom().randint(1, MOST_SEED)


def plan(seed: int, possible: Sequence[Fault], fault: Fault | None = None) -> Plan:
    """Return the plan of a drill: `fault`, or one of those that are `possible` here.

    A fault that is asked for strikes where it strikes when the seed alone chooses it.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    chosen = chance.choice(possible) if fault is None else fault

    chance = random.Random(f"{seed}|{chosen}")  # noqa: S311
    if chosen in _COUNTS:
        return Plan(chosen, seed, nth=chance.randint(1, _COUNTS[chosen]))

    return Plan(chosen, seed, phase=chance.choice(_PHASES[chosen]))
