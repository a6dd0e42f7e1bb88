"""An amount at the top of a page, with its bar and lines: the same on all pages.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lib import formatting
from lib.domain.headline import Month
from lib.domain.values import Value, sale_change
from lib.reports.view.chart_data import Chart

#: Width of the bar, in per cent of its place.
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Gauge:
    """How much of a target is reached, as a bar."""

    #: Per cent of the bar's place.
    fill_pct: int
    target_pct: int


@dataclass(frozen=True)
class KeyFigure:
    """One amount and what must be known beside it; the texts are ready to print."""

    label: str
    value: str
    lines: tuple[str, ...]
    gauge: Gauge | None = None
    chart: Chart | None = None


def change_text(value: Value | None, before: Value | None) -> str:
    """Return `31.0% less`, `12.4% more` or `the same`; nothing where no percentage can be made."""
    pct = sale_change(value, before)
    if pct is None:
        return ""

    size = formatting.percent(abs(pct))

    if size == formatting.percent(0):
        return "the same"

    return f"{size} {'more' if pct > 0 else 'less'}"


def gauge_of(month: Month) -> Gauge | None:
    """Return the bar of the month; None without a target, or where refunds leave nothing."""
    share = month.share_pct
    if share is None or share < 0:
        return None

    whole = max(share, WHOLE)
    return Gauge(round(100 * share / whole), round(100 * WHOLE / whole))


def target_text(month: Month) -> str:
    """Return `89.7% of the target of ₹3,00,000`; the target alone where no share can be made."""
    share = "" if month.share_pct is None else f"{formatting.percent(month.share_pct)} of "

    return f"{share}the target of {formatting.short_rupees(month.target)}"


def left_text(month: Month) -> str | None:
    """Return what is left to do for the target, or by how much it was missed or passed."""
    missing = month.missing_rupees
    if missing is None or month.to_date is None or month.target is None:
        return None

    if not missing:
        above = formatting.short_rupees(Decimal(month.to_date) - month.target)
        return f"target reached, {above} above it"

    if month.needed_a_day is None:
        return f"the month ended {formatting.short_rupees(missing)} below its target"

    days = formatting.counted(month.days_left, "day")
    return f"{days} left: {formatting.short_rupees(month.needed_a_day)} a day needed"
