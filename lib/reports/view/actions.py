"""One thing to do: the same on the pages of a day, a week and a month."""

from __future__ import annotations

from dataclasses import dataclass

from lib import formatting
from lib.domain.values import Value

#: True of figures that choose no action: nothing is late or open, and no KPI is known to be weak.
NO_ACTION = "No action follows from these figures."


@dataclass(frozen=True)
class Action:
    """One thing to do, and the rows that it is about."""

    text: str
    rows: tuple[str, ...] = ()


def late_order_text(
    order_id: str,
    rupees: Value | None,
    days_late: int,
) -> str:
    """Return `T18394 ₹2,648, 8 days late`."""
    days = formatting.counted(days_late, "day")
    return f"{order_id} {formatting.short_rupees(rupees)}, {days} late"


def call_back(leads: int) -> Action:
    """Return that so many open pickup requests are to be called."""
    return Action(f"Call back the {formatting.counted(leads, 'open pickup request')}.")
