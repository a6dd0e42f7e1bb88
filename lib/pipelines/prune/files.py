"""Removal of old files from one directory, and how it is logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from lib import log, removal
from lib.errors import ExitCode
from lib.removal import Expired, FileRule, Seen

#: How many unrecognised names are logged; the others are counted.
NAMED = 5


@dataclass(frozen=True)
class OldFiles:
    """A directory whose old files are removed by a rule."""

    name: str
    root: Path
    rule: FileRule
    now: datetime
    #: Keeps the writers of these files away while they are removed.
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    remove: Callable[[Path, Seen], bool] = removal.remove_if_unchanged

    def run(self, *, dry_run: bool) -> ExitCode:
        """Remove what is old, or only say so; return TEMPORARY if a file could not be removed."""
        plan = self.rule.plan(removal.scan(self.root), self.now)
        log_of = RemovalLog(self.name, self.root, dry_run=dry_run)
        log_of.unrecognised += plan.unrecognised

        # A lock is taken only for work, so that a night without any disturbs no run.
        guard = nullcontext if dry_run or not plan.expired else self.guard

        with guard():
            for one in plan.expired:
                log_of.attempt(
                    one,
                    partial(
                        self.remove,
                        self.root,
                        one.seen,
                    ),
                )

        return log_of.end()


@dataclass
class RemovalLog:
    """What is logged and counted while the files of a directory are removed."""

    name: str
    root: Path
    dry_run: bool
    retained: list[tuple[Path, str]] = field(default_factory=list)
    unrecognised: list[Path] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0
    failed: int = 0

    @property
    def verb(self) -> str:
        return "would go" if self.dry_run else "removed"

    def attempt(self, one: Expired, remove: Callable[[], bool]) -> None:
        """Log and count a file that `remove` removes, which is not called in a dry run.

        An OSError is logged, not raised.
        """
        path = self.root / one.seen.path

        try:
            if not self.dry_run and not remove():
                log.info(f"left: {one.kind}, in use or changed meanwhile", path=path)
                return
        except OSError as error:
            self.failed += 1
            log.error(
                f"{one.kind} cannot be removed",
                path=path,
                error=error,
            )

            return

        self.files += 1
        self.size_bytes += one.seen.size_bytes
        size = f"{one.seen.size_bytes} bytes"

        log.info(
            f"{self.verb}: {one.kind}, {one.age_days} days old, {size} ({one.reason})",
            path=path,
        )

    def end(self) -> ExitCode:
        """Log the sums, and what stays although it is old or not ours."""
        for path in self.unrecognised[:NAMED]:
            log.info("skipped unrecognised file", path=self.root / path)

        more = len(self.unrecognised) - NAMED
        if more > 0:
            log.info(f"{self.name}: {more} more unrecognised files are skipped")

        reasons = Counter(reason for _, reason in self.retained)
        for reason, count in sorted(reasons.items()):
            log.info(f"{self.name}: {count} old ones are kept: {reason}")

        log.ok(
            f"{self.name}: {self.files} files, {self.size_bytes} bytes {self.verb}",
            path=self.root,
            counts={
                "files": self.files,
                "bytes": self.size_bytes,
                "kept": len(self.retained),
                "unrecognised": len(self.unrecognised),
            },
        )

        return ExitCode.TEMPORARY if self.failed else ExitCode.OK
