"""The desired state of the notification configuration, the stored one, and their difference.

Pure. A row that is not what the last sync wrote, or that none ever wrote, was made by a person: it
is shown and left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | bool | None
#: No mail can ever arrive there: rows of the seeds, which a file may replace.
PLACEHOLDER_DOMAIN = "@example.invalid"
_DIGEST_CHARS = 32
#: Of a value in a line for a terminal.
_MAX_VALUE_CHARS = 60


class Table(StrEnum):
    """The tables that a file fills, in the order in which rows depend on each other."""

    PIPELINES = "pipelines"
    PROFILES = "notification_profiles"
    TEMPLATES = "email_templates"
    RECIPIENTS = "notification_recipients"


@dataclass(frozen=True)
class ConfigurationRow:
    """One row: its key never changes, its values may. A key begins with the pipeline's code."""

    table: Table
    key: tuple[str, ...]
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        """The row in a line of the difference."""
        return f"{self.table} {' '.join(filter(None, self.key))}"

    @property
    def digest(self) -> str:
        """Of the values: another one means that the row was changed."""
        values = json.dumps(dict(self.values), sort_keys=True)
        return hashlib.sha256(values.encode()).hexdigest()[:_DIGEST_CHARS]


@dataclass(frozen=True)
class StoredRow:
    """A row of the database."""

    id: int
    row: ConfigurationRow
    #: Its digest when a sync wrote or found it last; None when none ever did.
    synced: str | None

    @property
    def is_ours(self) -> bool:
        """True if it was not changed since a sync, or is a placeholder that the seeds brought."""
        if self.synced is not None:
            return self.synced == self.row.digest

        is_recipient = self.row.table is Table.RECIPIENTS
        return is_recipient and self.row.key[-1].endswith(PLACEHOLDER_DOMAIN)


@dataclass(frozen=True)
class Difference:
    """What a sync does, and what it leaves alone."""

    added: tuple[ConfigurationRow, ...] = ()
    changed: tuple[tuple[StoredRow, ConfigurationRow], ...] = ()
    removed: tuple[StoredRow, ...] = ()
    equal: tuple[StoredRow, ...] = field(default=())
    #: Rows that a person made, each with what the file would have done.
    kept: tuple[tuple[StoredRow, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def lines(self) -> Iterator[str]:
        """Yield the difference for people, then a line of counts.

        + added, ~ changed, - removed, ! left alone.
        """
        for row in self.added:
            yield f"+ {row.name}"

        for stored, wanted in self.changed:
            yield f"~ {stored.row.name}: {_changes(stored.row, wanted)}"

        for stored in self.removed:
            yield f"- {stored.row.name}"

        for stored, what in self.kept:
            whose = "edited by hand" if stored.synced else "from no file"
            yield (
                f"! {stored.row.name}: {whose} and left alone;"
                f" the file {what} (--overwrite lets the file win)"
            )

        yield (
            f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed,"
            f" {len(self.kept)} left alone, {len(self.equal)} as in the file"
        )


def difference(
    wanted: Iterable[ConfigurationRow],
    stored: Iterable[StoredRow],
    *,
    overwrite: bool,
) -> Difference:
    """Return what makes the database say what the file says about the pipelines that it names.

    A removed profile or template is switched off, not deleted: its history stays. With `overwrite`
    the file wins over rows that a person made, too.
    """
    added = {(row.table, row.key): row for row in wanted}
    pipelines = {pipeline for _, (pipeline, *_) in added}

    changed: list[tuple[StoredRow, ConfigurationRow]] = []
    removed: list[StoredRow] = []
    equal: list[StoredRow] = []
    kept: list[tuple[StoredRow, str]] = []

    for one in stored:
        if one.row.key[0] not in pipelines:
            continue

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
        tuple(added.values()),
        tuple(changed),
        tuple(removed),
        tuple(equal),
        tuple(kept),
    )


def _is_gone(row: ConfigurationRow) -> bool:
    """Return True if there is nothing to remove: pipelines stay, and what is off is off."""
    return row.table is Table.PIPELINES or row.values.get("is_active") is False


def _changes(old: ConfigurationRow, new: ConfigurationRow) -> str:
    changes = []

    for name, value in new.values.items():
        before = old.values.get(name)
        if value != before:
            changes.append(f"{name} {_short(before)} -> {_short(value)}")

    return ", ".join(changes)


def _short(value: Value) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[: _MAX_VALUE_CHARS - 3]}..."
