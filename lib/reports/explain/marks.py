"""The KPIs of a day, and how good they are together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from lib import formatting
from lib.dates import month_of
from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.explain import terms
from lib.reports.explain.model import Rule, Term
from lib.reports.explain.terms import Days
from lib.reports.metrics import kpis
from lib.reports.metrics.kpis import Band, Better, Health, HealthLabel, Kpi, Reading
from lib.reports.view import advice


def reading_terms(reading: Reading, days: Days, on: date) -> Iterator[Term]:
    """Yield what texts about one KPI of a day may print."""
    kpi = reading.kpi

    yield terms.dashboard(
        advice.value_text(reading),
        days,
        on,
        kpi.metric,
    )

    yield band_term(
        kpi,
        reading.band,
        reading.value,
        reading.share_of,
        reading.scale,
    )

    yield from _goal_terms(reading)
    yield terms.OVER_10_DAYS

    # A share that accumulates over the month is judged by the part of it that is over.
    if reading.scale != 1:
        text = formatting.percent(100 * reading.scale)
        because = f"Day {on.day} of {month_of(on).last.day}: the share of the month that is over."
        yield Term(text, Rule.CALENDAR, (because,))

    # With many orders it is their share that is judged, and both are printed.
    if reading.share_of is not None and reading.value is not None:
        orders = formatting.count(reading.share_of)
        share = 100 * Decimal(reading.value) / Decimal(reading.share_of)
        value = formatting.count(reading.value)

        yield terms.share(formatting.percent(share), value, orders)
        yield terms.dashboard(orders, days, on, "delivery_total_orders")


def band_term(
    kpi: Kpi,
    band: Band,
    value: Value | None,
    share_of: Value | None = None,
    scale: Decimal = Decimal(1),
) -> Term:
    """Return the band with the limits that chose it."""
    if value is None:
        return Term(band, Rule.UNKNOWN, ("There is no value, so nothing is judged.",))

    limits = limits_text(kpi, is_share=share_of is not None)
    judged = _in_full(value)

    # Of many orders it is the share that is judged.
    if share_of is not None:
        share = 100 * Decimal(value) / Decimal(share_of)
        judged = f"{formatting.count(value)} of {formatting.count(share_of)}, {_in_full(share)}%,"

    because = [f"{judged} is judged by: {limits}."]

    if scale != 1:
        because.append(
            f"The limits are multiplied by {formatting.percent(100 * scale)},"
            " the share of the month that is over."
        )

    if share_of is not None:
        because.append(
            f"There are more than {kpis.MANY_ORDERS} orders this month, so their share is judged."
        )

    return Term(band, Rule.BAND, tuple(because))


def _in_full(value: Value) -> str:
    """Return a value with up to four decimals: its band is that of the unrounded one."""
    text = f"{Decimal(value):.4f}"
    return text.rstrip("0").rstrip(".")


def limits_text(kpi: Kpi, *, is_share: bool = False) -> str:
    """Return `Excellent from 82%, Good from 70%, …, else Critical`.

    `is_share`: a count is judged by its share of all.
    """
    side = "from" if kpi.better is Better.HIGHER else "up to"
    unit = "%" if is_share or kpi.kind is MetricKind.PERCENT else ""
    listed = [f"{band} {side} {limit}{unit}" for band, limit in kpi.limits]

    return f"{', '.join(listed)}, else {kpi.otherwise}"


def _goal_terms(reading: Reading) -> Iterator[Term]:
    limits = limits_text(reading.kpi, is_share=reading.share_of is not None)
    because = f"The limit of Excellent: {limits}."
    if reading.scale != 1:
        share = formatting.percent(100 * reading.scale)
        because = f"{because} It is multiplied by {share}, the share of the month that is over."

    goal = reading.goal

    # The page prints it as a goal, as a limit, and alone in a sentence.
    yield terms.limit(advice.goal_text(reading), because)
    yield terms.limit(advice.limit_text(goal), because)
    yield terms.limit(f"{goal}", because)


def health_terms(health: Health, bands: Sequence[tuple[str, Band]]) -> Iterator[Term]:
    """Yield what texts about the health may print; `bands` are those of the KPIs by label."""
    scored = []

    for label, band in bands:
        points = "not counted" if band is Band.NO_DATA else f"{kpis.SCORES[band]}"
        scored.append(f"{label} {band}: {points}")

    because = (f"{'; '.join(scored)}.",)
    words = [f"{label} from {least}" for least, label in kpis.HEALTH_LABELS]
    limits = f"{health.score} is judged by: {', '.join(words)}, else {HealthLabel.CRITICAL}."

    yield Term(f"{health.score} of 100", Rule.HEALTH, because)
    yield Term(health.label, Rule.HEALTH, (*because, limits))
    yield Term(f"{health.good} of {health.known}", Rule.HEALTH, because)
