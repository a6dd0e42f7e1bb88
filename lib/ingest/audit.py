"""Whether every row of a bucket is accounted for. Pure.

Source: docs/reference/domain.md#load-accounting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lib.ingest.counts import Counts
from lib.ingest.load import Load
from lib.ingest.merge import Merge
from lib.model import Bucket, Finding, Status


@dataclass(frozen=True)
class Verdict:
    """The judgement on one bucket of one run."""

    bucket: Bucket
    #: OK: no store is missing, every equation holds, no file is wrong as a whole. Else ERROR: the
    #: bucket remains to be done.
    status: Status
    #: The sums over all stores: download_total, merged_rows, ingested_rows, then the fields of
    #: `Counts` except `read`.
    counts: dict[str, int]
    stores: dict[str, Counts]
    #: Why it is not OK; the findings of merge and load are not repeated.
    findings: tuple[Finding, ...]

    def as_metrics(self) -> dict[str, Any]:
        """Return what the run's metrics keep: plain values only."""
        return {
            "status": str(self.status),
            **self.counts,
            "stores": {store: asdict(counts) for store, counts in sorted(self.stores.items())},
        }


def audit(
    merge: Merge,
    load: Load,
    expected_stores: Sequence[str],
) -> Verdict:
    """Return the audit of a bucket. No rows in any store is OK, as at the start of a month.

    Source: lesson 28.
    """
    findings = tuple(_findings(merge, load, expected_stores))
    total = sum(load.counts.values(), start=Counts())

    counts = asdict(total) | {
        "download_total": total.read,
        "merged_rows": total.merged,
        "ingested_rows": total.ingested,
    }

    del counts["read"]

    status = Status.worst([finding.severity for finding in findings])

    return Verdict(
        merge.bucket,
        status,
        counts,
        dict(load.counts),
        findings,
    )


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on a bucket whose stores were loaded in batches, each in one of them."""
    counts: Counter[str] = Counter()
    stores: dict[str, Counts] = {}
    findings: list[Finding] = []

    for verdict in verdicts:
        counts.update(verdict.counts)
        stores |= verdict.stores
        findings += verdict.findings

    return Verdict(
        verdicts[0].bucket,
        Status.worst([verdict.status for verdict in verdicts]),
        dict(counts),
        stores,
        tuple(findings),
    )


def _findings(
    merge: Merge,
    load: Load,
    expected_stores: Sequence[str],
) -> Iterator[Finding]:
    def error(store: str, text: str) -> Finding:
        return Finding(Status.ERROR, text, store, merge.bucket)

    for store in expected_stores:
        if store.upper() not in load.counts:
            yield error(
                store,
                "no usable file: the store is missing from this bucket",
            )

    for store, counts in load.counts.items():
        if not counts.balances:
            amounts = ", ".join(f"{name} {count}" for name, count in asdict(counts).items())
            yield error(store, f"rows are unaccounted for: {amounts}")
        elif counts.is_wrong:
            unusable = f"{counts.merged - counts.ingested} of {counts.merged} rows"
            yield error(
                store,
                f"{unusable} were not loaded: has the portal changed this export?",
            )
