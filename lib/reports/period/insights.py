"""What a week or month tells its owner: what went well, where value was lost, what to do.

Source: docs/reference/domain.md#weekly-report, #monthly-report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib.dates import Period, month_of
from lib.reports.metrics import kpis
from lib.reports.metrics.counters import Counter, Total
from lib.reports.metrics.period_figures import KpiFigures, PeriodFigures
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
    """Choose the sentences; those that the figures do not fill are neutral."""
    return Insights(
        _column([*_gains(now, before), *_judged(now.kpis, STRONG)], STEADY),
        _column([*_losses(now, before), *_judged(now.kpis, WEAK), *_owed(backlog)], QUIET),
        _column([REVIEWS[each.kpi.key] for each in now.kpis if each.band in WEAK], ROUTINE),
    )


def change(now: Total, before: Total) -> Decimal | None:
    """Return by how many per cent a total moved; None unless both are without gaps and there was something before."""
    if now.value is None or not before.value or now.missing or before.missing:
        return None

    return Decimal(100 * (now.value - before.value)) / Decimal(before.value)


def span(period: Period) -> str:
    """Print the days of one month as `10-16 Nov`, else with both months; a whole month as `Oct 2025`."""
    first, last = period.first, period.last
    if period == month_of(first):
        return f"{first:%b %Y}"

    if first == last:
        return f"{last.day} {last:%b}"

    if first.month == last.month:
        return f"{first.day}\N{EN DASH}{last.day} {last:%b}"

    return f"{first.day} {first:%b} \N{EN DASH} {last.day} {last:%b}"


def worded(moved: Decimal, period: Period) -> str:
    """Print a change of so many per cent as `up 12% on 3-9 Nov`."""
    rounded = round(moved)
    if rounded == 0:
        return f"level with {span(period)}"

    return f"{'up' if rounded > 0 else 'down'} {abs(rounded)}% on {span(period)}"


def _column(sentences: Sequence[str], neutral: Sequence[str]) -> tuple[str, ...]:
    chosen = list(sentences[:MOST])
    return tuple(chosen + list(neutral[: max(LEAST - len(chosen), 0)]))


def _gains(now: PeriodFigures, before: PeriodFigures) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved >= NOTABLE:
        yield f"Revenue rose {moved:.0f}% against {span(before.period)}, to {formatting.rupees(now.revenue.value)}."

    if now.peak:
        yield f"Best day: {now.peak.on:%a} {formatting.day(now.peak.on)} with {formatting.rupees(now.peak.value)}."

    new = change(now.totals[Counter.NEW_CUSTOMERS], before.totals[Counter.NEW_CUSTOMERS])
    if new is not None and new >= NOTABLE:
        yield f"New customers grew {new:.0f}%, to {formatting.count(now.totals[Counter.NEW_CUSTOMERS].value)}."


def _losses(now: PeriodFigures, before: PeriodFigures) -> Iterator[str]:
    moved = change(now.revenue, before.revenue)
    if moved is not None and moved <= -NOTABLE:
        yield f"Revenue fell {-moved:.0f}% against {span(before.period)}, to {formatting.rupees(now.revenue.value)}."


def _judged(each: Sequence[KpiFigures], bands: set[kpis.Band]) -> list[str]:
    return [
        f"{row.kpi.label}: {formatting.average(row.average, row.kpi.kind)} on average ({row.band})."
        for row in each
        if row.band in bands
    ]


def _owed(backlog: Backlog) -> Iterator[str]:
    if backlog.orders:
        yield f"{formatting.counted(backlog.orders, 'order')} undelivered, worth {formatting.rupees(backlog.net_amount)}."

    if backlog.leads:
        yield f"{formatting.counted(backlog.leads, 'lead')} not converted."
