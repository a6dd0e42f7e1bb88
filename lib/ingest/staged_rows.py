"""The merged file as a stream of COPY lines: coerced, every row with its line and its fate. Pure.

Batches of columns, not rows of objects: the work is done by C functions over a column of a batch.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import accumulate, islice
from typing import TextIO

from lib.domain.exports import STORE_CODE, ColumnKind, Export, ExportColumn, Unusable
from lib.ingest.coerce import UNREADABLE, Uncoercible, coerce, reader
from lib.ingest.errors import DamagedMerge
from lib.ingest.rejects import EMPTY, Reject, Rejections

Values = list[str]

_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Fate(StrEnum):
    """Why a staged row is not matched by its key; a row without one is live: new, changed or unchanged."""

    #: No usable customer number: known, normal, counted (lesson 65).
    SKIPPED = "skipped"
    #: A required value is missing or unreadable.
    REJECTED = "rejected"
    #: Another row of its identity won.
    DUPLICATE = "duplicate"
    #: The stored row of its identity took its edited key and its values (lesson 6).
    MOVED = "moved"
    #: It would take the identity or the key of a row that is not its own (lesson 6).
    CLASH = "clash"


class Staging:
    """Reads a merged file once; afterwards knows what was refused."""

    def __init__(self, export: Export, file_name: str) -> None:
        #: By store.
        self.rejections: dict[str, Rejections] = {}
        #: How many optional cells became null for being unreadable, by store and column.
        self.unreadable: Counter[tuple[str, str]] = Counter()
        self._export = export
        self._file_name = file_name
        self._readers = [reader(column.kind) for column in export.columns]
        self._objections = [
            (place, column, bad)
            for place, column in enumerate(export.columns)
            if (bad := _objections(column))
        ]

        self._store_at = export.names.index(STORE_CODE.name)

    def copy_lines(self, file: TextIO, batch_size: int) -> Iterator[bytes]:
        """Yield the rows as COPY text: line, fate, reject, then the export's columns; an empty value is null.

        A fated row carries its store code only, a rejected one also what `ingest_rejects` keeps.
        Raises DamagedMerge.
        """
        rows = csv.reader(file)
        if next(rows, None) != list(self._export.names):
            raise DamagedMerge(f"{self._file_name} has not the header that the merge gave it")

        before = rows.line_num

        while batch := list(islice(rows, batch_size)):
            lines = _line_numbers(batch, before, rows.line_num)
            before = rows.line_num
            yield _copy_text(self._columns(batch, lines))

    def _columns(self, batch: list[Values], lines: Sequence[int]) -> list[Values]:
        try:
            cells = list(zip(*batch, strict=True))
        except ValueError:
            raise DamagedMerge(
                f"{self._file_name} has a row of another width after line {lines[0]}"
            ) from None

        if len(cells) != len(self._readers):
            raise DamagedMerge(f"{self._file_name} has rows of another width after line {lines[0]}")

        values = [read(column) for read, column in zip(self._readers, cells, strict=True)]

        fates, rejects = self._fates(batch, lines, values)
        for row in (row for row, fate in enumerate(fates) if fate):
            for place, column in enumerate(values):
                if place != self._store_at:
                    column[row] = ""

        return [list(map(str, lines)), fates, rejects, *values]

    def _fates(
        self, batch: list[Values], lines: Sequence[int], values: list[Values]
    ) -> tuple[Values, Values]:
        """Decide by the first column that objects; unreadable optional cells become null on the way."""
        fates, rejects = [""] * len(batch), [""] * len(batch)

        for place, column, bad in self._objections:
            found = values[place]
            for row in _rows_with(bad, found):
                store = batch[row][self._store_at]
                if column.unusable is Unusable.NULL:
                    found[row] = ""
                    self.unreadable[store, column.name] += 1
                elif not fates[row]:
                    fates[row] = Fate.SKIPPED
                    if column.unusable is Unusable.REJECT:
                        fates[row] = Fate.REJECTED
                        rejects[row] = self._reject(store, lines[row], column, place, batch[row])

        return fates, rejects

    def _reject(
        self, store: str, line: int, column: ExportColumn, place: int, cells: Values
    ) -> str:
        reason = _reason(column, cells[place])
        reject = Reject(
            store, self._file_name, line, column.name, reason, self._export.names, cells
        )
        self.rejections.setdefault(store, Rejections(self._file_name)).add(reject)

        return reject.as_json()


def _objections(column: ExportColumn) -> frozenset[str]:
    """Return what the column may not hold: the unreadable, which text never is, and the empty where it is required."""
    unreadable = set() if column.kind is ColumnKind.TEXT else {UNREADABLE}
    return frozenset(unreadable | ({""} if column.is_required else set()))


def _rows_with(bad: frozenset[str], values: Values) -> list[int]:
    if not any(value in values for value in bad):
        return []

    return [row for row, value in enumerate(values) if value in bad]


def _reason(column: ExportColumn, cell: str) -> str:
    try:
        coerce(column.kind, cell)
    except Uncoercible as error:
        return str(error)

    return EMPTY


def _line_numbers(batch: list[Values], before: int, after: int) -> Sequence[int]:
    """Return the number of each row's first line, given how many lines there were before and after the batch."""
    if after - before == len(batch):
        return range(before + 1, after + 1)

    spans = (1 + sum(len(_LINE_END.findall(cell)) for cell in cells) for cells in batch)
    return list(accumulate(spans, initial=before + 1))[:-1]


def _copy_text(columns: list[Values]) -> bytes:
    """Return PostgreSQL's COPY text format; values are escaped only in the rare batch that needs it."""
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))

    rows = len(columns[0])
    if (
        text.count("\t") != rows * (len(columns) - 1)
        or text.count("\n") != rows - 1
        or "\\" in text
        or "\r" in text
    ):
        text = "\n".join(
            "\t".join(value.translate(_ESCAPES) for value in row)
            for row in zip(*columns, strict=True)
        )

    return text.encode() + b"\n"
