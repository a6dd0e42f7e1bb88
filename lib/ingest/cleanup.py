"""Removes a bucket's files from the disk once their rows are proved to be in the database.

Source: docs/reference/domain.md#load-accounting, lesson 103.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib import log
from lib.domain.exports import MERGED_NAME
from lib.ingest.audit import Verdict
from lib.ingest.merge import Merge
from lib.model import Download, Status


def cleanup(
    verdict: Verdict,
    merge: Merge,
    downloads: Sequence[Download],
) -> int:
    """Remove the bucket's store files and its merged file; return how many files were removed.

    Merged files of the day with a greater number go, too: an earlier run left them, and the stores
    in them are done or will be read again. After any verdict but OK everything stays, for whoever
    looks into it, and the log says so.
    """
    if verdict.status is not Status.OK:
        log.warning(
            "the audit is not ok, so the files are kept",
            bucket=merge.bucket,
            path=merge.path,
        )

        return 0

    of_bucket = []

    for download in downloads:
        if download.bucket is merge.bucket:
            of_bucket.append(download.path)

    ours = {merge.path, *_later_ones(merge.path), *of_bucket}
    present = [path for path in ours if path.exists()]

    for path in present:
        path.unlink(missing_ok=True)

    return len(present)


def _later_ones(path: Path) -> list[Path]:
    """Return the merged files of the same bucket and day that have a greater number."""
    day, own_number = _parts(path.name)
    found = []

    for other in path.parent.glob(f"{day}*.csv"):
        other_day, number = _parts(other.name)
        if other_day == day and number > own_number:
            found.append(other)

    return found


def _parts(name: str) -> tuple[str, int]:
    """Return a merged file's name up to its day, and its number; 0 for another file."""
    named = MERGED_NAME.fullmatch(name)
    if named is None:
        return name, 0

    return name[: named.end("day")], int(named["number"] or 1)
