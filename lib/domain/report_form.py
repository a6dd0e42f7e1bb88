"""What a daily report says about itself and how its form fields are named.

The page is drawn with these names, the check holds a PDF to them, and a form that comes back is
read by them.
"""

from __future__ import annotations

import re
from enum import StrEnum

#: Entries of a PDF's document information, in lower case: engines write them differently.
STORE_CODE, PERIOD, RUN_ID = "storecode", "period", "runid"


class ListKind(StrEnum):
    """Which list of the report a row is on."""

    ORDER = "order"
    LEAD = "lead"


class FieldPart(StrEnum):
    """What a field of a row is for."""

    YES = "yes"
    NO = "no"
    COMMENT = "comment"


#: The names of a row's fields, without the number of the row.
FIELDS = {
    ListKind.ORDER: {
        FieldPart.YES: "undelivered_delivered",
        FieldPart.NO: "undelivered_not_delivered",
        FieldPart.COMMENT: "undelivered_comment",
    },
    ListKind.LEAD: {
        FieldPart.YES: "missed_lead_converted",
        FieldPart.COMMENT: "missed_lead_comment",
    },
}

#: The spoken names of fields, which say what a row is about: an order id, a customer's phone.
SPOKEN = {
    ListKind.ORDER: re.compile(r"(?:Comment on o|O)rder (?P<about>\S.{0,99}?)(?: delivered: \w+)?"),
    ListKind.LEAD: re.compile(
        r"(?:Comment on p|P)ickup request \d+ of (?P<about>\S.{0,99}?)(?: became an order)?"
    ),
}

_NAME = re.compile(r"(?P<field>[a-z_]{1,40})_(?P<number>[1-9]\d{0,4})", re.ASCII)


def names(kind: ListKind, number: int) -> set[str]:
    """Return the names of the fields of the row with that number, from 1."""
    return {f"{name}_{number}" for name in FIELDS[kind].values()}


def parsed(name: str) -> tuple[ListKind, int, FieldPart] | None:
    """Return which row and part a field is of; None if it is none of a report's fields."""
    found = _NAME.fullmatch(name)
    if not found:
        return None

    for kind, parts in FIELDS.items():
        for part, field in parts.items():
            if field == found["field"]:
                return kind, int(found["number"]), part

    return None


def about(kind: ListKind, spoken_name: str) -> str | None:
    """Return the order id or phone that the spoken name of a field has; None without one."""
    found = SPOKEN[kind].fullmatch(spoken_name)

    return found["about"] if found else None
