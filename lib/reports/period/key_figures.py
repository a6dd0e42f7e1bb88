"""The first lines of weekly and monthly pages: sale, month against target, what is not delivered.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib import formatting
from lib.dates import Period, month_of
from lib.domain.headline import LONG_LATE_DAYS, Month
from lib.domain.period_headline import PeriodHeadline
from lib.reports.metrics import kpis
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.metrics.period_kpis import DayValue
from lib.reports.period.wording import PeriodWording, span
from lib.reports.view.action_lists import OrderRow, long_late, total_net_amount
from lib.reports.view.key_figures import KeyFigure, change_text, gauge_of, left_text, target_text


def key_figures(
    headline: PeriodHeadline,
    now: PeriodFigures,
    orders: Sequence[OrderRow],
    wording: PeriodWording,
) -> tuple[KeyFigure, ...]:
    """Return the three amounts of the page; `orders` are the rows of its list."""
    month = headline.month

    return (
        KeyFigure(
            f"Sale of the {wording.noun}",
            formatting.short_rupees(headline.sale.value),
            tuple(_sale_lines(headline, now)),
        ),
        _month(month),
        KeyFigure(
            "Not delivered",
            _undelivered(headline),
            tuple(_undelivered_lines(headline, now, orders)),
        ),
    )


def _month(month: Month) -> KeyFigure:
    """Return the month so far; of a month that is over, how much of its target was reached."""
    label, value = f"{month.on:%B} to {_day(month)}", formatting.short_rupees(month.to_date)

    if month.on == month_of(month.on).last:
        label, value = f"Target of {month.on:%B}", formatting.percent(month.share_pct)

    return KeyFigure(
        label,
        value,
        tuple(_month_lines(month)),
        gauge_of(month),
    )


def _sale_lines(
    headline: PeriodHeadline,
    now: PeriodFigures,
) -> Iterator[str]:
    sale = headline.sale
    missing = sale.of_days - sale.days

    if missing:
        yield f"without {formatting.counted(missing, 'day')}"

    if sale.before is not None:
        before = span(Period(headline.before_first, headline.before_last))
        changed = change_text(sale.value, sale.before)
        behind = f": now {changed}" if changed else ""
        yield f"{before} {formatting.short_rupees(sale.before)}{behind}"

    days = [DayValue(day.on, day.revenue) for day in now.days if day.revenue is not None]

    if len(days) > 1:
        best = max(days, key=lambda day: day.value)
        least = min(days, key=lambda day: day.value)
        yield f"best {_sold(best)}, least {_sold(least)}"


def _sold(day: DayValue) -> str:
    return f"{day.on:%a} {day.on.day} {day.on:%b} {formatting.short_rupees(day.value)}"


def _day(month: Month) -> str:
    return span(Period(month.on, month.on))


def _month_lines(month: Month) -> Iterator[str]:
    if month.target is None:
        yield "The portal showed no target."
    else:
        yield target_text(month)

    left = left_text(month)
    if left is not None:
        yield left

    if month.last_month_to_date is not None:
        amount = formatting.short_rupees(month.last_month_to_date)
        changed = change_text(month.to_date, month.last_month_to_date)
        behind = f": now {changed}" if changed else ""
        yield f"last month to the same day {amount}{behind}"


def _undelivered(headline: PeriodHeadline) -> str:
    if headline.undelivered is None:
        return formatting.NOTHING

    return formatting.short_rupees(headline.undelivered.rupees)


def _undelivered_lines(
    headline: PeriodHeadline,
    now: PeriodFigures,
    orders: Sequence[OrderRow],
) -> Iterator[str]:
    found = headline.undelivered

    if found is None:
        yield "No list of undelivered orders was ever read."
    else:
        yield f"in {formatting.counted(found.orders, 'order')}"

    late = long_late(orders)

    if late:
        rupees = formatting.short_rupees(total_net_amount(late))
        yield f"{formatting.count(len(late))} over {LONG_LATE_DAYS} days late, {rupees}"

    row = next(row for row in now.kpis if row.kpi is kpis.UNDELIVERED)
    if row.first and row.last and row.first.on != row.last.on:
        yield f"by the portal {_counted(row.first)}, {_counted(row.last)}"


def _counted(day: DayValue) -> str:
    return f"{formatting.count(day.value)} on {span(Period(day.on, day.on))}"
