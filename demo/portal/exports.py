"""The CSV exports of one store and day, with the odd rows and spellings that were seen. Pure.

Source: docs/reference/domain.md#export-oddities.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from demo.portal import names
from demo.portal.figures import MonthToDate, month_to_date, non_package
from demo.portal.rows import Row, non_package_row, order_row, pickup_row
from demo.portal.world import Store, World

ZERO_ROWS = b"No data available to export."
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Export(StrEnum):
    """One kind of CSV; the value is its part of the suggested file name."""

    MISSED_LEADS = "pickup"
    UNDELIVERED_ALL = "undelieverd_order"
    UNDELIVERED = "undelieverd_order_u"
    UNDELIVERED_OVER_10 = "undelieverd_order_u10"
    REPEAT_CUSTOMERS = "repeat"
    NON_PACKAGE_ALL = "nonpackage_order"
    NON_PACKAGE_UNDELIVERED = "nonpackage_order_u"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one store's files are written. The default is the canonical one."""

    is_title_cased: bool = False
    order_header: str = "order_no"
    pickup_header: str = "id"
    mobile_header: str = "Mobile No"
    is_crlf: bool = False
    has_byte_order_mark: bool = False
    ends_with_newline: bool = True
    is_reversed: bool = False


def spelling_of(world: World, store: Store) -> Spelling:
    if not world.anomaly_rate:
        return Spelling()

    index = store.index
    return Spelling(
        is_title_cased=index % 5 == 1,
        order_header=("order_no", "order_id")[index % 4 == 2],
        pickup_header=("id", "pickup_row_id", "Pickup Row Id")[index % 3],
        mobile_header=("Mobile No", "Mobile No.", "Mobile")[index % 3],
        is_crlf=index % 6 == 3,
        has_byte_order_mark=index % 7 == 5,
        ends_with_newline=index % 3 != 1,
        is_reversed=index % 8 == 6,
    )


def rows_of(
    world: World,
    export: Export,
    store: Store,
    today: date,
) -> list[Row]:
    """Canonical rows as of yesterday, by canonical header.

    `today` is the portal's day, not the day of the figures.
    """
    view = month_to_date(world, store, today - timedelta(days=1))
    make = _ROWS[export]

    return list(make(world, view, today))


def render(
    rows: list[Row],
    spelling: Spelling,
    renames: Mapping[str, str],
    *,
    header_only: bool = False,
) -> bytes:
    """The body as the portal sends it: a sentence for no rows, else CSV in the store's spelling."""
    if not rows:
        return ZERO_ROWS

    columns = list(rows[0])[:: -1 if spelling.is_reversed else 1]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if spelling.is_crlf else "\n")

    writer.writerow(
        [
            renames.get(
                column,
                _spelled(
                    column,
                    spelling,
                ),
            )
            for column in columns
        ]
    )

    if not header_only:
        writer.writerows([row[column] for column in columns] for row in rows)

    body = text.getvalue()

    if not spelling.ends_with_newline:
        body = body.rstrip("\r\n")

    return (BYTE_ORDER_MARK if spelling.has_byte_order_mark else b"") + body.encode()


def _spelled(column: str, spelling: Spelling) -> str:
    own = {
        "order_no": spelling.order_header,
        "id": spelling.pickup_header,
        "Mobile No": spelling.mobile_header,
    }

    header = own.get(column, column)
    return header.replace("_", " ").title() if spelling.is_title_cased else header


def _anomaly(
    world: World,
    quirk: float,
    count: int,
) -> int | None:
    """Which of `count` anomalies a row has; None for almost every row."""
    return int(quirk / world.anomaly_rate * count) if quirk < world.anomaly_rate else None


def _malformed(mobile: str, way: int) -> str:
    return (
        f"+91{mobile}",
        f"0{mobile}",
        mobile.replace("0", "O", 1),
        "",
        f"{mobile[:5]} {mobile[5:]}",
    )[way]


def _missed_leads(
    world: World,
    view: MonthToDate,
    _today: date,
) -> Iterable[Row]:
    before = None

    for pickup in view.pickups:
        row = pickup_row(view, pickup)

        match _anomaly(world, pickup.quirk, 9):
            case int(way) if way < 5:
                row["mobile_number"] = _malformed(row["mobile_number"], way)
            case 5 if before:
                row["mobile_number"], row["customer_name"] = (
                    before["mobile_number"],
                    before["customer_name"],
                )
            case 6:
                row["pickup_date"] = "N/A"
            case 7:
                row["pickup_created_date"] += " 00:00:00"
            case 8:
                row["id"] = ""

        before = row
        yield row


def _undelivered_all(
    world: World,
    view: MonthToDate,
    _today: date,
) -> Iterable[Row]:
    for order in view.due:
        row = order_row(view, order)

        match _anomaly(world, order.quirk, 6):
            case 0:
                row["order_date"] += f" {order.ordered_time}"
            case 1:
                row["expected_deliver_on"] = "N/A"
            case 2:
                row["actual_deliver_on"] = row["actual_deliver_on"] or "N/A"
            case 3:
                row["net_amount"] = "0.00"
            case 4:
                row["mobile_no"] = ""
            case 5:
                yield {**row, "actual_deliver_on": ""}

        yield row


def _undelivered(
    world: World,
    view: MonthToDate,
    today: date,
) -> Iterable[Row]:
    return (
        row
        for row in _undelivered_all(world, view, today)
        if row["actual_deliver_on"] in ("", "N/A")
    )


def _undelivered_over_10(
    world: World,
    view: MonthToDate,
    today: date,
) -> Iterable[Row]:
    before = (view.on - timedelta(days=10)).isoformat()
    return (
        row
        for row in _undelivered(
            world,
            view,
            today,
        )
        if row["order_date"] < before
    )


def _repeat_customers(
    world: World,
    view: MonthToDate,
    _today: date,
) -> Iterable[Row]:
    for customer in world.cohort(view.store, view.on):
        quirk = customer * 7919 % 10_007 / 10_007
        way = _anomaly(world, quirk, 6)
        mobile = names.mobile(view.store.index, customer)
        row = {"Store Code": view.store.code, "Mobile No.": mobile, "Status": "Yes"}

        if way == 5:
            yield row
        elif way is not None:
            row["Mobile No."] = _malformed(mobile, way)

        yield row


def _non_package_all(
    world: World,
    view: MonthToDate,
    today: date,
) -> Iterable[Row]:
    """Nothing at all on the 1st and the 2nd of a month, for every store.

    Source: docs/reference/domain.md#export-windows.
    """
    if today.day <= 2:
        return

    for order in non_package(view):
        row = non_package_row(view, order)

        match _anomaly(world, order.quirk, 4):
            case 0:
                row["Mobile No"] = ""
            case 1:
                row["Mobile No"] = _malformed(row["Mobile No"], 0)
            case 2:
                row["Expected Delivery Date"] = "N/A"
            case 3:
                yield {
                    **row,
                    "Order Date": order.ordered_on.isoformat(),
                    "Actual Delivery Date": "N/A",
                }

        yield row


def _non_package_undelivered(
    world: World,
    view: MonthToDate,
    today: date,
) -> Iterable[Row]:
    return (
        row
        for row in _non_package_all(
            world,
            view,
            today,
        )
        if row["Actual Delivery Date"] == "N/A"
    )


_ROWS: dict[Export, Callable[[World, MonthToDate, date], Iterable[Row]]] = {
    Export.MISSED_LEADS: _missed_leads,
    Export.UNDELIVERED_ALL: _undelivered_all,
    Export.UNDELIVERED: _undelivered,
    Export.UNDELIVERED_OVER_10: _undelivered_over_10,
    Export.REPEAT_CUSTOMERS: _repeat_customers,
    Export.NON_PACKAGE_ALL: _non_package_all,
    Export.NON_PACKAGE_UNDELIVERED: _non_package_undelivered,
}
