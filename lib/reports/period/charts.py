"""The charts of weekly and monthly pages: two beside each other, and one across."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics.counters import Increment
from lib.reports.metrics.period_figures import DayFigures, PeriodFigures
from lib.reports.view import chart_data
from lib.reports.view.chart_data import Chart

#: Width and height of a chart beside another, and of one across the page.
HALF_MM, WHOLE_MM = (88, 30), (182, 34)


def weekly(
    now: PeriodFigures,
    facts: PeriodFacts,
) -> tuple[Chart, ...]:
    """Return the month against its target, revenue by day, and counts by day across the page."""
    labels = [f"{day.on:%a}" for day in now.days]
    revenue = {"Revenue": list(_revenues(now).values())}
    counts = {
        "Pickups": [_own(day, day.pickups) for day in now.days],
        "Deliveries": [_own(day, day.deliveries) for day in now.days],
    }

    return (
        _month(facts),
        chart_data.bars(
            "Revenue by day",
            MetricKind.MONEY,
            labels,
            revenue,
            HALF_MM,
        ),
        chart_data.bars(
            "Pickups and deliveries by day",
            MetricKind.COUNT,
            labels,
            counts,
            WHOLE_MM,
        ),
    )


def monthly(
    now: PeriodFigures,
    blocks: Sequence[PeriodFigures],
    facts: PeriodFacts,
) -> tuple[Chart, ...]:
    """Return the month against its target, revenue by week, and revenue by day across the page."""
    labels = [f"Week {number}" for number in range(1, len(blocks) + 1)]
    revenue = {"Revenue": [block.revenue.value for block in blocks]}

    return (
        _month(facts),
        chart_data.bars(
            "Revenue by week",
            MetricKind.MONEY,
            labels,
            revenue,
            HALF_MM,
        ),
        chart_data.revenue_trend(
            _revenues(now),
            chart_data.daily_targets(facts.days, now.period),
            WHOLE_MM,
        ),
    )


def _month(facts: PeriodFacts) -> Chart:
    last = facts.days[-1]
    target = last.metrics.get("target_revenue")

    return chart_data.month_to_date(facts.days, last.on, target, HALF_MM)


def _own(
    day: DayFigures,
    step: Increment | None,
) -> Value | None:
    """Return what the day itself added.

    None where the figure also covers days before it, or where the day is not stored.
    """
    if not day.stored or step is None or step.days.first != step.days.last:
        return None

    return step.value


def _revenues(now: PeriodFigures) -> dict[date, Value | None]:
    """Return the revenue by day; a day that is not stored is a gap, not a fall."""
    return {day.on: day.revenue for day in now.days}
