"""The files of all stores of a bucket to one merged file, by header name, and to lines for COPY.

Source: docs/reference/domain.md#merge.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from lib.domain import headers
from lib.domain.exports import EXPORTS, STORE_CODE, Export
from lib.files import replacing
from lib.ingest.errors import UnusableExport
from lib.ingest.parse import BrokenLine, ExportFile, Row, open_export, open_text
from lib.ingest.plain_lines import PlainLines
from lib.ingest.rejects import EMPTY, Reject, Rejections
from lib.ingest.staged_rows import RowBatch, StagedRows
from lib.model import Bucket, Download, Finding, Status

#: Rows at most. So few stay in the processor's caches.
BATCH_SIZE = 500


@dataclass(frozen=True)
class FileCounts:
    """What became of the data rows of one store's file: `read = written + rejected`."""

    read: int
    written: int
    rejected: int


@dataclass(frozen=True)
class Merge:
    """One bucket's merged file. It needs no database: a dry run ends here."""

    bucket: Bucket
    #: Canonical header, then the rows in the order of the downloads, store codes in upper case; a
    #: header if none.
    path: Path
    #: By store code; a store whose file was missing or unusable has none.
    counts: dict[str, FileCounts]
    findings: tuple[Finding, ...]
    #: The rows that are not in the merged file.
    rejects: tuple[Reject, ...] = field(default=(), repr=False)
    #: The stores whose file may lack rows at its end: what it lacks says nothing.
    not_proven_whole: frozenset[str] = frozenset()
    #: The rows of the merged file as `lib.ingest.load` copies them.
    staged: StagedRows | None = field(default=None, repr=False, compare=False)

    def release(self) -> None:
        """Let go of what was only for the load. The merged file stays."""
        if self.staged:
            self.staged.file.close()


def merge(
    bucket: Bucket,
    downloads: Sequence[Download],
    directory: Path,
    run_on: date,
    number: int = 1,
    *,
    batch_size: int = BATCH_SIZE,
) -> Merge:
    """Write `merged_<bucket>_<run_on>.csv` into `directory`, whole or not at all.

    A run that loads its stores in batches numbers the merged files of each bucket from 1; the
    second and later ones have the number in their name. A file of that name is replaced.

    An unusable file is an error finding, its store has no counts, and the others go on. A row whose
    own store code is not the store's whose file it is, is rejected: whose it is cannot be known.
    Each row is read once: what goes into the table is made on the way.
    """
    export = EXPORTS[bucket]
    path = directory / export.merged_name(run_on, number)
    counts: dict[str, FileCounts] = {}
    findings: list[Finding] = []
    rejects: list[Reject] = []
    not_proven_whole: set[str] = set()

    path.parent.mkdir(parents=True, exist_ok=True)

    staged = StagedRows(export, path)

    with replacing(path) as stream:
        output = _Output(stream, staged, min(batch_size, BATCH_SIZE))
        output.write_header(export)

        for download in downloads:
            source = _StoreFile(export, download)

            try:
                counts[source.store_code] = source.copy_to(output)
            except UnusableExport as error:
                text = f"{download.path.name} is left out: {error}"
                findings.append(source.finding(Status.ERROR, text))

            findings += source.findings
            rejects += source.rejects

            if not source.is_proven_whole:
                not_proven_whole.add(source.store_code)

    return Merge(
        bucket,
        path,
        counts,
        tuple(findings),
        tuple(rejects),
        frozenset(not_proven_whole),
        staged,
    )


class _Output:
    """The merged file, and beside it the same rows as lines for COPY."""

    def __init__(
        self,
        stream: BinaryIO,
        staged: StagedRows,
        batch_size: int,
    ) -> None:
        self._stream = stream
        self._staged = staged
        self._batch_size = batch_size
        self._batch: list[list[str]] = []

    def write_header(self, export: Export) -> None:
        """Write the names of the table's columns."""
        self._write([list(export.names)])

    def add(self, cells: list[str]) -> None:
        """Append one row."""
        self._batch.append(cells)

        if len(self._batch) >= self._batch_size:
            self._flush()

    def add_plain(self, plain: PlainLines) -> None:
        """Append lines that are rows in the columns of the table."""
        self._flush()
        self._stream.write(plain.written.encode())
        self._staged.add(plain)

    def end_store(self) -> None:
        """Say that the rows of one store are all there."""
        self._flush()
        self._staged.end_store()

    def _flush(self) -> None:
        if not self._batch:
            return

        self._write(self._batch)
        self._staged.add(RowBatch(self._batch))
        self._batch.clear()

    def _write(self, rows: list[list[str]]) -> None:
        text = StringIO()
        csv.writer(text).writerows(rows)
        self._stream.write(text.getvalue().encode())


class _StoreFile:
    """One store's file on its way into the merged one."""

    def __init__(self, export: Export, download: Download) -> None:
        self.store_code = download.store_code.upper()
        self.findings: list[Finding] = []
        self.rejects: list[Reject] = []

        #: False where the reply did not mark its end, or the file ends in the middle of a row.
        self.is_proven_whole = download.is_proven_whole

        self._export = export
        self._path = download.path

    def finding(self, severity: Status, text: str) -> Finding:
        """Return a finding about the store's file."""
        return Finding(
            severity,
            text,
            self.store_code,
            self._export.bucket,
        )

    def copy_to(self, output: _Output) -> FileCounts:
        """Append the file's rows; raise UnusableExport before the first one."""
        written = 0

        with open_text(self._path) as file:
            opened = open_export(file)

            for part in self._parts(opened):
                if isinstance(part, PlainLines):
                    output.add_plain(part)
                    written += len(part)
                else:
                    output.add(part)
                    written += 1

        output.end_store()

        rejections = Rejections(self._path.name)

        for reject in self.rejects:
            rejections.add(reject)

        if not self.is_proven_whole:
            text = f"{self._path.name} may lack rows: nothing proves its end. What it lacks stays"
            self.findings.append(self.finding(Status.WARNING, text))

        read = written + rejections.count
        severity = rejections.severity(read)
        self.findings += [
            self.finding(
                severity,
                text,
            )
            for text in rejections.texts()
        ]

        if count := opened.lines_with_unreadable_characters:
            text = f"{count} lines are not UTF-8; bad bytes were replaced"
            self.findings.append(self.finding(Status.WARNING, text))

        return FileCounts(read, written, rejections.count)

    def _parts(self, opened: ExportFile) -> Iterator[PlainLines | list[str]]:
        """Yield the good rows in the columns of the table, with the store's own code."""
        header = opened.header
        if not header:
            return

        places = self._places(header)
        is_in_order = places == list(range(len(header)))
        store_at = places[self._export.names.index(STORE_CODE.name)]

        ends_broken = False

        for part in opened.parts():
            ends_broken = isinstance(part, BrokenLine)

            if isinstance(part, BrokenLine):
                text = part.text.replace("\0", "\ufffd")
                self._reject(part.line, None, part.reason, header, text)
            elif isinstance(part, PlainLines) and is_in_order and self._owns(part, store_at):
                yield part
            else:
                rows = part.numbered_rows() if isinstance(part, PlainLines) else [part]
                yield from self._own_rows(rows, header, places)

        # no row, or half a row, where the last row should be: the portal gave up there
        self.is_proven_whole = self.is_proven_whole and not ends_broken

    def _owns(self, part: PlainLines, store_at: int) -> bool:
        """Return True if every row has the store's own code, spelled as it is written."""
        return set(part.column(store_at)) == {self.store_code}

    def _own_rows(
        self,
        rows: Iterable[Row],
        header: list[str],
        places: list[int],
    ) -> Iterator[list[str]]:
        """Yield the rows of the store; reject the others."""
        in_order = itemgetter(*places)
        store_at = self._export.names.index(STORE_CODE.name)

        for line, found in rows:
            # the cell after the last one stands for every column that the file lacks
            cells = list(in_order([*found, ""]))
            code = cells[store_at].strip().upper()

            if code == self.store_code:
                cells[store_at] = code
                yield cells
            else:
                reason = "is another store's" if code else EMPTY
                self._reject(line, STORE_CODE.name, reason, header, found)

    def _reject(
        self,
        line: int,
        column: str | None,
        reason: str,
        header: list[str],
        content: Sequence[str] | str,
    ) -> None:
        self.rejects.append(
            Reject(
                self.store_code,
                self._path.name,
                line,
                column,
                reason,
                header,
                content,
            )
        )

    def _places(self, header: list[str]) -> list[int]:
        """Return the places of the table's columns in a row of the file.

        An optional column that the file lacks is the cell after the last.
        """
        if missing := self._export.missing(header):
            raise UnusableExport(
                f"it has no column {', '.join(missing)}; is it this bucket's export?"
            )

        found = headers.positions(header)
        places = []
        lacking = []

        for column in self._export.columns:
            place = column.position(found)

            if place is None:
                lacking.append(column.name)
                place = len(header)

            places.append(place)

        if lacking:
            text = f"{self._path.name} has no column {', '.join(lacking)}"
            self.findings.append(self.finding(Status.WARNING, text))

        return places
