"""The buckets as data: what is known of each kind of CSV. Pure.

Source: docs/reference/domain.md#the-exports.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from lib.model import Bucket


class Kind(Enum):
    """How a cell is read; `lib.ingest.coerce` has one rule for each.

    Source: docs/reference/domain.md#export-values.
    """

    TEXT = "text"
    #: A whole number of 32 bits.
    WHOLE = "whole number"
    AMOUNT = "amount"
    FLAG = "flag"
    DAY = "day"
    MOBILE = "mobile number of ten digits"


#: As what PostgreSQL reads a cell of each kind.
TYPES = {
    Kind.TEXT: "text",
    Kind.MOBILE: "text",
    Kind.WHOLE: "integer",
    Kind.AMOUNT: "double precision",
    Kind.FLAG: "boolean",
    Kind.DAY: "date",
}


class Otherwise(Enum):
    """What becomes of a row when the cell is empty or cannot be read."""

    NULL = "the row counts, with null in this column"
    SKIP = "the row is skipped and counted"
    REJECT = "the row is rejected with a reason"


class Prefer(Enum):
    """By what a duplicate wins; nulls are always the lowest.

    Source: docs/reference/domain.md#duplicate-precedence.
    """

    TRUE = "a true flag beats any other"
    PRESENT = "a value beats none"
    LATEST = "the greater value"


@dataclass(frozen=True)
class Column:
    """One column of a bucket's table and how its file spells it."""

    name: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    otherwise: Otherwise = Otherwise.NULL
    #: A stored true is never replaced: a placed order does not turn unplaced.
    #:
    #: Source: docs/reference/domain.md#upsert.
    stays_true: bool = False

    @property
    def is_required(self) -> bool:
        return self.otherwise is not Otherwise.NULL

    def position(self, header: Mapping[str, int]) -> int | None:
        """Return where the column is in a header of `positions`; its own name goes before its aliases."""
        found = (header.get(normalised(name)) for name in (self.name, *self.aliases))
        return next((position for position in found if position is not None), None)


@dataclass(frozen=True)
class Memory:
    """What a table and its `_history` table keep of the rows' stays in the export; `lib.db.backlog` reads it."""

    #: The column that says a row is done: a flag by being true, a day by being there.
    closed_by: str
    #: The columns of `<table>_history` besides the stay itself.
    copied: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """One bucket: its files, its table and who wins among duplicates."""

    bucket: Bucket
    table: str
    #: Of the store's file name.
    file_part: str
    #: In the order of the table.
    columns: tuple[Column, ...]
    #: The dedupe key: store code and the customer's or order's own.
    key: tuple[str, str]
    #: The contest among rows of one key, most important first; a tie goes to the later row.
    winner: tuple[tuple[str, Prefer], ...]
    #: A second unique column, when the table has one: the same value is the same thing even with an
    #: edited key.
    identity: str | None = None
    #: None for a table without open and closed rows.
    memory: Memory | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def local_name(self, store_code: str) -> str:
        return f"{store_code}-{self.file_part}.csv"

    def merged_name(self, run_on: date) -> str:
        """Return the merged file's name; `run_on` is the run day in the pipeline's zone.

        Source: lesson 104.
        """
        return f"merged_{self.bucket}_{run_on:%Y%m%d}.csv"


STORE_CODE = Column("store_code", otherwise=Otherwise.REJECT)

_LEAD_COLUMNS = (
    Column("pickup_row_id", Kind.WHOLE, aliases=("id",), otherwise=Otherwise.REJECT),
    Column("mobile_number", otherwise=Otherwise.SKIP),
    Column("pickup_no"),
    Column("pickup_created_date", Kind.DAY),
    Column("pickup_created_time"),
    STORE_CODE,
    Column("store_name"),
    Column("pickup_date", Kind.DAY),
    Column("pickup_time"),
    Column("customer_name"),
    Column("special_instruction"),
    Column("source"),
    Column("final_source"),
    Column("customer_type"),
    Column("is_order_placed", Kind.FLAG, stays_true=True),
)

LAYOUTS: Mapping[Bucket, Layout] = MappingProxyType(
    {
        layout.bucket: layout
        for layout in (
            Layout(
                Bucket.MISSED_LEADS,
                table="missed_leads",
                file_part="missed-leads",
                columns=_LEAD_COLUMNS,
                key=("store_code", "mobile_number"),
                winner=(
                    ("is_order_placed", Prefer.TRUE),
                    ("pickup_created_date", Prefer.LATEST),
                    ("pickup_created_time", Prefer.LATEST),
                ),
                identity="pickup_row_id",
                # a customer's next pickup takes the row, so that the history keeps the whole of the
                # one before
                memory=Memory(
                    "is_order_placed",
                    (*(column.name for column in _LEAD_COLUMNS), "closed_seen_on"),
                ),
            ),
            Layout(
                Bucket.UNDELIVERED_ALL,
                table="undelivered_orders",
                file_part="undelivered-all",
                columns=(
                    Column("order_id", aliases=("order_no",), otherwise=Otherwise.REJECT),
                    Column("order_date", Kind.DAY),
                    STORE_CODE,
                    Column("store_name"),
                    Column("taxable_amount", Kind.AMOUNT),
                    Column("net_amount", Kind.AMOUNT),
                    Column("service_code"),
                    Column("mobile_no"),
                    Column("status"),
                    Column("customer_id"),
                    Column("expected_deliver_on", Kind.DAY),
                    Column("actual_deliver_on", Kind.DAY),
                ),
                key=("store_code", "order_id"),
                winner=(
                    ("actual_deliver_on", Prefer.PRESENT),
                    ("order_date", Prefer.LATEST),
                    ("expected_deliver_on", Prefer.LATEST),
                    ("actual_deliver_on", Prefer.LATEST),
                ),
                memory=Memory("actual_deliver_on", ("order_id", "store_code")),
            ),
            Layout(
                Bucket.REPEAT_CUSTOMERS,
                table="repeat_customers",
                file_part="repeat-customers",
                columns=(
                    STORE_CODE,
                    Column("mobile_no", Kind.MOBILE, aliases=("mobile",), otherwise=Otherwise.SKIP),
                    Column("status"),
                ),
                key=("store_code", "mobile_no"),
                winner=(),
            ),
        )
    }
)


def normalised(header: str) -> str:
    """Return the form in which headers are compared: `Pickup Row Id`, `pickup_row_id` and `Mobile No.`.

    Source: docs/reference/domain.md#export-headers.
    """
    return re.sub(r"[^a-z0-9]", "", header.lower())


def positions(header: Iterable[str]) -> dict[str, int]:
    """Return where each normalised header is; of two alike the first counts."""
    found: dict[str, int] = {}

    for position, name in enumerate(header):
        found.setdefault(normalised(name), position)

    return found


def required_headers(bucket: Bucket) -> tuple[str, ...]:
    """Return the columns without which a file of the bucket is unusable, by their canonical names."""
    return tuple(column.name for column in LAYOUTS[bucket].columns if column.is_required)


def missing_headers(bucket: Bucket, header: Iterable[str]) -> list[str]:
    """Return the required columns that `header` has under none of their names."""
    found = positions(header)
    required = (column for column in LAYOUTS[bucket].columns if column.is_required)

    return [column.name for column in required if column.position(found) is None]


def header_ok(bucket: Bucket, first_line: str) -> bool:
    """Say whether the first line of a body is a header of the bucket.

    Source: docs/reference/domain.md#valid-download.
    """
    header = next(csv.reader([first_line.removeprefix("\ufeff")]), [])
    return not missing_headers(bucket, header)
