"""The CSV exports of a day: download, merge, ingest, audit, clean up.

Each store's file of a bucket is a unit.

Source: lesson 34.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lib import ingest, log, terminal
from lib.domain.exports import EXPORTS
from lib.ingest import Load, Merge, Verdict
from lib.model import Bucket, Download, Finding, Phase, Status
from lib.portal import Client
from lib.run import Outcome, Run

Unit = tuple[str, Bucket]


@dataclass(frozen=True)
class Batch:
    """The exports that one run has to load; others of the day may be in the database."""

    run: Run
    units: Sequence[Unit]
    data_dir: Path
    run_on: date
    #: Rows that a load sends to the server at once.
    batch_size: int

    @property
    def buckets(self) -> list[Bucket]:
        return [bucket for bucket in Bucket if self.stores(bucket)]

    def stores(self, bucket: Bucket) -> list[str]:
        """Return the stores whose export of the bucket is owed."""
        return [code for code, owed in self.units if owed is bucket]

    def download(self, client: Client) -> list[Download]:
        """Save every export that the portal gives; record a gap for each that it does not give."""
        downloads = []

        with terminal.progress("downloading", len(self.units)) as step:
            for (code, bucket), result in client.run_concurrently(
                self.units,
                lambda unit: client.download(*unit, self.data_dir),
            ):
                step()
                if isinstance(result, Exception):
                    self.run.fail(Phase.DOWNLOAD, f"{code} {bucket}", result)
                else:
                    downloads.append(result)
                    self.run.record(Outcome(Phase.DOWNLOAD, Status.OK, f"{code} {bucket}"))

        return downloads

    def merge(self, downloads: Iterable[Download]) -> dict[Bucket, Merge]:
        """Write one file a bucket."""
        merges = {}

        for bucket in self.buckets:
            files = [download for download in downloads if download.bucket is bucket]

            with self.run.unit(Phase.MERGE, bucket):
                merges[bucket] = ingest.merge(bucket, files, self.data_dir, self.run_on)
                self.run.report(Phase.MERGE, merges[bucket].findings)

        self.run.notes[Phase.MERGE] = f"{len(merges)} buckets"
        return merges

    def load(self, merges: Mapping[Bucket, Merge]) -> dict[Bucket, Load]:
        """Bring the merged files into their tables."""
        loads = {}

        for bucket, merge in merges.items():
            with self.run.unit(Phase.INGEST, bucket):
                loads[bucket] = ingest.load(
                    self.run.engine,
                    merge,
                    self.run.ref,
                    batch_size=self.batch_size,
                )
                self.run.report(Phase.INGEST, loads[bucket].findings)

        return loads

    def audit(
        self,
        merges: Mapping[Bucket, Merge],
        loads: Mapping[Bucket, Load],
    ) -> dict[Bucket, Verdict]:
        """Judge what was loaded, and keep the judgement in the run."""
        verdicts = {}
        self.run.metrics["buckets"] = {}
        self.run.details.append("- Buckets:")

        for bucket, load in loads.items():
            verdict = ingest.audit(merges[bucket], load, self.stores(bucket))
            verdicts[bucket] = verdict
            self.run.metrics["buckets"][bucket] = _as_metrics(verdict, merges[bucket])

            self.run.details.append(
                _in_words(bucket, verdict, [*merges[bucket].findings, *load.findings])
            )
            self.run.report(Phase.AUDIT, verdict.findings)
            log.info(f"audit: {verdict.status}", bucket=bucket, counts=verdict.counts)

        return verdicts

    def clean_up(
        self,
        verdicts: Mapping[Bucket, Verdict],
        merges: Mapping[Bucket, Merge],
        loaded: Mapping[Bucket, Collection[str]],
    ) -> list[Bucket]:
        """Remove a bucket's files once it is in order.

        Those of `loaded` stores that an earlier attempt left go, too.

        Returns the buckets that need no further look: a file that would not go has its bucket
        cleaned up again.
        """
        settled = []

        for bucket, verdict in verdicts.items():
            with self.run.unit(Phase.CLEANUP, bucket):
                export = EXPORTS[bucket]
                files = [
                    Download(code, bucket, self.data_dir / export.file_name(code))
                    for code in loaded[bucket]
                ]

                removed = ingest.cleanup(verdict, merges[bucket], files)
                log.ok(f"{removed} files removed after the audit", bucket=bucket)
                settled.append(bucket)

        return settled


def in_order(merge: Merge, load: Load, verdict: Verdict) -> dict[str, int]:
    """Return the stores whose export is in the database and in order, with its number of rows."""
    findings: list[Finding] = [*merge.findings, *load.findings, *verdict.findings]

    objections = {finding.store_code for finding in findings if finding.severity is Status.ERROR}
    if None in objections:
        return {}

    return {
        code: counts.ingested for code, counts in verdict.stores.items() if code not in objections
    }


def _in_words(bucket: Bucket, verdict: Verdict, findings: Iterable[Finding]) -> str:
    """Return the bucket's line in the summary; by `findings` rejected rows are an issue or not."""
    line = f"  - {bucket}: {verdict.counts['ingested_rows']} rows"
    if not (rejected := verdict.counts["rejected"]):
        return line

    is_usual = all(finding.severity is Status.OK for finding in findings)
    verdict_on_them = "so few are no issue" if is_usual else "see Issues"
    return f"{line}, {rejected} rejected ({verdict_on_them}; ingest_rejects keeps them)"


def _as_metrics(verdict: Verdict, merge: Merge) -> dict[str, Any]:
    """Return the bucket's part of a run's metrics, with the accounts of each store.

    Source: docs/reference/domain.md#run-summary.
    """
    accounts = verdict.as_metrics()
    return {
        "status": str(verdict.status),
        "stores": {code: counts.ingested for code, counts in sorted(verdict.stores.items())},
        "counts": dict(verdict.counts),
        "merged_file": merge.path.name,
        "accounts": accounts["stores"],
    }
