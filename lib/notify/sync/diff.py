"""Who is told what, as a file says it and as the database has it, and the difference between the two. Pure.

A row that is not what the last sync wrote, or that none ever wrote, is somebody's: it is shown and
left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | bool | None
#: Nobody can ever be reached there: rows of the seeds, which a file may replace.
PLACEHOLDER_DOMAIN = "@example.invalid"


class Table(StrEnum):
    """The tables that a file fills, in the order in which rows depend on each other."""

    PIPELINES = "pipelines"
    PROFILES = "notification_profiles"
    TEMPLATES = "email_templates"
    RECIPIENTS = "notification_recipients"


@dataclass(frozen=True)
class Row:
    """One row: its key never changes, its values may. A key begins with the pipeline's code."""

    table: Table
    key: tuple[str, ...]
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.table} {' '.join(part for part in self.key if part)}"

    @property
    def digest(self) -> str:
        """What tells whether somebody changed the row."""
        return hashlib.sha256(json.dumps(dict(self.values), sort_keys=True).encode()).hexdigest()[
            :32
        ]


@dataclass(frozen=True)
class Stored:
    """A row of the database."""

    id: int
    row: Row
    #: Its digest when a sync wrote or found it last; None when none ever did.
    synced: str | None

    @property
    def is_ours(self) -> bool:
        """Nobody has changed it since a sync, or it is a placeholder that the seeds brought."""
        if self.synced is None:
            return self.row.table is Table.RECIPIENTS and self.row.key[-1].endswith(
                PLACEHOLDER_DOMAIN
            )

        return self.synced == self.row.digest


@dataclass(frozen=True)
class Difference:
    """What a sync does, and what it leaves alone."""

    added: tuple[Row, ...] = ()
    changed: tuple[tuple[Stored, Row], ...] = ()
    removed: tuple[Stored, ...] = ()
    equal: tuple[Stored, ...] = field(default=())
    #: Rows that are somebody's, each with what the file would have done.
    kept: tuple[tuple[Stored, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def lines(self) -> Iterator[str]:
        """Yield the difference for people: + added, ~ changed, - removed, ! left alone, then a line of counts."""
        for row in self.added:
            yield f"+ {row.name}"

        for stored, wanted in self.changed:
            yield f"~ {stored.row.name}: {_changes(stored.row, wanted)}"

        for stored in self.removed:
            yield f"- {stored.row.name}"

        for stored, what in self.kept:
            whose = "edited by hand" if stored.synced else "from no file"
            yield f"! {stored.row.name}: {whose} and left alone; the file {what} (--overwrite lets the file win)"

        yield (
            f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed,"
            f" {len(self.kept)} left alone, {len(self.equal)} as in the file"
        )


def difference(wanted: Iterable[Row], stored: Iterable[Stored], *, overwrite: bool) -> Difference:
    """Return what makes the database say what the file says about the pipelines that the file names.

    A removed profile or template is switched off, not deleted: its history stays. With `overwrite`
    the file wins over rows that are somebody's, too.
    """
    rows = {(row.table, row.key): row for row in wanted}
    pipelines = {row.key[0] for row in rows.values()}
    added = dict(rows)

    changed: list[tuple[Stored, Row]] = []
    removed: list[Stored] = []
    equal: list[Stored] = []
    kept: list[tuple[Stored, str]] = []

    for one in (each for each in stored if each.row.key[0] in pipelines):
        row = added.pop((one.row.table, one.row.key), None)
        may_change = one.is_ours or overwrite

        if row is None:
            if may_change and not _is_gone(one.row):
                removed.append(one)
            elif not _is_gone(one.row):
                kept.append((one, "does not have it"))
        elif row.values == one.row.values:
            equal.append(one)
        elif may_change:
            changed.append((one, row))
        else:
            kept.append((one, f"wants {_changes(one.row, row)}"))

    return Difference(
        tuple(added.values()), tuple(changed), tuple(removed), tuple(equal), tuple(kept)
    )


def _is_gone(row: Row) -> bool:
    """Tell whether there is nothing to remove: pipelines stay, and what is switched off is off."""
    return row.table is Table.PIPELINES or row.values.get("is_active") is False


def _changes(old: Row, new: Row) -> str:
    names = [name for name in new.values if new.values[name] != old.values.get(name)]
    return ", ".join(
        f"{name} {_short(old.values.get(name))} -> {_short(new.values[name])}" for name in names
    )


def _short(value: Value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line for a terminal
