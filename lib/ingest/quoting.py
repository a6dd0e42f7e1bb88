r"""Cells of a record that RFC 4180 does not explain: quoted by PHP, or with a stray quote. Pure.

The portal is written in PHP. Its `fputcsv` encloses a cell as the RFC says, but does not double a
quote behind a backslash: `say \"hi\"` stands in the file as `"say \"hi\""`. A reader by the RFC
ends that cell at the first `\"`. Where a backslash is the last character of a cell, only the rest
of the record says that the quote behind it ends the cell.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

from collections.abc import Iterator

#: Quotes and commas that are looked at for one record: far more than any real one has.
STEPS_LIMIT = 20_000


class _TooManySteps(Exception):
    """The record has more readings than are tried."""


def cells_of(
    record: str,
    width: int,
    *,
    allow_stray: bool = False,
) -> list[str] | None:
    """Return the `width` cells of a record without its line end, None if it has not so many.

    Of several readings the one whose cells end earliest. `allow_stray`: a quote that neither begins
    nor ends a cell is a character like any other.
    """
    readings = _Readings(record, allow_stray=allow_stray)

    # Readings to go on with, the preferred one last: where the next cell begins, the cells before.
    open_readings: list[tuple[int, list[str]]] = [(0, [])]
    seen = set()

    try:
        while open_readings:
            start, cells = open_readings.pop()
            further = []

            for cell, end in readings.cells_from(start):
                found = [*cells, cell]

                if end == len(record):
                    if len(found) == width:
                        return found
                elif len(found) < width and (end, len(found)) not in seen:
                    seen.add((end, len(found)))
                    further.append((end + 1, found))

            open_readings += reversed(further)
    except _TooManySteps:
        return None

    return None


class _Readings:
    def __init__(self, record: str, *, allow_stray: bool) -> None:
        self._record = record
        self._allow_stray = allow_stray
        self._steps = 0

    def cells_from(self, start: int) -> Iterator[tuple[str, int]]:
        """Yield every reading of the cell that begins at `start`, and where it ends."""
        if self._record.startswith('"', start):
            yield from self._quoted(start)
        else:
            yield from self._plain(start)

    def _plain(self, start: int) -> Iterator[tuple[str, int]]:
        self._step()

        end = self._record.find(",", start)
        if end < 0:
            end = len(self._record)

        cell = self._record[start:end]
        if "\n" not in cell and (self._allow_stray or '"' not in cell):
            yield cell, end

    def _quoted(self, start: int) -> Iterator[tuple[str, int]]:
        record = self._record
        parts = []
        begin = start + 1

        quote = record.find('"', begin)

        while quote >= 0:
            self._step()
            parts.append(record[begin:quote])
            after = record[quote + 1 : quote + 2]
            is_escaped = quote - 1 > start and record[quote - 1] == "\\"

            if after in {"", ","}:
                yield "".join(parts), quote + 1

                # only behind a backslash, or astray, may it be a character before a comma
                if not is_escaped and not self._allow_stray:
                    return
            elif not (is_escaped or after == '"' or self._allow_stray):
                return

            parts.append('"')
            is_doubled = after == '"' and not is_escaped
            begin = quote + 2 if is_doubled else quote + 1
            quote = record.find('"', begin)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > STEPS_LIMIT:
            raise _TooManySteps
