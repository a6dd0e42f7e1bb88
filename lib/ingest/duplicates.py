"""Rows of one store's file of which another goes before: duplicate precedence within a file. Pure.

`lib.ingest.duplicate_precedence` has the same order as SQL, for a row against the stored one.

Source: docs/reference/domain.md#duplicate-precedence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from lib.domain.exports import Export, Prefer
from lib.ingest.coerce import TRUE

#: Values of all rows of a store, by the place of their column. Those of a refused row are empty.
Columns = Mapping[int, Sequence[str]]
#: The greater one goes before.
Rank = tuple[str | bool, ...]


class Duplicates:
    """Finds the duplicates of one bucket, in one store after the other."""

    def __init__(self, export: Export) -> None:
        def place_of(name: str) -> int:
            return export.names.index(name)

        self._identity = [place_of(export.identity)] if export.identity else []
        self._key = list(map(place_of, export.own_key))
        self._precedence = [(place_of(name), prefer) for name, prefer in export.precedence]

        #: Of the columns that say what a duplicate is and which row is kept.
        self.places = {*self._identity, *self._key, *(place for place, _ in self._precedence)}

    def among(
        self,
        columns: Columns,
        refused: AbstractSet[int],
    ) -> AbstractSet[int]:
        """Return the rows that are not kept, by identity and then by key.

        Two keys of one identity are an old and an edited one of the same thing. `refused` rows take
        no part.
        """
        edited: AbstractSet[int] = set()

        if self._identity:
            things = _things(columns, self._identity)
            if not _are_unique(things, refused):
                edited = self._outranked(columns, things, refused)

        things = _things(columns, self._key)
        if _are_unique(things, refused):
            return edited

        return edited | self._outranked(columns, things, refused | edited)

    def _outranked(
        self,
        columns: Columns,
        things: Sequence[Hashable],
        left_out: AbstractSet[int],
    ) -> set[int]:
        """Return the rows that a row of the same thing outranks."""
        counts = Counter(things)
        shared = {thing for thing, count in counts.items() if count > 1}

        contested = [row for row, thing in enumerate(things) if thing in shared]
        rows = []

        for row in contested:
            if row not in left_out:
                rows.append(row)

        best: dict[Hashable, tuple[Rank, int]] = {}
        outranked = set()

        # of equals the later row
        for each in zip(self._ranks(columns, rows), rows, strict=True):
            thing = things[each[1]]
            other = best.setdefault(thing, each)

            if each > other:
                best[thing] = each
                outranked.add(other[1])
            elif other is not each:
                outranked.add(each[1])

        return outranked

    def _ranks(
        self,
        columns: Columns,
        rows: Sequence[int],
    ) -> list[Rank]:
        """Return what each of `rows` is ranked by; null, an empty text, is below any value."""
        ranks: list[list[str | bool]] = []

        for place, prefer in self._precedence:
            values = [columns[place][row] for row in rows]

            if prefer is Prefer.TRUE:
                ranks.append([value == TRUE for value in values])
            elif prefer is Prefer.PRESENT:
                ranks.append([value != "" for value in values])
            else:
                ranks.append(list(values))

        return list(zip(*ranks, strict=True)) if ranks else [()] * len(rows)


def _things(columns: Columns, unique: Sequence[int]) -> Sequence[Hashable]:
    """Return what is the same for rows of the same thing."""
    if len(unique) == 1:
        return columns[unique[0]]

    return list(zip(*(columns[place] for place in unique), strict=True))


def _are_unique(things: Sequence[Hashable], refused: AbstractSet[int]) -> bool:
    """Return True if each row is another thing, as nearly always: so it is asked of all at once."""
    different = len(set(things))
    return different == len(things) - max(len(refused) - 1, 0)
