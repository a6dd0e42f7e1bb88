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


@dataclass(frozen=True)
class Advice:
    """Three columns; none is ever empty."""

    highlights: tuple[str, ...]
    focus_areas: tuple[str, ...]
    actions_today: tuple[str, ...]


def advise(readings: Sequence[Reading]) -> Advice:
    """Choose the sentences; a KPI without data chooses none."""
    bands = {reading.kpi.key: reading.band for reading in readings}

    def chosen(
        sentences: tuple[Sentence, ...], bands_meant: set[Band], default: str
    ) -> tuple[str, ...]:
        return tuple(text for kpi, text in sentences if bands.get(kpi.key) in bands_meant) or (
            default,
        )

    return Advice(
        chosen(HIGHLIGHTS, STRONG, "No standout result to report for this day."),
        chosen(FOCUS_AREAS, WEAK, "Nothing beyond what the statuses above say."),
        chosen(ACTIONS_TODAY, WEAK, "Keep up the daily routine and work through the lists below."),
    )
