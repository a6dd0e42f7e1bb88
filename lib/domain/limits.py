"""What the columns of `store_dashboard_summary` and of the exports' tables can hold.

The tables are made from these numbers, and a value is compared with them before it is sent: one
that does not fit would cost the whole row.

Source: docs/reference/domain.md#tables-at-revision-0007, lesson 63.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from lib.model import MetricKind

#: The range of PostgreSQL's `integer`, both ends included.
INTEGER_MIN, INTEGER_MAX = -(2**31), 2**31 - 1


@dataclass(frozen=True)
class ColumnLimit:
    """The first absolute value that a column does not hold, and to which place it rounds."""

    #: Values from here on do not fit, rounded ones included.
    end: Decimal
    #: The value of one unit in the last place.
    unit: Decimal
    #: Digits in all and after the point; None for an `integer`.
    numeric: tuple[int, int] | None = None
    #: Why a value does not fit, for people.
    problem: str = ""

    def fits(self, value: Decimal | int) -> bool:
        """Return True if the column takes `value`, which PostgreSQL rounds half away from zero."""
        number = Decimal(value)

        # infinity and NaN have no half of a unit to be compared with
        if not number.is_finite() or abs(number) >= self.end:
            return False

        return abs(number) + self.unit / 2 < self.end


def _numeric(precision: int, scale: int, problem: str) -> ColumnLimit:
    return ColumnLimit(
        end=Decimal(10) ** (precision - scale),
        unit=Decimal(1).scaleb(-scale),
        numeric=(precision, scale),
        problem=problem,
    )


METRIC_LIMITS: Mapping[MetricKind, ColumnLimit] = MappingProxyType(
    {
        MetricKind.MONEY: _numeric(
            14,
            2,
            "1,000,000,000,000 or more does not fit numeric(14,2)",
        ),
        MetricKind.PERCENT: _numeric(6, 2, "10,000 % or more does not fit numeric(6,2)"),
        MetricKind.COUNT: ColumnLimit(
            end=Decimal(INTEGER_MAX + 1),
            unit=Decimal(1),
            problem="more than 2,147,483,647 does not fit 32 bits",
        ),
    }
)

#: The days that an export can mean, both included. What programs write where there is no date lies
#: outside: 1970-01-01, 1900-01-01, 9999-12-31.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

#: Digits before the point of an amount in rupees: what no column of a report has room for is no
#: amount.
RUPEE_DIGITS = 12
