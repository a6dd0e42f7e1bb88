"""One store's file as a stream of rows: whatever is in it, a bad line costs that line.

Memory is bounded by MAX_RECORD_CHARS, whatever the size of the file.

Source: docs/reference/domain.md#export-headers, #valid-download.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from lib.ingest.errors import UnusableExport
from lib.ingest.plain_lines import PlainLines, plain_lines
from lib.ingest.quoting import cells_of

ZERO_ROWS = "no data available to export"
#: Of one row, however many lines it spans: far more than any real one, far less than a file after a
#: stray quote.
MAX_RECORD_CHARS = 50_000
#: Lines of one row that is quoted as PHP does.
MAX_RECORD_LINES = 100

#: Of a broken line.
KEPT_CHARS = 4_000

#: Of a part of a file that is looked at as a whole: some hundred rows, so that what is made of them
#: stays in the processor's caches.
PART_CHARS = 32_768

UNCLOSED = "opens a quote that nothing closes"


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

    def parts(self) -> Iterator[PlainLines | Row | BrokenLine]:
        """Yield what `rows` yields, once, where possible many plain lines at a time."""
        width = len(self.header)
        lines = self._lines

        while text := lines.take_part():
            plain = None

            # no line that the other way would find too long
            if width > 1 and len(text) < MAX_RECORD_CHARS:
                plain = plain_lines(text, width, lines.first)

            if plain:
                lines.first += len(plain)
                yield plain
            else:
                lines.give_back_part(text)
                yield from self._rows(lambda: lines.has_returned)

    def rows(self) -> Iterator[Row | BrokenLine]:
        """Yield every line after the header, once: as part of a row or as broken.

        A row is what RFC 4180 says, in as many lines as its quotes say, whatever these look like.
        Only what the RFC does not explain is read as PHP writes it, then with a stray quote in one
        line. Blank lines are left out.
        """
        return self._rows(lambda: True)

    def _rows(self, goes_on: Callable[[], bool]) -> Iterator[Row | BrokenLine]:
        """Yield rows until the file ends or, between two of them, `goes_on` says no."""
        width = len(self.header)
        lines = self._lines
        reader = csv.reader(lines, strict=True)

        while goes_on():
            cells: list[str] | None = None
            reason = ""

            try:
                cells = next(reader)
            except StopIteration:
                return
            except _Refused as refusal:
                reason = str(refusal)
            except csv.Error:
                # the reader asked for a line after the last one: a quote is open
                reason = UNCLOSED if lines.is_at_end else "cannot be read as CSV"

            if cells and len(cells) != width:
                reason = f"has {len(cells)} fields where the header has {width}"

            if reason:
                cells, reason = _read_again(lines, width, reason)

            if reason:
                yield BrokenLine(
                    lines.first,
                    reason,
                    lines.current[0][:KEPT_CHARS],
                )
            elif cells:
                yield lines.first, cells

            lines.accept()


def open_export(file: TextIO) -> ExportFile:
    """Read up to the header. `file` comes from `open_text`.

    The zero-row sentence alone is an export without header and rows; before a real CSV it is
    dropped. Raise UnusableExport if there is neither.
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
        raise UnusableExport("the file does not begin with a CSV header") from None

    if not is_zero_rows:
        raise UnusableExport(
            "the file is empty: not even a header or the portal's sentence for no rows"
        )

    return ExportFile([], lines)


def open_text(path: Path) -> TextIO:
    """Open a file for `open_export`: UTF-8, with or without a byte-order mark, any line ends.

    Raise UnusableExport if it cannot be opened.
    """
    try:
        return path.open(
            encoding="utf-8-sig",
            errors="replace",
            newline="",
        )
    except OSError as error:
        raise UnusableExport(f"the file cannot be opened: {error.strerror}") from error


class _Refused(Exception):
    """A line that the CSV reader must not see."""


class _Lines:
    """Lines of a file; those of the row being read can be given back."""

    def __init__(self, file: TextIO) -> None:
        self.replaced = 0
        #: True once a line after the last one was asked for.
        self.is_at_end = False
        #: The lines of the row being read.
        self.current: list[str] = []
        #: The number of the first of them.
        self.first = 1
        self._size_chars = 0
        self._file = file

        self._returned: deque[str] = deque()
        #: A part that was taken and given back, and its size.
        self._part = io.StringIO()
        self._part_chars = 0

    @property
    def has_returned(self) -> bool:
        """Whether lines that were given back are still to be read."""
        return bool(self._returned) or self._part.tell() < self._part_chars

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
            raise _Refused(UNCLOSED)

        return line

    def accept(self) -> None:
        """Forget the lines of the row: it is done."""
        self.first += len(self.current)
        self.current.clear()
        self._size_chars = 0

    def give_back(self, count: int = 1) -> None:
        """Keep the first `count` lines of the row, and have the others read again."""
        self._returned.extendleft(reversed(self.current[count:]))
        del self.current[count:]
        self._size_chars = sum(map(len, self.current))

    def take_part(self) -> str:
        """Return the next whole lines of the file, empty at its end.

        A line that is too long for any row may be cut.
        """
        return self._file.read(PART_CHARS) + self._file.readline(MAX_RECORD_CHARS)

    def give_back_part(self, text: str) -> None:
        """Have a part that was taken read line by line."""
        self._part = io.StringIO(text, newline="")
        self._part_chars = len(text)

    def _readline(self) -> str:
        line = self._part.readline(MAX_RECORD_CHARS)

        # the file's own line, or the rest of one that was cut where the part ends
        if not line.endswith(("\n", "\r")):
            line += self._file.readline(MAX_RECORD_CHARS - len(line))

        return line

    def _read(self) -> str:
        line = self._readline()
        if not line:
            self.is_at_end = True
            raise StopIteration

        rest = line
        while len(rest) == MAX_RECORD_CHARS and not rest.endswith(("\n", "\r")):
            rest = self._readline()

        if "\ufffd" in line:
            self.replaced += 1

        return line


def _read_again(
    lines: _Lines,
    width: int,
    reason: str,
) -> tuple[list[str] | None, str]:
    """Read the row that begins with the first of the current lines in the other ways.

    Return its cells and no reason, its lines being the current ones; or None and why its first line
    is broken, which is then the only current one.
    """
    was_unclosed = len(lines.current) > 1
    is_php = '\\"' in "".join(lines.current)
    lines.give_back()

    if "\0" in lines.current[0] or len(lines.current[0]) >= MAX_RECORD_CHARS:
        return None, reason

    if is_php and (cells := _read_php(lines, width)):
        return cells, ""

    lines.give_back()

    line = _without_end(lines.current[0])
    if cells := cells_of(line, width, allow_stray=True):
        return cells, ""

    return None, UNCLOSED if was_unclosed else reason


def _read_php(lines: _Lines, width: int) -> list[str] | None:
    """Return the cells of the row that begins with the current line, however many lines it has."""
    for _ in range(MAX_RECORD_LINES):
        record = _without_end("".join(lines.current))
        if cells := cells_of(record, width):
            return cells

        try:
            next(lines)
        except (StopIteration, _Refused):
            return None

    return None


def _without_end(record: str) -> str:
    return record.removesuffix("\n").removesuffix("\r")


def _is_zero_rows(cells: list[str]) -> bool:
    return len(cells) == 1 and cells[0].strip().rstrip(".").casefold() == ZERO_ROWS
