"""What our JSON columns can hold.

A Decimal or a datetime once failed a whole summary (lesson 93).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib import dates


def dumps(value: Any) -> str:
    """Return JSON for `value`.

    Beside the usual types it takes Decimal (a number then), date, aware datetime (in UTC), Path,
    sets and mappings. Raise TypeError for another type, ValueError for NaN, infinity or a naive
    datetime.
    """
    return json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return (
                int(value)
                if value.is_finite() and value == value.to_integral_value()
                else float(value)
            )
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a datetime without a zone cannot be stored as JSON")

            return dates.iso_utc(value)
        case date():
            return value.isoformat()
        case Path():
            return str(value)
        case Mapping():
            return dict(value)
        case AbstractSet():
            return sorted(value)
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be stored as JSON")
