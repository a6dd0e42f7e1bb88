"""Content of rows that is emptied once it is old, while the rows themselves stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class OldContent:
    """What is still stored although it is older than allowed."""

    rows: int
    #: Of which a person may want to know: those that `ContentRule.noted` picks.
    noted: int
    size_bytes: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class ContentRule:
    """Which columns of a table are emptied, and when. All texts are SQL of ours."""

    table: str
    key: str
    #: The column with the instant of writing.
    written_at: str
    #: By column, what it becomes.
    emptied: Mapping[str, str]
    #: True for a row that is old and not yet empty; `%(before)s` is the instant to compare with.
    is_old: str
    noted: str = "false"

    def measure(
        self,
        connection: Connection,
        before: datetime,
    ) -> OldContent:
        """Return how much old content there is from before that instant."""
        size = " + ".join(f"pg_column_size({column})" for column in self.emptied)
        query = f"""
            SELECT count(*) AS rows, count(*) FILTER (WHERE {self.noted}) AS noted,
                   coalesce(sum({size}), 0) AS size_bytes, min({self.written_at}) AS oldest_at
            FROM {self.table} WHERE {self.is_old}
        """  # noqa: S608 - constants

        found = connection.exec_driver_sql(query, {"before": before}).one()
        return OldContent(
            found.rows,
            found.noted,
            int(found.size_bytes),
            found.oldest_at,
        )

    def empty(
        self,
        connection: Connection,
        before: datetime,
        most: int,
    ) -> int:
        """Empty up to `most` rows that no other transaction holds; return how many."""
        changes = ", ".join(f"{column} = {value}" for column, value in self.emptied.items())
        query = f"""
            UPDATE {self.table} SET {changes}
            WHERE {self.key} IN (
                SELECT {self.key} FROM {self.table} WHERE {self.is_old}
                ORDER BY {self.key} LIMIT %(most)s FOR UPDATE SKIP LOCKED
            )
        """  # noqa: S608 - constants

        return connection.exec_driver_sql(query, {"before": before, "most": most}).rowcount
