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
from lib.ingest.errors import UnusableFile
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


def merge(bucket: Bucket, downloads: Sequence[Download], directory: Path, run_on: date) -> Merge:
    """Write `merged_<bucket>_<run_on>.csv` into `directory`, complete or not at all, and replace one of that name.

    An unusable file is an error finding, its store has no counts, and the others go on. A row whose
    own store code is not the store's whose file it is, is rejected: nobody knows whose it is.
    """
    export = EXPORTS[bucket]
    path = directory / export.merged_name(run_on)
    counts: dict[str, FileCounts] = {}
    findings: list[Finding] = []
    rejects: list[Reject] = []

    path.parent.mkdir(parents=True, exist_ok=True)

    with replacing(path) as stream, _text(stream) as file:
        writer = csv.writer(file)
        writer.writerow(export.names)

        for download in downloads:
            source = _Source(export, download)

            try:
                counts[source.store_code] = source.copy_to(writer.writerow)
            except UnusableFile as error:
                findings.append(
                    source.finding(Status.ERROR, f"{download.path.name} is left out: {error}")
                )

            findings += source.findings
            rejects += source.rejects

    return Merge(bucket, path, counts, tuple(findings), tuple(rejects))


class _Source:
    """One store's file on its way into the merged one."""

    def __init__(self, export: Export, download: Download) -> None:
        self.store_code = download.store_code.upper()
        self.findings: list[Finding] = []
        self.rejects: list[Reject] = []

        self._export = export
        self._path = download.path

    def finding(self, severity: Status, text: str) -> Finding:
        return Finding(severity, text, self.store_code, self._export.bucket)

    def copy_to(self, write: Callable[[list[str]], object]) -> FileCounts:
        """Append the file's rows; raises UnusableFile before the first one."""
        written = 0

        with open_text(self._path) as file:
            opened = open_export(file)
            for cells in self._rows(opened):
                write(cells)
                written += 1

        rejections = Rejections(self._path.name)

        for reject in self.rejects:
            rejections.add(reject)

        self.findings += [
            self.finding(rejections.severity(written + rejections.count), text)
            for text in rejections.texts()
        ]

        if count := opened.lines_with_unreadable_characters:
            self.findings.append(
                self.finding(
                    Status.WARNING, f"{count} lines are not UTF-8; bad bytes were replaced"
                )
            )

        return FileCounts(written + rejections.count, written, rejections.count)

    def _rows(self, opened: ExportFile) -> Iterator[list[str]]:
        """Yield the good rows in the export's columns, with the store's own spelling of its code."""
        if not opened.header:
            return

        in_order, store_at = (
            self._selection(opened.header),
            self._export.names.index(STORE_CODE.name),
        )

        for row in opened.rows():
            if isinstance(row, BrokenLine):
                self._reject(
                    row.line, None, row.reason, opened.header, row.text.replace("\0", "\ufffd")
                )
                continue

            line, found = row
            cells = list(in_order([*found, ""]))

            code = cells[store_at].strip().upper()
            if code == self.store_code:
                cells[store_at] = code
                yield cells
            else:
                self._reject(
                    line,
                    STORE_CODE.name,
                    "is another store's" if code else EMPTY,
                    opened.header,
                    found,
                )

    def _reject(
        self,
        line: int,
        column: str | None,
        reason: str,
        header: list[str],
        content: Sequence[str] | str,
    ) -> None:
        self.rejects.append(
            Reject(self.store_code, self._path.name, line, column, reason, header, content)
        )

    def _selection(self, header: list[str]) -> Callable[[list[str]], Sequence[str]]:
        """Return what picks the export's columns; an optional column that the file lacks is the cell after the last."""
        if missing := self._export.missing(header):
            raise UnusableFile(
                f"it has no column {', '.join(missing)}; is it this bucket's export?"
            )

        found = headers.positions(header)

        places = [column.position(found) for column in self._export.columns]
        if lacking := [
            name for name, place in zip(self._export.names, places, strict=True) if place is None
        ]:
            self.findings.append(
                self.finding(
                    Status.WARNING, f"{self._path.name} has no column {', '.join(lacking)}"
                )
            )

        return itemgetter(*(len(header) if place is None else place for place in places))


@contextmanager
def _text(stream: BinaryIO) -> Iterator[TextIO]:
    """Yield a text file over `stream`, which stays open: whoever opened it has yet to sync it."""
    file = TextIOWrapper(stream, encoding="utf-8", newline="")
    yield file
    file.detach()
