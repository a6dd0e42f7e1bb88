"""Removes a bucket's files from the disk once their rows are proved to be in the database.

Source: docs/reference/domain.md#load-accounting, lesson 103.
"""

from __future__ import annotations

from collections.abc import Sequence

from lib import log
from lib.ingest.audit import Verdict
from lib.ingest.merge import Merge
from lib.model import Download, Status


def cleanup(
    verdict: Verdict,
    merge: Merge,
    downloads: Sequence[Download],
) -> int:
    """Remove the bucket's store files and its merged file; return how many files were removed.

    After any verdict but OK everything stays, for whoever looks into it, and the log says so.
    """
    if verdict.status is not Status.OK:
        log.warning(
            "the audit is not ok, so the files are kept",
            bucket=merge.bucket,
            path=merge.path,
        )

        return 0

    of_bucket = [download.path for download in downloads if download.bucket is merge.bucket]

    present = [path for path in {merge.path, *of_bucket} if path.exists()]

    for path in present:
        path.unlink(missing_ok=True)

    return len(present)
