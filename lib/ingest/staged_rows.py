"""The merged file as a stream of COPY lines: values, and each row with its line and its status.

Pure. Batches of columns, not rows of objects: the work is done by C functions over a column of a
batch, and here and in `lib.ingest.coerce` a comprehension is what keeps a load near the cost of a
plain COPY (tests/proofs/bench/bench_ingest.py).

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TextIO

from lib.domain.exports import STORE_CODE, ColumnKind, Export, ExportColumn, Unusable
from lib.ingest.coerce import UNREADABLE, Uncoercible, coerce, reader
from lib.ingest.errors import DamagedMerge
from lib.ingest.rejects import EMPTY, Reject, Rejections

#: One value of every row of a batch.
Values = list[str]

_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPES = str.maketrans(
    {
        "\\": r"\\",
        "\t": r"\t",
        "\n": r"\n",
        "\r": r"\r",
    }
)


class RowStatus(StrEnum):
    """Why a staged row is not loaded as new, changed or unchanged.

    A row without a status is live: it will be new, changed or unchanged.
    """

    #: No usable customer number: known, normal, counted (lesson 65).
    SKIPPED = "skipped"
    #: A required value is missing or unreadable.
    REJECTED = "rejected"
    #: Another row of its identity goes before it.
    DUPLICATE = "duplicate"
    #: The stored row of its identity took its edited key and its values (lesson 6).
    MOVED = "moved"
    #: It would take the identity or the key of a row that is not its own (lesson 6).
    CLASH = "clash"


@dataclass(frozen=True)
class _ColumnCheck:
    """What a column may not hold."""

    #: Of the column in the export.
    place: int
    column: ExportColumn
    #: The values that are refused.
    refused: frozenset[str]
    #: The place of the day that this column's day may not be before.
    floor: int | None


class StagedRows:
    """Reads a merged file once; afterwards has what was refused."""

    def __init__(self, export: Export, file_name: str) -> None:
        #: By store.
        self.rejections: dict[str, Rejections] = {}
        #: How many optional cells became null, unreadable or no possible day, by store and column.
        self.unreadable: Counter[tuple[str, str]] = Counter()

        self._export = export
        self._file_name = file_name
        self._readers = [reader(column.kind) for column in export.columns]
        self._checks = list(_checks(export))
        self._store_at = export.names.index(STORE_CODE.name)

    def copy_lines(self, file: TextIO, batch_size: int) -> Iterator[bytes]:
        """Yield the rows as COPY text: line, status, reject, the export's columns.

        An empty value is null. A row with a status carries its store code only, a rejected one also
        what `ingest_rejects` keeps. Raise DamagedMerge if `lib.ingest.merge` did not write `file`.
        """
        rows = csv.reader(file)
        if next(rows, None) != list(self._export.names):
            raise DamagedMerge(f"{self._file_name} has not the header that the merge gave it")

        lines_before = rows.line_num

        while batch := list(islice(rows, batch_size)):
            lines = _line_numbers(batch, lines_before, rows.line_num)
            lines_before = rows.line_num
            yield _copy_text(self._columns(batch, lines))

    def _columns(
        self,
        batch: list[Values],
        lines: Sequence[int],
    ) -> list[Values]:
        try:
            cells = list(zip(*batch, strict=True))
        except ValueError:
            cells = []

        if len(cells) != len(self._readers):
            raise DamagedMerge(
                f"{self._file_name} has a row of another width after line {lines[0]}"
            )

        pairs = zip(self._readers, cells, strict=True)
        values = [read(column) for read, column in pairs]

        statuses, rejects = self._check(batch, lines, values)

        for row, status in enumerate(statuses):
            if status:
                self._keep_store_code_only(values, row)

        return [list(map(str, lines)), statuses, rejects, *values]

    def _check(
        self,
        batch: list[Values],
        lines: Sequence[int],
        values: list[Values],
    ) -> tuple[Values, Values]:
        """Return the rows' statuses and rejects; unreadable optional cells become null on the way.

        The first column that refuses its value decides.
        """
        statuses = [""] * len(batch)
        rejects = [""] * len(batch)

        for check in self._checks:
            column = check.column
            found = values[check.place]

            for row in _refused_rows(check, values):
                store = batch[row][self._store_at]

                if column.unusable is Unusable.NULL:
                    found[row] = ""
                    self.unreadable[store, column.name] += 1
                elif not statuses[row] and column.unusable is Unusable.SKIP:
                    statuses[row] = RowStatus.SKIPPED
                elif not statuses[row]:
                    statuses[row] = RowStatus.REJECTED
                    rejects[row] = self._reject(
                        store,
                        lines[row],
                        check,
                        batch[row],
                    )

        return statuses, rejects

    def _reject(
        self,
        store: str,
        line: int,
        check: _ColumnCheck,
        cells: Values,
    ) -> str:
        reject = Reject(
            store_code=store,
            file_name=self._file_name,
            line=line,
            column=check.column.name,
            reason=_reason(check.column, cells[check.place]),
            header=self._export.names,
            content=cells,
        )

        self.rejections.setdefault(store, Rejections(self._file_name)).add(reject)
        return reject.as_json()

    def _keep_store_code_only(
        self,
        values: list[Values],
        row: int,
    ) -> None:
        for place, column in enumerate(values):
            if place != self._store_at:
                column[row] = ""


def _checks(export: Export) -> Iterator[_ColumnCheck]:
    """Yield what has to be looked for: most columns are optional texts, which hold anything."""
    for place, column in enumerate(export.columns):
        refused = set()

        if column.kind is not ColumnKind.TEXT:
            refused.add(UNREADABLE)

        if column.is_required:
            refused.add("")

        floor = export.names.index(column.not_before) if column.not_before else None

        if refused:
            yield _ColumnCheck(place, column, frozenset(refused), floor)


def _refused_rows(check: _ColumnCheck, values: list[Values]) -> list[int]:
    found = values[check.place]
    rows = []

    # nearly every batch has none: a search in C costs less than a loop
    if any(value in found for value in check.refused):
        rows = [row for row, value in enumerate(found) if value in check.refused]

    if check.floor is None:
        return rows

    # Days are ISO texts, in whose order they are compared; an empty or unreadable cell sorts first.
    floors = values[check.floor]
    early = [row for row, value in enumerate(found) if UNREADABLE < value < floors[row]]

    return rows + early


def _reason(column: ExportColumn, cell: str) -> str:
    try:
        coerce(column.kind, cell)
    except Uncoercible as error:
        return str(error)

    return EMPTY


def _line_numbers(
    batch: list[Values],
    before: int,
    after: int,
) -> Sequence[int]:
    """Return the number of each row's first line.

    `before` and `after` are the numbers of lines before and up to the end of the batch.
    """
    if after - before == len(batch):
        return range(before + 1, after + 1)

    numbers = []
    line = before + 1

    for cells in batch:
        numbers.append(line)
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in cells)

    return numbers


def _copy_text(columns: list[Values]) -> bytes:
    """Return PostgreSQL's COPY text format; only the rare batch that needs it is escaped."""
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))

    rows = len(columns[0])

    is_plain = text.count("\t") == rows * (len(columns) - 1) and text.count("\n") == rows - 1

    if not is_plain or "\\" in text or "\r" in text:
        escaped = [_escaped(column) for column in columns]
        text = "\n".join(map("\t".join, zip(*escaped, strict=True)))

    return text.encode() + b"\n"


def _escaped(values: Values) -> Values:
    return [value.translate(_ESCAPES) for value in values]
