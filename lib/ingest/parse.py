"""One store's file as a stream of rows: whatever is in it, a bad line costs that line.

Memory is bounded by MAX_RECORD_CHARS, whatever the size of the file.

Source: docs/reference/domain.md#export-headers, #valid-download.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from lib.ingest.errors import UnusableFile

ZERO_ROWS = "no data available to export"
#: Of one row, however many lines it spans: far more than any real one, far less than a file after a
#: stray quote.
MAX_RECORD_CHARS = 50_000

#: Of a broken line.
KEPT_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no row. The reason never quotes it."""

    line: int
    reason: str
    #: Customer data: the line itself, at most KEPT_CHARS of it.
    text: str = field(default="", repr=False, compare=False)


#: The number of the row's first line in the file, from 1, and its cells, as many as the header has.
Row = tuple[int, list[str]]


@dataclass
class ExportFile:
    """An open file: its header, empty for a file without rows or header, and what follows."""

    header: list[str]
    _lines: _Lines = field(repr=False)

    @property
    def lines_with_unreadable_characters(self) -> int:
        """How many lines read so far were not UTF-8; their bad bytes read as U+FFFD."""
        return self._lines.replaced

    def rows(self) -> Iterator[Row | BrokenLine]:
        """Yield every line after the header, once: as part of a row or as broken.

        Blank lines are left out.
        """
        reader = csv.reader(self._lines)

        while True:
            try:
                cells = next(reader)
                reason = _objection(self._lines.current, cells, len(self.header))
            except StopIteration:
                return
            except _Refused as refusal:
                reason = str(refusal)
            except csv.Error:
                reason = "cannot be read as CSV"

            if reason:
                yield BrokenLine(self._lines.give_up(), reason, self._lines.current[0][:KEPT_CHARS])
            elif cells:
                yield self._lines.first, cells

            self._lines.accept()


def open_export(file: TextIO) -> ExportFile:
    """Read up to the header. `file` comes from `open_text`.

    The zero-row sentence alone is an export without header and rows; before a real CSV it is
    dropped. Raises UnusableFile when there is neither.
    """
    lines = _Lines(file)
    is_zero_rows = False

    try:
        for cells in csv.reader(lines):
            lines.accept()
            if _is_zero_rows(cells):
                is_zero_rows = True
            elif any(cell.strip() for cell in cells):
                return ExportFile(cells, lines)
    except (csv.Error, _Refused):
        raise UnusableFile("the file does not begin with a CSV header") from None

    if not is_zero_rows:
        raise UnusableFile(
            "the file is empty: not even a header or the portal's sentence for no rows"
        )

    return ExportFile([], lines)


def open_text(path: Path) -> TextIO:
    """Open a file for `open_export`: UTF-8 with or without a byte-order mark, line ends as they are.

    Raises UnusableFile when it cannot be opened.
    """
    try:
        return path.open(encoding="utf-8-sig", errors="replace", newline="")
    except OSError as error:
        raise UnusableFile(f"the file cannot be opened: {error.strerror}") from error


class _Refused(Exception):
    """A line that the CSV reader must not see."""


class _Lines:
    """Lines of a file that remembers those of the row being read, so that they can be given back."""

    def __init__(self, file: TextIO) -> None:
        self.replaced = 0
        #: The lines of the row being read.
        self.current: list[str] = []
        #: The number of the first of them.
        self.first = 1
        self._size_chars = 0
        self._file = file

        self._returned: deque[str] = deque()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._read()
        self.current.append(line)

        if "\0" in line:
            raise _Refused("holds a NUL byte")

        if len(line) >= MAX_RECORD_CHARS:
            raise _Refused("is longer than any row")

        self._size_chars += len(line)
        if self._size_chars >= MAX_RECORD_CHARS:
            raise _Refused("opens a quote that nothing closes")

        return line

    def accept(self) -> None:
        """Forget the lines of the row: it is done."""
        self.first += len(self.current)
        self.current.clear()
        self._size_chars = 0

    def give_up(self) -> int:
        """Take the first line of the row for bad and read the others again; return its number."""
        self._returned.extendleft(reversed(self.current[1:]))
        del self.current[1:]

        return self.first

    def _read(self) -> str:
        line = self._file.readline(MAX_RECORD_CHARS)
        if not line:
            raise StopIteration

        rest = line
        while len(rest) == MAX_RECORD_CHARS and not rest.endswith(("\n", "\r")):
            rest = self._file.readline(MAX_RECORD_CHARS)

        if "\ufffd" in line:
            self.replaced += 1

        return line


def _objection(lines: list[str], cells: list[str], width: int) -> str | None:
    """Say why the cells are no row.

    A stray quote may swallow whole rows and still end with the right number of cells: it shows as a
    line inside the row that has the commas of a row of its own.
    """
    if not cells:
        return None

    if len(cells) != width:
        return f"has {len(cells)} fields where the header has {width}"

    if len(lines) > 1 and any(line.count(",") >= width - 1 for line in lines[1:]):
        return "opens a quote that nothing closes"

    return None


def _is_zero_rows(cells: list[str]) -> bool:
    return len(cells) == 1 and cells[0].strip().rstrip(".").casefold() == ZERO_ROWS
