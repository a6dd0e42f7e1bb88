"""The portal's CSV exports, one row each: where it is asked for, its files, its columns, its table.

Whoever downloads, merges, loads, cleans up or reports an export reads it here. How one is added:
docs/how-to/add-a-bucket.md. Pure.

Source: docs/reference/domain.md#the-exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from operator import attrgetter
from types import MappingProxyType

from lib.domain import headers
from lib.model import Bucket


class ColumnKind(Enum):
    """How a cell is read; `lib.ingest.coerce` has one rule for each.

    Source: docs/reference/domain.md#export-values.
    """

    TEXT = "text"
    #: A whole number of 32 bits.
    WHOLE = "whole number"
    AMOUNT = "amount in rupees"
    FLAG = "flag"
    DAY = "day"
    #: As it is written, whatever its length.
    PHONE = "phone number"
    MOBILE = "mobile number of ten digits"


#: The type as which PostgreSQL reads a cell of each kind.
SQL_TYPES: Mapping[ColumnKind, str] = MappingProxyType(
    {
        ColumnKind.TEXT: "text",
        ColumnKind.PHONE: "text",
        ColumnKind.MOBILE: "text",
        ColumnKind.WHOLE: "integer",
        ColumnKind.AMOUNT: "double precision",
        ColumnKind.FLAG: "boolean",
        ColumnKind.DAY: "date",
    }
)


class Unusable(Enum):
    """What becomes of a row when a cell is empty or cannot be read."""

    NULL = "the row is loaded, with null in this column"
    SKIP = "the row is skipped and counted"
    REJECT = "the row is rejected with a reason"


class Prefer(Enum):
    """Which value of a column lets a row win against another of its key; null is always lowest.

    Source: docs/reference/domain.md#duplicate-precedence.
    """

    TRUE = "a true flag beats any other"
    PRESENT = "a value beats none"
    LATEST = "the greater value"


@dataclass(frozen=True)
class ExportColumn:
    """One column of an export's table and how its file spells it."""

    #: In the table; one of the headers that a file may use.
    name: str
    kind: ColumnKind = ColumnKind.TEXT
    #: Further headers, in any spelling of `headers.normalise`.
    aliases: tuple[str, ...] = ()
    unusable: Unusable = Unusable.NULL
    #: A stored true is never replaced: a placed order does not become unplaced.
    #:
    #: Source: docs/reference/domain.md#upsert.
    keeps_true: bool = False
    #: A column of kind DAY: an earlier day than its is none, as a delivery before its order. It
    #: stands before this column in the row.
    not_before: str | None = None

    @property
    def is_required(self) -> bool:
        """Whether a file without the column is no export of its bucket."""
        return self.unusable is not Unusable.NULL

    def position(self, header: Mapping[str, int]) -> int | None:
        """Return the column's place in a header of `headers.positions`, None if it has none.

        The column's own name goes before its aliases.
        """
        for spelling in (self.name, *self.aliases):
            position = header.get(headers.normalise(spelling))

            if position is not None:
                return position

        return None


@dataclass(frozen=True)
class Presence:
    """What a table and its `_history` table keep of the days on which a row was in the export.

    `lib.db.backlog` reads it.
    """

    #: The column that says a row is done: a flag by being true, a day by being there.
    closed_by: str
    #: The columns of `<table>_history` besides the days.
    copied: tuple[str, ...]


@dataclass(frozen=True)
class Export:
    """One bucket's export: its address, its files, its table and its duplicate precedence."""

    bucket: Bucket
    #: Below TMS_BASE, with the placeholder {store_code}.
    portal_path: str
    #: Of the store's local file name.
    file_part: str
    table: str
    #: What a row of the table is, in one sentence for docs/reference/tables.md.
    holds: str
    #: In the order of the table.
    columns: tuple[ExportColumn, ...]
    #: The columns in which no two rows of the table are equal; the store code is one of them.
    key: tuple[str, ...]
    #: Which of several rows of one key is kept: the columns that decide, most important first. A
    #: tie goes to the later row.
    precedence: tuple[tuple[str, Prefer], ...] = ()
    #: A second unique column, where the table has one: the same value is the same thing even with
    #: an edited key.
    identity: str | None = None
    #: The column that tells apart two things which have one key in turn, as a customer's pickups.
    #: The later one, by precedence, replaces the stored one as a whole.
    distinct_by: str | None = None
    #: None for a table without open and closed rows.
    presence: Presence | None = None
    #: The name of the key's unique constraint, for a table that is made from this row alone.
    unique_name: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in the order of the table."""
        return tuple(map(attrgetter("name"), self.columns))

    @property
    def own_key(self) -> tuple[str, ...]:
        """The columns of the key besides the store code: what tells rows of one store apart."""
        key = list(self.key)
        key.remove(STORE_CODE.name)
        return tuple(key)

    def column(self, name: str) -> ExportColumn:
        """Return the column of that name; raise ValueError if the table has none."""
        return self.columns[self.names.index(name)]

    def path_of(self, store_code: str) -> str:
        """Return the address of the store's export, below TMS_BASE."""
        return self.portal_path.format(store_code=store_code)

    def file_name(self, store_code: str) -> str:
        """Return the name under which the store's export is kept."""
        return f"{store_code}-{self.file_part}.csv"

    def merged_name(self, run_on: date, number: int = 1) -> str:
        """Return the name of a run's merged file with that number, the first one's without it.

        `run_on` is the run's day in PIPELINE_TIMEZONE.

        Source: lesson 104.
        """
        suffix = f"_{number}" if number > 1 else ""
        return f"merged_{self.bucket}_{run_on:%Y%m%d}{suffix}.csv"

    def required(self) -> list[ExportColumn]:
        """Return the columns without which a file is no export of this bucket."""
        return list(filter(attrgetter("is_required"), self.columns))

    def missing(self, header: Iterable[str]) -> list[str]:
        """Return the required columns that `header` does not have, each with all of its names."""
        found = headers.positions(header)
        lacking = []

        for column in self.required():
            if column.position(found) is None:
                lacking.append(" or ".join((column.name, *column.aliases)))

        return lacking


STORE_CODE = ExportColumn("store_code", unusable=Unusable.REJECT)

_LEAD_COLUMNS = (
    ExportColumn(
        "pickup_row_id",
        ColumnKind.WHOLE,
        aliases=("id",),
        unusable=Unusable.REJECT,
    ),
    ExportColumn("mobile_number", ColumnKind.PHONE, unusable=Unusable.SKIP),
    ExportColumn("pickup_no"),
    ExportColumn("pickup_created_date", ColumnKind.DAY),
    ExportColumn("pickup_created_time"),
    STORE_CODE,
    ExportColumn("store_name"),
    ExportColumn("pickup_date", ColumnKind.DAY),
    ExportColumn("pickup_time"),
    ExportColumn("customer_name"),
    ExportColumn("special_instruction"),
    ExportColumn("source"),
    ExportColumn("final_source"),
    ExportColumn("customer_type"),
    ExportColumn("is_order_placed", ColumnKind.FLAG, keeps_true=True),
)

_ROWS = (
    Export(
        Bucket.MISSED_LEADS,
        portal_path="/mis/download_csv?store_code={store_code}",
        file_part="missed-leads",
        table="missed_leads",
        holds="One row a customer of a store: the newest pickup that may have been missed.",
        columns=_LEAD_COLUMNS,
        key=("store_code", "mobile_number"),
        precedence=(
            ("is_order_placed", Prefer.TRUE),
            ("pickup_created_date", Prefer.LATEST),
            ("pickup_created_time", Prefer.LATEST),
        ),
        identity="pickup_row_id",
        distinct_by="pickup_row_id",
        presence=Presence(
            closed_by="is_order_placed",
            # A customer's next pickup takes the row, so the history keeps the whole of the one
            # before.
            copied=(*map(attrgetter("name"), _LEAD_COLUMNS), "closed_seen_on"),
        ),
    ),
    Export(
        Bucket.UNDELIVERED_ALL,
        portal_path="/mis/download_undelivered_csv?type=a&store_code={store_code}",
        file_part="undelivered-all",
        table="undelivered_orders",
        holds="One row an order of a store, delivered or not.",
        columns=(
            ExportColumn("order_id", aliases=("order_no",), unusable=Unusable.REJECT),
            ExportColumn("order_date", ColumnKind.DAY),
            STORE_CODE,
            ExportColumn("store_name"),
            ExportColumn("taxable_amount", ColumnKind.AMOUNT),
            ExportColumn("net_amount", ColumnKind.AMOUNT),
            ExportColumn("service_code"),
            ExportColumn("mobile_no", ColumnKind.PHONE),
            ExportColumn("status"),
            ExportColumn("customer_id"),
            ExportColumn("expected_deliver_on", ColumnKind.DAY),
            ExportColumn("actual_deliver_on", ColumnKind.DAY, not_before="order_date"),
        ),
        key=("store_code", "order_id"),
        precedence=(
            ("actual_deliver_on", Prefer.PRESENT),
            ("order_date", Prefer.LATEST),
            ("expected_deliver_on", Prefer.LATEST),
            ("actual_deliver_on", Prefer.LATEST),
        ),
        presence=Presence(
            closed_by="actual_deliver_on",
            copied=("order_id", "store_code"),
        ),
    ),
    Export(
        Bucket.REPEAT_CUSTOMERS,
        portal_path="/mis/download_repeat_csv?store_code={store_code}",
        file_part="repeat-customers",
        table="repeat_customers",
        holds="The customers of six months ago that the portal counts as a store's base.",
        columns=(
            STORE_CODE,
            ExportColumn(
                "mobile_no",
                ColumnKind.MOBILE,
                aliases=("mobile", "mobile_number"),
                unusable=Unusable.SKIP,
            ),
            ExportColumn("status"),
        ),
        key=("store_code", "mobile_no"),
        unique_name="uq_repeat_store_mobile",
    ),
    Export(
        Bucket.NONPACKAGE_ALL,
        portal_path="/mis/download_nonpackageorder_csv?type=all&store_code={store_code}",
        file_part="non-package-all",
        table="nonpackage_orders",
        holds="One row a customer of a store: the newest order outside a package.",
        columns=(
            STORE_CODE,
            ExportColumn("store_name"),
            ExportColumn(
                "mobile_no",
                ColumnKind.PHONE,
                aliases=("mobile",),
                unusable=Unusable.SKIP,
            ),
            ExportColumn("taxable_amount", ColumnKind.AMOUNT),
            ExportColumn("order_date", ColumnKind.DAY, unusable=Unusable.REJECT),
            ExportColumn("expected_delivery_date", ColumnKind.DAY),
            ExportColumn("actual_delivery_date", ColumnKind.DAY, not_before="order_date"),
        ),
        key=("store_code", "mobile_no"),
        precedence=(
            ("order_date", Prefer.LATEST),
            ("expected_delivery_date", Prefer.LATEST),
            ("actual_delivery_date", Prefer.LATEST),
        ),
        distinct_by="order_date",
        unique_name="uq_nonpackage_store_mobile",
    ),
)

#: The whole name of a merged file, as `Export.merged_name` makes it.
MERGED_NAME = re.compile(
    rf"merged_(?:{'|'.join(Bucket)})_(?P<day>\d{{8}})(?:_(?P<number>\d{{1,4}}))?\.csv",
    re.ASCII,
)
#: The whole name of a store's export, as `Export.file_name` makes it.
EXPORT_NAME = re.compile(
    rf"[A-Z0-9]{{1,16}}-(?:{'|'.join(map(attrgetter('file_part'), _ROWS))})\.csv",
    re.ASCII,
)

EXPORTS: Mapping[Bucket, Export] = MappingProxyType({export.bucket: export for export in _ROWS})
