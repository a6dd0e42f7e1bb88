"""The exports of a daily run that are kept, merged and loaded once more."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from lib import dates, ingest
from lib.domain.exports import EXPORTS, MERGED_NAME, STORE_CODE
from lib.model import Bucket, Download
from lib.pipelines.replay_run import queries
from lib.pipelines.replay_run.queries import Unit
from lib.pipelines.replay_run.result import ChangedUnit, ComparedPart, StoredRun
from lib.plural import counted, named

#: What is counted of an export, whatever was in its table before.
_SAME_EVERY_TIME = ("skipped", "rejected", "duplicates")
#: Stores that a sentence names.
NAMED = 6


@dataclass(frozen=True)
class StoredExports:
    """What is stored of the exports that the run loaded."""

    accounts: Mapping[Unit, Mapping[str, int]]
    #: Rejected rows, and how many of these are kept.
    rejects: Mapping[Unit, tuple[int, int]]
    loaded_since: frozenset[Unit]
    #: The files that are there, by export.
    files: Mapping[Unit, Path]

    @property
    def gone(self) -> list[Unit]:
        """Return the exports of which no file is kept."""
        return [unit for unit in self.accounts if unit not in self.files]


def stored(
    connection: Connection,
    run: StoredRun,
    data_dir: Path,
    directory: Path,
    zone: ZoneInfo,
) -> StoredExports:
    """Return what is stored; rows of merged files are copied into files of `directory`.

    The files of DATA_DIR are only read.
    """
    accounts = queries.accounts(connection, run.ref.run_id)

    return StoredExports(
        accounts=accounts,
        rejects=queries.rejects(connection, run.ref.run_id),
        loaded_since=frozenset(queries.loaded_since(connection, run)),
        files=_files(accounts, run, data_dir, directory, zone),
    )


def _files(
    accounts: Iterable[Unit],
    run: StoredRun,
    data_dir: Path,
    directory: Path,
    zone: ZoneInfo,
) -> dict[Unit, Path]:
    """Return by export the file as it came, else its rows of the run's merged file."""
    found = {}

    for unit in accounts:
        bucket, code = unit
        path = data_dir / EXPORTS[bucket].file_name(code)

        if _is_of(run, path):
            found[unit] = path

    run_on = dates.today(zone, run.ref.started_at)

    for path in sorted(data_dir.glob(f"merged_*_{run_on:%Y%m%d}*.csv")):
        if MERGED_NAME.fullmatch(path.name) and _is_of(run, path):
            found = _split(path, directory) | found

    return {unit: path for unit, path in found.items() if unit in set(accounts)}


def _is_of(run: StoredRun, path: Path) -> bool:
    """Return True if the file was written while the run was at work: the names come again."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False

    return run.ref.started_at <= written_at <= run.known_until


def _split(merged: Path, directory: Path) -> dict[Unit, Path]:
    """Write the rows of each store of a merged file into a file of its own."""
    bucket = next(bucket for bucket in Bucket if merged.name.startswith(f"merged_{bucket}_"))
    found = {}

    with merged.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        store_at = header.index(STORE_CODE.name)

        # The rows of a store follow each other (lib.ingest.merge).
        for code, own in groupby(rows, key=lambda row: row[store_at]):
            path = directory / EXPORTS[bucket].file_name(code)

            with path.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([header, *own])

            found[bucket, code] = path

    return found


@dataclass(frozen=True)
class ExportReplay:
    """The kept exports on their way into a scratch schema."""

    #: Of the scratch schema.
    engine: Engine
    run: StoredRun
    exports: StoredExports
    #: Of the merged files.
    directory: Path
    #: The schema of the real tables, as SQL names it.
    source: str
    zone: ZoneInfo

    def part(self) -> ComparedPart:
        """Merge and load what is kept, try the kept rejected rows of the others, and compare."""
        if not self.exports.accounts:
            why = "the load accounting knows no export of this run"
            return ComparedPart("rows", not_compared=(why,))

        with self.engine.begin() as connection:
            queries.forget_accounts(connection, self.run.ref.run_id, self.exports.files)

        differences: list[ChangedUnit] = []

        for bucket in Bucket:
            codes = [code for owner, code in self.exports.files if owner is bucket]

            if codes:
                counts = self._load(bucket, codes)
                differences += self._differences(bucket, codes, counts)

        tried = list(ingest.replay(self.engine))
        differences += filter(None, map(_accepted, tried))

        return ComparedPart(
            "rows",
            _words_of(len(self.exports.files), sum(one.tried for one in tried)),
            tuple(differences),
            tuple(_not_compared(self.exports)),
        )

    def _load(self, bucket: Bucket, codes: Sequence[str]) -> Mapping[str, ingest.Counts]:
        """Merge and load the files of a bucket; return what became of the rows of each store."""
        downloads = []

        for code in codes:
            path = self.exports.files[bucket, code]
            # Nothing of it leaves the backlog: what the run had leave has left in the copy.
            downloads.append(Download(code, bucket, path, is_proven_whole=False))

        run_on = dates.today(self.zone, self.run.ref.started_at)
        merge = ingest.merge(bucket, downloads, self.directory, run_on)

        try:
            return ingest.load(self.engine, merge, self.run.ref).counts
        finally:
            merge.release()

    def _differences(
        self,
        bucket: Bucket,
        codes: Sequence[str],
        counts: Mapping[str, ingest.Counts],
    ) -> Iterator[ChangedUnit]:
        for code in codes:
            lines = list(_count_lines(self.exports.accounts[bucket, code], counts.get(code)))
            rows: list[str] = []

            if (bucket, code) not in self.exports.loaded_since:
                with self.engine.connect() as connection:
                    columns, rows = queries.changed_rows(connection, bucket, code, self.source)

                for name, number in columns.items():
                    lines.append(f"{name}: another value in {counted(number, 'row')}")

            if lines:
                yield ChangedUnit(f"{code} {bucket}", tuple(lines), tuple(rows))


def _words_of(files: int, rejected: int) -> str:
    parts = []

    if files:
        parts.append(counted(files, "export"))

    if rejected:
        parts.append(counted(rejected, "rejected row"))

    return " and ".join(parts)


def _count_lines(
    then: Mapping[str, int],
    now: ingest.Counts | None,
) -> Iterator[str]:
    if now is None:
        yield "the file is not usable any more"
        return

    # A merged file has no longer the rows that the merge rejected.
    rejected_before = then["read"] - now.read
    ingested = then["inserted"] + then["updated"] + then["unchanged"]
    were = {name: then[name] for name in _SAME_EVERY_TIME} | {"loaded": ingested}
    are = {name: getattr(now, name) for name in _SAME_EVERY_TIME} | {"loaded": now.ingested}
    are["rejected"] += rejected_before

    for name, number in were.items():
        if are[name] != number:
            yield f"{name}: {number} rows then, {are[name]} now"


def _accepted(tried: ingest.Replayed) -> ChangedUnit | None:
    accepted = tried.tried - tried.rejected

    if not accepted:
        return None

    rows = counted(tried.tried, "rejected row")
    return ChangedUnit(
        f"{tried.store_code} {tried.bucket}",
        (f"{accepted} of {rows} would be loaded now",),
    )


def _not_compared(exports: StoredExports) -> Iterator[str]:
    gone: dict[Bucket, list[str]] = {}

    for bucket, code in exports.gone:
        gone.setdefault(bucket, []).append(code)

    for bucket, codes in gone.items():
        yield f"{bucket}: no file of {named(codes, NAMED)} is kept any more"

    later: dict[Bucket, list[str]] = {}

    for bucket, code in exports.files:
        if (bucket, code) in exports.loaded_since:
            later.setdefault(bucket, []).append(code)

    for bucket, codes in later.items():
        yield (
            f"{bucket}: a later export of {named(codes, NAMED)} was loaded since,"
            " so only the accounts are compared"
        )

    lost = 0

    for unit in exports.gone:
        number, kept = exports.rejects.get(unit, (0, 0))
        lost += number - kept

    if lost:
        yield f"{counted(lost, 'rejected row')} not kept any more"
