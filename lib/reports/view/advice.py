"""What went well, what to watch and what to do today, chosen by the bands of the KPIs.

Source: docs/reference/domain.md#recommendations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Band, Kpi, Reading

STRONG = {Band.EXCELLENT, Band.GOOD}
WEAK = {Band.NEEDS_ATTENTION, Band.CRITICAL}

#: What is said when the KPI is in one of a column's bands.
Sentence = tuple[Kpi, str]

HIGHLIGHTS: tuple[Sentence, ...] = (
    (
        kpis.PICKUP_TOTAL,
        "Strong pickup conversion at the front desk: keep the greeting and follow-up routine.",
    ),
    (kpis.TAT, "Turnaround is on track: orders leave within the promised time."),
    (kpis.REPEAT, "Healthy loyalty: repeat customers keep coming back."),
)
FOCUS_AREAS: tuple[Sentence, ...] = (
    (kpis.PICKUP_TOTAL, "Pickup conversion dipped: review the quality of the leads."),
    (kpis.UNDELIVERED, "The delivery backlog is elevated."),
    (kpis.UNDELIVERED_OVER_10_DAYS, "Orders older than 10 days need urgent intervention."),
    (kpis.REPEAT, "The share of repeat customers has softened."),
)
#: For the morning of T + 1, when the report is read (it once said "tomorrow").
ACTIONS_TODAY: tuple[Sentence, ...] = (
    (kpis.PICKUP_TOTAL, "Audit the missed leads below and coach the team on call-backs."),
    (kpis.UNDELIVERED, "Hold an escalation huddle on undelivered orders, oldest first."),
    (
        kpis.UNDELIVERED_OVER_10_DAYS,
        "Call the customers of the oldest orders and agree new dates by 11:00.",
    ),
    (kpis.REPEAT, "Send a targeted message to the last 30 repeat buyers."),
)

#: What a column says that would be empty.
NO_HIGHLIGHT = "No standout result to report for this day."
NO_FOCUS_AREA = "Nothing beyond what the statuses above say."
NO_ACTION = "Keep up the daily routine and work through the lists below."


@dataclass(frozen=True)
class Advice:
    """Three columns; none is ever empty."""

    highlights: tuple[str, ...]
    focus_areas: tuple[str, ...]
    actions_today: tuple[str, ...]


def advise(readings: Sequence[Reading]) -> Advice:
    """Return the sentences that the bands choose; a KPI without data chooses none."""
    strong = {reading.kpi.key for reading in readings if reading.band in STRONG}
    weak = {reading.kpi.key for reading in readings if reading.band in WEAK}

    return Advice(
        highlights=_column(HIGHLIGHTS, strong, NO_HIGHLIGHT),
        focus_areas=_column(FOCUS_AREAS, weak, NO_FOCUS_AREA),
        actions_today=_column(ACTIONS_TODAY, weak, NO_ACTION),
    )


def _column(sentences: Sequence[Sentence], keys: set[str], default: str) -> tuple[str, ...]:
    """Return the sentences about the KPIs of these keys, else the default."""
    chosen = tuple(text for kpi, text in sentences if kpi.key in keys)

    return chosen or (default,)
