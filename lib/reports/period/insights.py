"""What a week or month shows its owner: what went well, where value was lost, what to do.

Source: docs/reference/domain.md#weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.dates import Period
from lib.reports.metrics import kpis
from lib.reports.metrics.counters import Counter, Total
from lib.reports.metrics.period_figures import KpiFigures, PeriodFigures
from lib.reports.period.wording import span
from lib.reports.view import advice, formatting
from lib.reports.view.advice import STRONG, WEAK

#: How many sentences a column has.
LEAST, MOST = 3, 5
#: Per cent: smaller changes of revenue are not worth a sentence.
NOTABLE = Decimal(1)

#: What to do about a weak KPI: the daily action, where it does not speak of that morning or of a
#: list on its page.
REVIEWS = {kpi.key: sentence for kpi, sentence in advice.ACTIONS_TODAY} | {
    kpis.PICKUP_TOTAL.key: "Audit the missed leads and coach the team on call-backs.",
    kpis.PICKUP_NEW.key: "Review how first-time customers are greeted and called back.",
    kpis.PICKUP_EXISTING.key: "Ask regular customers why a pickup was cancelled.",
    kpis.TAT.key: "Plan the week's capacity so that promised dates hold.",
    kpis.UNDELIVERED_OVER_10_DAYS.key: "Call the customers of the oldest orders and agree new dates.",
}
STEADY = (
    "No other result stands out.",
    "The remaining figures keep close to their usual level.",
    "Nothing else needs to be singled out.",
)
QUIET = (
    "No other risk shows in the figures.",
    "The remaining figures give no reason for concern.",
    "Nothing else needs watching at present.",
)
ROUTINE = (
    "Work through the lists of undelivered orders and open leads.",
    "Keep up the daily routine at the front desk.",
    "Share these figures with the team.",
)


@dataclass(frozen=True)
class Backlog:
    """What is still open at a period's end."""

    orders: int
    net_amount: Decimal
    leads: int


@dataclass(frozen=True)
class Insights:
    """Three columns of 3 to 5 sentences."""

    highlights: tuple[str, ...]
    risks: tuple[str, ...]
    focus: tuple[str, ...]


def insights(now: PeriodFigures, before: PeriodFigures, backlog: Backlog) -> Insights:
    """Return the sentences that the figures choose; neutral ones fill a column up to three."""
    weak = [row for row in now.kpis if row.band in WEAK]
    reviews = [REVIEWS[row.kpi.key] for row in weak]

    return Insights(
        highlights=_column([*_gains(now, before), *_judged(now.kpis, STRONG)], STEADY),
        risks=_column(
            [*_losses(now, before), *_judged(now.kpis, WEAK), *_open_items(backlog)], QUIET
        ),
        focus=_column(reviews, ROUTINE),
    )


def change(now: Total, before: Total) -> Decimal | None:
    """Return by how many per cent a total moved.

    None unless both are without gaps and there was something before.
    """
    if now.value is None or not before.value or now.missing or before.missing:
        return None

    return Decimal(100 * (now.value - before.value)) / Decimal(before.value)


def worded(moved: Decimal, period: Period) -> str:
    """Return a change of so many per cent as `up 12% on 3-9 Nov`."""
    rounded = round(moved)
    if rounded == 0:
        return f"level with {span(period)}"

    direction = "up" if rounded > 0 else "down"
    return f"{direction} {abs(rounded)}% on {span(period)}"


def _column(sentences: Sequence[str], neutral: Sequence[str]) -> tuple[str, ...]:
    chosen = sentences[:MOST]
    wanted = max(LEAST - len(chosen), 0)

    return *chosen, *neutral[:wanted]


def _gains(now: PeriodFigures, before: PeriodFigures) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved >= NOTABLE:
        against, revenue = span(before.period), formatting.rupees(now.revenue.value)
        yield f"Revenue rose {moved:.0f}% against {against}, to {revenue}."

    if now.peak:
        day = f"{now.peak.on:%a} {formatting.day(now.peak.on)}"
        yield f"Best day: {day} with {formatting.rupees(now.peak.value)}."

    customers = now.totals[Counter.NEW_CUSTOMERS]
    grown = change(customers, before.totals[Counter.NEW_CUSTOMERS])
    if grown is not None and grown >= NOTABLE:
        yield f"New customers grew {grown:.0f}%, to {formatting.count(customers.value)}."


def _losses(now: PeriodFigures, before: PeriodFigures) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved <= -NOTABLE:
        against, revenue = span(before.period), formatting.rupees(now.revenue.value)
        yield f"Revenue fell {-moved:.0f}% against {against}, to {revenue}."


def _judged(rows: Sequence[KpiFigures], bands: set[kpis.Band]) -> Iterator[str]:
    for row in rows:
        if row.band not in bands:
            continue

        average = formatting.average(row.average, row.kpi.kind)
        yield f"{row.kpi.label}: {average} on average ({row.band})."


def _open_items(backlog: Backlog) -> Iterator[str]:
    if backlog.orders:
        orders = formatting.counted(backlog.orders, "order")
        yield f"{orders} undelivered, worth {formatting.rupees(backlog.net_amount)}."

    if backlog.leads:
        yield f"{formatting.counted(backlog.leads, 'lead')} not converted."
