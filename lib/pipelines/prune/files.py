"""Removal of old files from one directory, and how it is logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lib import log, removal
from lib.errors import ExitCode
from lib.removal import Expired, FileKind, Seen

#: How many unrecognised names are logged; the others are counted.
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class OldFiles(FileKind):
    """A directory whose old files are removed."""

    #: Keeps the writers of these files away while they are removed.
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    remove: Callable[[Path, Seen], bool] = removal.remove_if_unchanged

    def run(self, now: datetime, *, dry_run: bool) -> ExitCode:
        """Remove what is old, or only say so; return TEMPORARY if a file could not be removed."""
        expired, unrecognised = self.scan(now)
        removed = RemovalLog(self, dry_run=dry_run, unrecognised=unrecognised)

        # A lock is taken only for work, so that a night without any disturbs no run.
        with self.guard() if expired and not dry_run else nullcontext():
            removed.attempt(expired, self.remove)

        return removed.end()


@dataclass
class RemovalLog:
    """What is logged and counted while the files of a directory are removed."""

    kind: FileKind
    dry_run: bool
    unrecognised: list[Path]
    #: Old, and kept all the same: why.
    retained: list[str] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0
    failed: int = 0

    @property
    def verb(self) -> str:
        return "would go" if self.dry_run else "removed"

    def attempt(
        self,
        expired: Iterable[Expired],
        remove: Callable[[Path, Seen], bool],
    ) -> None:
        """Log and count the files that `remove` removes, which is not called in a dry run.

        An OSError is logged, not raised.
        """
        for one in expired:
            path = self.kind.root / one.seen.path

            try:
                if not self.dry_run and not remove(self.kind.root, one.seen):
                    log.info(f"left: {one.kind}, in use or changed meanwhile", path=path)
                    continue
            except OSError as error:
                self.failed += 1
                log.error(f"{one.kind} cannot be removed", path=path, error=error)
                continue

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
            log.info("skipped unrecognised file", path=self.kind.root / path)

        more = len(self.unrecognised) - NAMED
        if more > 0:
            log.info(f"{self.kind.name}: {more} more unrecognised files are skipped")

        for reason, count in sorted(Counter(self.retained).items()):
            log.info(f"{self.kind.name}: {count} old ones are kept: {reason}")

        log.ok(
            f"{self.kind.name}: {self.files} files, {self.size_bytes} bytes {self.verb}",
            path=self.kind.root,
            counts={
                "files": self.files,
                "bytes": self.size_bytes,
                "kept": len(self.retained),
                "unrecognised": len(self.unrecognised),
            },
        )

        return ExitCode.TEMPORARY if self.failed else ExitCode.OK
