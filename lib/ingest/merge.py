"""The files of all stores of a bucket to one merged file, by header name.

Source: docs/reference/domain.md#merge.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, TextIO

from lib.domain import headers
from lib.domain.exports import EXPORTS, STORE_CODE, Export
from lib.files import replacing
from lib.ingest.errors import UnusableExport
from lib.ingest.parse import BrokenLine, ExportFile, open_export, open_text
from lib.ingest.rejects import EMPTY, Reject, Rejections
from lib.model import Bucket, Download, Finding, Status


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


def merge(
    bucket: Bucket,
    downloads: Sequence[Download],
    directory: Path,
    run_on: date,
    number: int = 1,
) -> Merge:
    """Write `merged_<bucket>_<run_on>.csv` into `directory`, whole or not at all.

    A run that loads its stores in batches numbers the merged files of each bucket from 1; the
    second and later ones have the number in their name. A file of that name is replaced.

    An unusable file is an error finding, its store has no counts, and the others go on. A row whose
    own store code is not the store's whose file it is, is rejected: whose it is cannot be known.
    """
    export = EXPORTS[bucket]
    path = directory / export.merged_name(run_on, number)
    counts: dict[str, FileCounts] = {}
    findings: list[Finding] = []
    rejects: list[Reject] = []
    not_proven_whole: set[str] = set()

    path.parent.mkdir(parents=True, exist_ok=True)

    with replacing(path) as stream, _text(stream) as file:
        writer = csv.writer(file)
        writer.writerow(export.names)

        for download in downloads:
            source = _StoreFile(export, download)

            try:
                counts[source.store_code] = source.copy_to(writer.writerow)
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
    )


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

    def copy_to(self, write: Callable[[list[str]], object]) -> FileCounts:
        """Append the file's rows; raise UnusableExport before the first one."""
        written = 0

        with open_text(self._path) as file:
            opened = open_export(file)
            for cells in self._rows(opened):
                write(cells)
                written += 1

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

    def _rows(self, opened: ExportFile) -> Iterator[list[str]]:
        """Yield the good rows in the columns of the table, with the store's own code."""
        header = opened.header
        if not header:
            return

        in_order = self._selection(header)
        store_at = self._export.names.index(STORE_CODE.name)

        ends_broken = False

        for row in opened.rows():
            ends_broken = isinstance(row, BrokenLine)

            if isinstance(row, BrokenLine):
                text = row.text.replace("\0", "\ufffd")
                self._reject(row.line, None, row.reason, header, text)
                continue

            line, found = row
            # the cell after the last one stands for every column that the file lacks
            cells = list(in_order([*found, ""]))

            code = cells[store_at].strip().upper()

            if code == self.store_code:
                cells[store_at] = code
                yield cells
            else:
                reason = "is another store's" if code else EMPTY
                self._reject(line, STORE_CODE.name, reason, header, found)

        # no row, or half a row, where the last row should be: the portal gave up there
        self.is_proven_whole = self.is_proven_whole and not ends_broken

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

    def _selection(self, header: list[str]) -> Callable[[list[str]], Sequence[str]]:
        """Return a function that picks the cells of the table's columns.

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

        return itemgetter(*places)


@contextmanager
def _text(stream: BinaryIO) -> Iterator[TextIO]:
    """Yield a text file over `stream`, which stays open: its opener has yet to sync it."""
    file = TextIOWrapper(stream, encoding="utf-8", newline="")
    yield file
    file.detach()
