"""How many points an undisturbed run has, as docs/explanation/faults.md says it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.proofs.faults import sweep
from tests.proofs.faults.points import Door, Fault, Point
from tests.proofs.faults.scenario import Scene

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "faults.md"
NAMES = {
    Door.FILE: "file",
    Door.SQL: "SQL",
    Door.SMTP: "SMTP",
    Door.PORTAL: "portal",
    Door.BROWSER: "browser",
    Door.IMAP: "IMAP",
    Door.PROCESS: "processes",
}


@dataclass(frozen=True)
class Counts:
    """The points of one job at which faults are tried."""

    job: str
    doors: Counter[Door]
    faults: dict[Fault, int]
    """At how many of them each fault means something."""

    @property
    def points(self) -> int:
        return self.doors.total()

    def __str__(self) -> str:
        """The row of the page's table."""
        kinds = ", ".join(
            f"{self.doors[door]} {name}" for door, name in NAMES.items() if self.doors[door]
        )
        full, lost = self.faults[Fault.DISK_FULL], self.faults[Fault.LOST_ANSWER]
        return f"| {self.job} | {self.points}: {kinds} | {full} | {lost} | {sum(self.faults.values()):,} |"


def counts(here: Scene, points: list[Point]) -> Counts:
    """Count the points of an undisturbed run."""
    struck = {fault: sweep.struck(here, points, fault) for fault in Fault}
    doors = Counter(points[number - 1].door for number in struck[Fault.ERROR])
    return Counts(here.name, doors, {fault: len(numbers) for fault, numbers in struck.items()})


def said(job: str) -> int:
    """Return how many points the page says that the job has."""
    [row] = re.findall(rf"^\| {job} \| (\d+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return int(row)
