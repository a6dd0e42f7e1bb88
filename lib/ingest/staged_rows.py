"""The rows of a merged file as lines for COPY: values, and each row with its line and its status.

Batches of columns, not rows of objects: the work is done by C functions over a column of a batch,
and here and in `lib.ingest.coerce` a comprehension is what keeps a load near the cost of a plain
COPY (tests/proofs/bench/bench_ingest.py).

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path

from lib.domain.exports import STORE_CODE, ColumnKind, Export, ExportColumn, Unusable
from lib.ingest.coerce import UNREADABLE, Uncoercible, coerce, reader
from lib.ingest.duplicates import Duplicates
from lib.ingest.plain_lines import PlainLines
from lib.ingest.rejects import EMPTY, Reject, Rejections
from lib.ingest.unnamed_file import UnnamedFile

#: One value of every row of a batch, or every cell of one row.
Values = list[str]
#: By the place of the column.
Columns = dict[int, Values]

_LINE_END = re.compile(r"\r\n|\r|\n")
#: Stands where a row begins that is not live.
_NOT_LIVE = ord("f")
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

    A live row has none: it will be new, changed or unchanged.
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


class RowBatch:
    """Rows that were read one by one."""

    #: There are none: what COPY escapes was not looked for.
    records: None = None
    may_be_padded = True

    def __init__(self, rows: Sequence[Values]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, place: int) -> Values:
        """Return the cells of a column."""
        return [row[place] for row in self._rows]

    def row(self, number: int) -> Values:
        """Return the cells of a row, which is counted from 0."""
        return self._rows[number]


class StagedRows:
    """The rows of one bucket, store by store; afterwards has what was refused.

    A row is whether it is live, its line in the merged file, status, reject and the export's
    columns. An empty value is null; a row without status that is not live is a duplicate. A refused
    row carries its store code only, a rejected one also what `ingest_rejects` keeps. Memory: the
    rows of one store.
    """

    def __init__(
        self,
        export: Export,
        merged_file: Path,
    ) -> None:
        #: By store.
        self.rejections: dict[str, Rejections] = {}
        #: How many optional cells became null, unreadable or no possible day, by store and column.
        self.unreadable: Counter[tuple[str, str]] = Counter()
        #: Holds what customers wrote, so it has no name that anybody could find after a kill.
        self.file = UnnamedFile(merged_file.parent)

        self._export = export
        self._file_name = merged_file.name
        self._checks = list(_checks(export))
        self._duplicates = Duplicates(export)
        self._store_at = export.names.index(STORE_CODE.name)
        self._readers = self._readers_by_place()
        self._readers_of_trimmed = self._readers | {
            place: list for place in self._readers if export.columns[place].kind is ColumnKind.TEXT
        }
        self._next_line = 2

        # of the store whose rows are coming
        self._text = bytearray()
        self._sizes: list[int] = []
        self._looked_at: dict[int, Values] = {place: [] for place in self._duplicates.places}
        self._refused: set[int] = set()

    def _readers_by_place(self) -> dict[int, Callable[[Values], Values]]:
        """Return what reads a column, but for those of which nothing is asked: they are trimmed."""
        asked = {check.place for check in self._checks} | self._duplicates.places
        kinds = enumerate(column.kind for column in self._export.columns)

        return {place: reader(kind) for place, kind in kinds if place in asked}

    def add(self, rows: PlainLines | RowBatch) -> None:
        """Add rows that follow each other in the merged file."""
        lines = self._line_numbers(rows)
        cells = {place: rows.column(place) for place in self._readers}
        readers = self._readers if rows.may_be_padded else self._readers_of_trimmed
        values = {place: read(cells[place]) for place, read in readers.items()}

        refusals = self._check(rows, lines, values)
        records = self._records(rows, cells, values)

        # live, line, neither status nor reject, values
        staged = [f"t\t{line}\t\t\t{record}\n" for line, record in zip(lines, records, strict=True)]

        for row, (status, reject) in refusals.items():
            store_code = values[self._store_at][row]
            staged[row] = self._refused_row(lines[row], status, reject, store_code)
            self._refused.add(len(self._sizes) + row)

            for place in self._looked_at:
                values[place][row] = ""

        self._keep(staged)

        for place in self._looked_at:
            self._looked_at[place] += values[place]

    def _keep(self, staged: Values) -> None:
        """Keep rows until their store is complete, and how many bytes each has."""
        text = "".join(staged)

        self._text += text.encode()
        self._sizes.extend(map(len, staged if text.isascii() else map(str.encode, staged)))

    def end_store(self) -> None:
        """Mark the duplicates of the store whose rows were added, and write them all."""
        if outranked := self._duplicates.among(self._looked_at, self._refused):
            starts = list(accumulate(self._sizes, initial=0))

            for row in outranked:
                self._text[starts[row]] = _NOT_LIVE

        self.file.write(self._text)

        self._text.clear()
        self._sizes.clear()
        self._refused.clear()
        for column in self._looked_at.values():
            column.clear()

    def _check(
        self,
        rows: PlainLines | RowBatch,
        lines: Sequence[int],
        values: Columns,
    ) -> dict[int, tuple[RowStatus, str]]:
        """Return the refused rows' statuses and rejects; unreadable optional cells become null.

        The first column that refuses its value decides.
        """
        refusals: dict[int, tuple[RowStatus, str]] = {}

        for check in self._checks:
            column = check.column
            found = values[check.place]

            for row in _refused_rows(check, values):
                if column.unusable is Unusable.NULL:
                    found[row] = ""
                    self.unreadable[values[self._store_at][row], column.name] += 1
                elif row not in refusals and column.unusable is Unusable.SKIP:
                    refusals[row] = (RowStatus.SKIPPED, "")
                elif row not in refusals:
                    reject = self._reject(lines[row], check, rows.row(row))
                    refusals[row] = (RowStatus.REJECTED, reject)

        return refusals

    def _reject(
        self,
        line: int,
        check: _ColumnCheck,
        cells: Values,
    ) -> str:
        store = cells[self._store_at]
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

    def _refused_row(
        self,
        line: int,
        status: RowStatus,
        reject: str,
        store_code: str,
    ) -> str:
        values = [""] * len(self._export.columns)
        values[self._store_at] = store_code

        return "\t".join(["f", str(line), status, *_escaped([reject]), *values]) + "\n"

    def _line_numbers(self, rows: PlainLines | RowBatch) -> Sequence[int]:
        """Return the number of each row's first line in the merged file."""
        line_ends = [0] * len(rows)

        if rows.records is None:
            for row in range(len(rows)):
                line_ends[row] = sum(len(_LINE_END.findall(cell)) for cell in rows.row(row))

        first = self._next_line
        self._next_line += len(rows) + sum(line_ends)

        if self._next_line == first + len(rows):
            return range(first, self._next_line)

        before = accumulate(line_ends[:-1], initial=0)
        return [first + row + ends for row, ends in enumerate(before)]

    def _records(
        self,
        rows: PlainLines | RowBatch,
        cells: Columns,
        values: Columns,
    ) -> Values:
        """Return each row's values with tabs between them, escaped for COPY.

        A plain line is made anew only where a value is not its cell.
        """
        if rows.records is None:
            return self._made_anew(rows, values)

        changed = set(rows.padded())

        for place, column in values.items():
            if column != cells[place]:
                pairs = enumerate(zip(cells[place], column, strict=True))
                changed.update([row for row, (cell, value) in pairs if cell != value])

        if len(changed) * 4 > len(rows):
            return self._made_anew(rows, values)

        records = rows.records.copy()

        for row in changed:
            texts = list(map(str.strip, rows.row(row)))
            for place, column in values.items():
                texts[place] = column[row]

            records[row] = "\t".join(texts)

        return records

    def _made_anew(
        self,
        rows: PlainLines | RowBatch,
        values: Columns,
    ) -> Values:
        columns = []

        for place in range(len(self._export.columns)):
            column = values.get(place)
            columns.append(list(map(str.strip, rows.column(place))) if column is None else column)

        return _tabbed(columns)


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


def _refused_rows(check: _ColumnCheck, values: Columns) -> list[int]:
    found = values[check.place]
    rows = []

    # nearly every batch has none: a search in C costs less than a loop
    if not check.refused.isdisjoint(found):
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


def _tabbed(columns: list[Values]) -> Values:
    """Return each row with tabs between its values; only a batch that needs it is escaped."""
    records = list(map("\t".join, zip(*columns, strict=True)))
    together = "\n".join(records)

    tabs, line_ends = len(records) * (len(columns) - 1), len(records) - 1
    is_plain = together.count("\t") == tabs and together.count("\n") == line_ends

    if is_plain and "\\" not in together and "\r" not in together:
        return records

    escaped = map(_escaped, columns)
    return list(map("\t".join, zip(*escaped, strict=True)))


def _escaped(values: Values) -> Values:
    return [value.translate(_ESCAPES) for value in values]
