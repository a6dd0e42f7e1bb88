"""The CSV exports of a day: download, merge, ingest, audit, clean up, some stores at a time.

Each store's file of a bucket is a unit.

Source: lesson 34.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
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

#: Stores at least: a load has its price, whatever it loads.
SMALLEST_BATCH = 8
#: So the last batch, whose reports nothing hides, is a small part of the whole.
MOST_BATCHES = 16


def in_batches(units: Sequence[Unit]) -> list[list[Unit]]:
    """Return the units in batches of whole stores, in their order."""
    of_store: dict[str, list[Unit]] = {}
    for unit in units:
        of_store.setdefault(unit[0], []).append(unit)

    size = max(SMALLEST_BATCH, math.ceil(len(of_store) / MOST_BATCHES))
    batches: list[list[Unit]] = []

    for number, owed in enumerate(of_store.values()):
        if number % size == 0:
            batches.append([])

        batches[-1] += owed

    return batches


@contextmanager
def downloading(
    run: Run,
    client: Client,
    units: Sequence[Unit],
    directory: Path,
) -> Iterator[Downloads]:
    """Ask the portal for all exports, and go on asking while the block loads what has come."""

    def fetch(unit: Unit) -> Download:
        # Meanwhile the run may be in another phase.
        with log.phase_of_thread(Phase.DOWNLOAD):
            return client.download(*unit, directory)

    with (
        terminal.progress(Phase.DOWNLOAD, len(units)) as step,
        closing(client.run_concurrently(units, fetch)) as answers,
    ):
        yield Downloads(run, directory, answers, step)
        deque(answers, maxlen=0)


class Downloads:
    """The exports as they come, which is roughly in the order in which they were asked for."""

    def __init__(
        self,
        run: Run,
        directory: Path,
        answers: Iterator[tuple[Unit, Download | Exception]],
        step: Callable[[], None],
    ) -> None:
        self.directory = directory

        self._run = run
        self._answers = answers
        self._step = step

        #: What came; None where the portal gave nothing.
        self._came: dict[Unit, Download | None] = {}

    def of(self, units: Sequence[Unit]) -> list[Download]:
        """Wait until the portal has answered for all the units; return what it gave.

        A gap is recorded for each that it does not give.
        """
        while not all(unit in self._came for unit in units):
            unit, result = next(self._answers)
            self._step()
            self._came[unit] = self._recorded(unit, result)

        found = []

        for unit in units:
            if download := self._came.pop(unit):
                found.append(download)

        return found

    def _recorded(
        self,
        unit: Unit,
        result: Download | Exception,
    ) -> Download | None:
        name = " ".join(unit)

        if isinstance(result, Exception):
            self._run.fail(Phase.DOWNLOAD, name, result)
            return None

        self._run.record(Outcome(Phase.DOWNLOAD, Status.OK, name))
        return result


@dataclass
class Buckets:
    """What a run has loaded so far, bucket by bucket, over all of its batches."""

    run: Run
    #: The names of the merged files that were written. Not the merges: what a merge holds for its
    #: load is gone with its batch.
    merged: dict[Bucket, list[str]] = field(default_factory=dict)
    #: Buckets that a batch could not merge or load: the rest of them is left to the next run.
    failed: set[Bucket] = field(default_factory=set)

    _verdicts: dict[Bucket, list[Verdict]] = field(default_factory=dict)
    _findings: dict[Bucket, list[Finding]] = field(default_factory=dict)

    def add(self, merge: Merge, load: Load, verdict: Verdict) -> None:
        """Add what was judged to the run's metrics."""
        bucket = verdict.bucket
        self._verdicts.setdefault(bucket, []).append(verdict)
        self._findings.setdefault(bucket, []).extend([*merge.findings, *load.findings])

        self.run.metrics.setdefault("buckets", {})[bucket] = _as_metrics(
            ingest.combined(self._verdicts[bucket]),
            self.merged[bucket][0],
        )

    def in_words(self) -> list[str]:
        """Return the buckets' lines in the summary; none where nothing was loaded."""
        lines = ["- Buckets:"] if self._verdicts else []
        for bucket, verdicts in self._verdicts.items():
            lines.append(_in_words(bucket, ingest.combined(verdicts), self._findings[bucket]))

        return lines


@dataclass(frozen=True)
class Batch:
    """The exports that one run has to load of some stores; others may be in the database."""

    run: Run
    buckets: Buckets
    units: Sequence[Unit]
    directory: Path
    run_on: date
    #: Rows of an export that are read together where they have to be read one by one.
    rows_at_once: int

    def stores(self, bucket: Bucket) -> list[str]:
        """Return the stores whose export of the bucket is owed."""
        found = []

        for code, owed in self.units:
            if owed is bucket:
                found.append(code)

        return found

    def merge(self, downloads: Iterable[Download]) -> dict[Bucket, Merge]:
        """Write one file a bucket."""
        merges = {}

        for bucket in self._owed():
            files = []

            for download in downloads:
                if download.bucket is bucket:
                    files.append(download)

            written = self.buckets.merged.setdefault(bucket, [])

            with self._isolated(Phase.MERGE, bucket):
                merge = ingest.merge(
                    bucket,
                    files,
                    self.directory,
                    self.run_on,
                    number=len(written) + 1,
                    batch_size=self.rows_at_once,
                )
                written.append(merge.path.name)
                merges[bucket] = merge
                self.run.report(Phase.MERGE, merge.findings)

        self.run.notes[Phase.MERGE] = f"{self._count_merged()} buckets"
        return merges

    def load(self, merges: Mapping[Bucket, Merge]) -> dict[Bucket, Load]:
        """Bring the merged files into their tables."""
        loads = {}

        for bucket, merge in merges.items():
            with self._isolated(Phase.INGEST, bucket):
                loads[bucket] = ingest.load(self.run.engine, merge, self.run.ref)
                merge.release()
                self.run.report(Phase.INGEST, loads[bucket].findings)

        return loads

    def audit(
        self,
        merges: Mapping[Bucket, Merge],
        loads: Mapping[Bucket, Load],
    ) -> dict[Bucket, Verdict]:
        """Judge what was loaded, and keep the judgement in the run."""
        verdicts = {}

        for bucket, load in loads.items():
            verdict = ingest.audit(merges[bucket], load, self.stores(bucket))
            verdicts[bucket] = verdict
            self.buckets.add(merges[bucket], load, verdict)
            self.run.report(Phase.AUDIT, verdict.findings)
            log.info(f"audit: {verdict.status}", bucket=bucket, counts=verdict.counts)

        return verdicts

    def clean_up(
        self,
        verdicts: Mapping[Bucket, Verdict],
        merges: Mapping[Bucket, Merge],
        found: Mapping[Bucket, Collection[str]],
        earlier: Mapping[Bucket, Collection[str]],
    ) -> list[Bucket]:
        """Remove a bucket's files once it is in order.

        They are those of the stores that were `found` in order, now or by an `earlier` run whose
        files stayed.

        Returns the buckets that need no further look: a file that would not go has its bucket
        cleaned up again.
        """
        settled = []

        for bucket, verdict in verdicts.items():
            with self.run.unit(Phase.CLEANUP, bucket):
                export = EXPORTS[bucket]
                files = []

                for code in {*found.get(bucket, ()), *earlier.get(bucket, ())}:
                    files.append(Download(code, bucket, self.directory / export.file_name(code)))

                removed = ingest.cleanup(verdict, merges[bucket], files)
                log.ok(f"{removed} files removed after the audit", bucket=bucket)
                settled.append(bucket)

        return settled

    def _owed(self) -> list[Bucket]:
        """Return the buckets of which the batch owes an export and that have not failed."""
        owed = {bucket for _, bucket in self.units}
        found = []

        for bucket in Bucket:
            if bucket in owed - self.buckets.failed:
                found.append(bucket)

        return found

    def _count_merged(self) -> int:
        return sum(map(bool, self.buckets.merged.values()))

    @contextmanager
    def _isolated(self, phase: Phase, bucket: Bucket) -> Iterator[None]:
        """Isolate the bucket as `Run.unit` does, and remember that it failed."""
        self.buckets.failed.add(bucket)

        with self.run.unit(phase, bucket):
            yield
            self.buckets.failed.remove(bucket)


def in_order(
    merges: Mapping[Bucket, Merge],
    loads: Mapping[Bucket, Load],
    verdicts: Mapping[Bucket, Verdict],
) -> dict[Bucket, dict[str, int]]:
    """Return the stores whose export is in the database and in order, with its number of rows."""
    found: dict[Bucket, dict[str, int]] = {}

    for bucket, verdict in verdicts.items():
        findings = [*merges[bucket].findings, *loads[bucket].findings, *verdict.findings]
        wrong = set()

        for each in findings:
            if each.severity is Status.ERROR:
                wrong.add(each.store_code)

        found[bucket] = {}

        if None not in wrong:
            found[bucket] = {
                code: counts.ingested
                for code, counts in verdict.stores.items()
                if code not in wrong
            }

    return found


def _in_words(
    bucket: Bucket,
    verdict: Verdict,
    findings: Iterable[Finding],
) -> str:
    """Return the bucket's line in the summary; by `findings` rejected rows are an issue or not."""
    line = f"  - {bucket}: {verdict.counts['ingested_rows']} rows"
    if not (rejected := verdict.counts["rejected"]):
        return line

    is_usual = all(finding.severity is Status.OK for finding in findings)
    verdict_on_them = "so few are no issue" if is_usual else "see Issues"
    return f"{line}, {rejected} rejected ({verdict_on_them}; ingest_rejects keeps them)"


def _as_metrics(verdict: Verdict, merged_file: str) -> dict[str, Any]:
    """Return the bucket's part of a run's metrics, with the accounts of each store.

    Source: docs/reference/domain.md#run-summary.
    """
    accounts = verdict.as_metrics()
    return {
        "status": str(verdict.status),
        "stores": {code: counts.ingested for code, counts in sorted(verdict.stores.items())},
        "counts": dict(verdict.counts),
        "merged_file": merged_file,
        "accounts": accounts["stores"],
    }
