"""How a month stands, as a dashboard shows it."""

from __future__ import annotations

from lib.domain.headline import Month
from lib.reports.facts.model import StoredDay


def stored_month(day: StoredDay) -> Month:
    """Return the month so far at a stored day, in rupees; what was not shown is unknown."""
    return Month(
        on=day.on,
        to_date=day.metrics.get("mtd_revenue"),
        target=day.metrics.get("target_revenue"),
        last_month_to_date=day.metrics.get("lmt_d_revenue"),
    )
