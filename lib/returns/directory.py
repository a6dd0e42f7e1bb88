"""The directory that forms are put into: what is read is removed, what is refused is set aside."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lib import removal
from lib.removal import Seen
from lib.returns.model import MAX_PDF_BYTES, ReturnedPdf

#: Of files that are not read, with their names, until jobs.prune removes them.
SET_ASIDE = "refused"
#: Of those files: a digest's first digits and the name that they had.
ASIDE_NAME = re.compile(r"[0-9a-f]{8}-.*\.pdf", re.IGNORECASE | re.DOTALL)
#: A file that cannot be read may still be being written for so long.
SETTLES_WITHIN = timedelta(minutes=5)
#: Of one run; the rest is for the next.
MOST_FILES = 500


@dataclass(frozen=True)
class FoundFile:
    """A PDF of the directory."""

    root: Path
    seen: Seen
    pdf: ReturnedPdf

    def is_settled(self, now: datetime) -> bool:
        """Return False while somebody may still be writing the file."""
        return now - self.seen.modified_at >= SETTLES_WITHIN

    def remove(self) -> None:
        """Remove the file unless it has changed since it was read. Idempotent."""
        removal.remove_if_unchanged(self.root, self.seen)

    def set_aside(self) -> None:
        """Move the file away from what is still to be read. Idempotent."""
        folder = aside(self.root)
        folder.mkdir(mode=0o700, exist_ok=True)

        # Another file of that name may have been refused before.
        target = folder / f"{self.pdf.digest[:8]}-{self.seen.path.name}"

        with suppress(FileNotFoundError):
            (self.root / self.seen.path).replace(target)


def aside(root: Path) -> Path:
    """Return where refused files of the directory go."""
    return root.absolute() / SET_ASIDE


def files(root: Path) -> Iterator[FoundFile]:
    """Yield the PDFs of the directory by name; raise OSError if one cannot be read.

    Names that begin with a dot, links and whatever is no file are left alone.
    """
    found = [seen for seen in removal.scan(root) if _is_pdf(seen)]

    for seen in sorted(found, key=lambda one: one.path)[:MOST_FILES]:
        with suppress(FileNotFoundError):
            yield FoundFile(root, seen, _pdf(root / seen.path, seen))


def _is_pdf(seen: Seen) -> bool:
    name = seen.path.name

    return seen.is_file and name.lower().endswith(".pdf") and not name.startswith(".")


def _pdf(path: Path, seen: Seen) -> ReturnedPdf:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        content = file.read(MAX_PDF_BYTES + 1)

    return ReturnedPdf(
        digest,
        content if len(content) <= MAX_PDF_BYTES else None,
        sender=None,
        received_at=seen.modified_at,
    )
