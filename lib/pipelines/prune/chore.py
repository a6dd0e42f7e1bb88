"""What every chore of pruning is like, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lib import log
from lib.errors import ExitCode
from lib.removal import Expired, Plan

#: How many foreign names are told; the others are counted.
NAMED = 5


class Chore(Protocol):
    """One kind of things that have their time."""

    @property
    def name(self) -> str:
        """Return what they are called, for people."""

    def rehearse(self) -> ExitCode:
        """Say what would go; change nothing."""

    def do(self) -> ExitCode:
        """Take it away; TEMPORARY when something could not go."""


@dataclass
class Tally:
    """Counts and tells files as they go."""

    name: str
    root: Path
    #: `removed` or `would go`.
    verb: str
    files: int = 0
    size_bytes: int = 0
    failed: int = 0

    def take(self, gone: Expired, take_away: Callable[[], bool]) -> None:
        """Count and tell the file if `take_away` does; one that cannot go is told and the next one is tried."""
        path = self.root / gone.seen.path

        try:
            if not take_away():
                log.info(f"left: {gone.what}, in use or changed meanwhile", path=path)
                return
        except OSError as error:
            self.failed += 1
            log.error(f"{gone.what} cannot be removed", path=path, error=error)

            return

        self.files += 1
        self.size_bytes += gone.seen.size_bytes
        log.info(
            f"{self.verb}: {gone.what}, {gone.age_days} days old, {gone.seen.size_bytes} bytes ({gone.why})",
            path=path,
        )

    def tell(self, plan: Plan) -> ExitCode:
        """Say what became of everything, and what stays although it is old or not ours."""
        for path in plan.foreign[:NAMED]:
            log.info("left: not a name of ours", path=self.root / path)

        if (count := len(plan.foreign) - NAMED) > 0:
            log.info(f"{self.name}: {count} more names are not ours and are left")

        for reason, count in sorted(Counter(reason for _, reason in plan.spared).items()):
            log.info(f"{self.name}: {count} old ones are kept: {reason}")

        counts = {
            "files": self.files,
            "bytes": self.size_bytes,
            "kept": len(plan.spared),
            "foreign": len(plan.foreign),
        }

        log.ok(
            f"{self.name}: {self.files} files, {self.size_bytes} bytes {self.verb}",
            path=self.root,
            counts=counts,
        )

        return ExitCode.TEMPORARY if self.failed else ExitCode.OK


def rehearsed(name: str, root: Path, plan: Plan) -> ExitCode:
    """Tell the plan as if every file went."""
    tally = Tally(name, root, "would go")

    for gone in plan.expired:
        tally.take(gone, lambda: True)

    return tally.tell(plan)
