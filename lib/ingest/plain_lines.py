"""Lines of a file that are its rows as they stand, read by a few calls for some hundred of them.

Pure. Nearly every line of an export is its cells and commas. What a part of a file is, is therefore
asked of the part and not of each line; a part of which anything is in doubt is read row by row by
`lib.ingest.parse`, to the same rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAB = "\t"
#: A cell of its own that ends each row: no line holds a line break.
_END = "\n"
#: Stands for a comma that is part of a cell.
_COMMA = "\x1f"
#: Stands between cells while those stand for themselves.
_CELL_END = "\x1e"
#: What makes a part more than plain: what COPY escapes, what no text of PostgreSQL may hold, what
#: stands for bytes that are not UTF-8, what ends a line for some, and what is needed here.
_EXCLUDED = (*"\\\0\ufffd\r\v\f\x1c\x1d\x85\u2028\u2029", _TAB, _COMMA, _CELL_END)


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Lines that are one row each; none has a character that COPY escapes."""

    #: The number of the first line in its file.
    first: int
    #: As the csv module writes them.
    written: str = field(repr=False)
    #: The same rows with tabs between their cells.
    records: list[str] = field(repr=False)
    #: Whether a cell may begin or end with white space.
    may_be_padded: bool
    _width: int
    #: All cells in a row, with an end after each row but the last.
    _cells: list[str] = field(repr=False)

    def __len__(self) -> int:
        return len(self.records)

    def column(self, place: int) -> list[str]:
        """Return the cells of a column."""
        return self._cells[place :: self._width + 1]

    def row(self, number: int) -> list[str]:
        """Return the cells of a row, which is counted from 0."""
        return self.records[number].split(_TAB)

    def numbered_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each line's number in the file and its cells."""
        for number in range(len(self)):
            yield self.first + number, self.row(number)

    def padded(self) -> list[int]:
        """Return the rows of which a cell begins or ends with white space, or might."""
        if not self.may_be_padded:
            return []

        return [number for number, record in enumerate(self.records) if _may_be_padded(record)]


def plain_lines(text: str, width: int, first: int) -> PlainLines | None:
    """Return the lines of `text`, whole ones; None unless each is a row of `width` cells.

    A row has two cells or more: of one, a blank line could be a row.
    """
    line_end = "\r\n" if "\r" in text else "\n"
    # the last line may have an end of its own, or none
    last_end = line_end if text.endswith(line_end) else "\n"
    lines = text.removesuffix(last_end).split(line_end)
    written, unquoted = lines, "\n".join(lines)

    # where lines end with \r\n, a line feed alone is within one
    if unquoted.count("\n") != len(lines) - 1:
        return None

    if any(character in unquoted for character in _EXCLUDED):
        return None

    if '"' in unquoted:
        found = _without_quotes(lines, unquoted) or _read_by_csv(lines)
        if found is None:
            return None

        written, unquoted = found

    records = unquoted.replace(",", _TAB).replace(_COMMA, ",").split("\n")
    marked = f"{_TAB}{_END}{_TAB}".join(records)
    cells = marked.split(_TAB)

    # every row ends where it should, so all have the width; and each line is one row
    ends = cells[width :: width + 1]
    if len(cells) != len(lines) * (width + 1) - 1 or ends.count(_END) != len(lines) - 1:
        return None

    return PlainLines(
        first,
        "\r\n".join(written) + "\r\n",
        records,
        _may_be_padded(marked),
        width,
        cells,
    )


def _without_quotes(lines: list[str], text: str) -> tuple[list[str], str] | None:
    """Return the lines as the csv module writes them, and together without quotes.

    There a comma in a cell is replaced. None unless quotes do nothing but enclose whole cells, in
    one line and without a quote in them.
    """
    pieces = f"\n{text}\n".split('"')
    outside, cells = pieces[::2], pieces[1::2]

    before = {piece[-1:] for piece in outside[:-1]}
    after = {piece[:1] for piece in outside[1:]}
    inside = "\n".join(cells)

    if len(outside) != len(cells) + 1 or inside.count("\n") != len(cells) - 1:
        return None

    if not before | after <= {",", "\n"}:
        return None

    written = lines
    if not all("," in cell for cell in cells):
        pieces[1::2] = [f'"{cell}"' if "," in cell else cell for cell in cells]
        written = "".join(pieces)[1:-1].split("\n")

    pieces[1::2] = inside.replace(",", _COMMA).split("\n")
    return written, "".join(pieces)[1:-1]


def _read_by_csv(lines: list[str]) -> tuple[list[str], str] | None:
    """Return what `_without_quotes` returns, of lines with any quotes; None if one is no row."""
    quoted = [place for place, line in enumerate(lines) if '"' in line]

    try:
        rows = list(csv.reader([lines[place] for place in quoted], strict=True))
    except csv.Error:
        return None

    if len(rows) != len(quoted):
        return None

    written, unquoted = lines.copy(), lines.copy()
    rendered: list[str] = []

    csv.writer(_Appender(rendered), lineterminator="").writerows(rows)

    # all rows at once: no cell has a line break
    together = "\n".join(map(_CELL_END.join, rows))
    plain = together.replace(",", _COMMA).replace(_CELL_END, ",").split("\n")

    for place, line, without_quotes in zip(quoted, rendered, plain, strict=True):
        written[place] = line
        unquoted[place] = without_quotes

    return written, "\n".join(unquoted)


class _Appender:
    """What a csv.writer writes to, as a list."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _may_be_padded(tabbed: str) -> bool:
    """Return False if no cell between the tabs begins or ends with white space."""
    # Of ASCII only the space is left: others end a line, or are excluded. Both searches look for
    # the space first, which is rarer than the tab.
    return (
        not tabbed.isascii()
        or tabbed.rfind(" \t") >= 0
        or tabbed.find("\t ") >= 0
        or tabbed.startswith(" ")
        or tabbed.endswith(" ")
    )
