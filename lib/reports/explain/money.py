"""The terms of amounts that several pages have: the month against its target, and its picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lib import formatting
from lib.dates import DAY, month_of
from lib.domain.headline import Month
from lib.domain.values import Value
from lib.reports.explain import terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.explain.terms import Days
from lib.reports.view.chart_data import Chart
from lib.reports.view.key_figures import change_text


def amount(value: Value | None) -> str:
    """Return rupees in full, as a computation needs them."""
    return formatting.NOTHING if value is None else formatting.rupees_and_paise(Decimal(value))


def month_terms(month: Month, days: Days) -> Iterator[Term]:
    """Yield what the texts about a month and its target may print."""
    on = month.on
    short = formatting.short_rupees
    sold, target = amount(month.to_date), amount(month.target)
    both = (days.stored(on, "mtd_revenue"), days.stored(on, "target_revenue"))

    yield terms.dashboard(
        short(month.to_date),
        days,
        on,
        "mtd_revenue",
    )

    yield terms.dashboard(
        short(month.target),
        days,
        on,
        "target_revenue",
    )

    yield terms.dashboard(
        short(month.last_month_to_date),
        days,
        on,
        "lmt_d_revenue",
    )

    # A share says which two values it is of, whatever it was computed from.
    if month.share_pct is not None:
        share = terms.share(
            formatting.percent(month.share_pct),
            sold,
            target,
        )

        yield replace(share, stored=both)

    for term in _rest(month, sold, target):
        yield replace(term, stored=both)

    changed = change_text(month.to_date, month.last_month_to_date)
    yield terms.change(changed, sold, amount(month.last_month_to_date))


def _rest(month: Month, sold: str, target: str) -> Iterator[Term]:
    """Yield what is left of the target, or by how much it was passed or missed."""
    short = formatting.short_rupees
    missing = month.missing_rupees
    days_left = formatting.counted(month.days_left, "day")
    last = formatting.short_day(month_of(month.on).last)

    yield Term(
        days_left,
        Rule.CALENDAR,
        (f"From the day after {formatting.short_day(month.on)} to {last}.",),
    )

    if missing is None or month.to_date is None or month.target is None:
        return

    # One of three, as the page prints it (lib.reports.view.key_figures.left_text): with one day
    # left, the rest and what is needed a day are the same amount.
    if not missing:
        above = Decimal(month.to_date) - month.target
        because = f"{sold} − {target}."  # noqa: RUF001 - a minus sign
        yield Term(short(above), Rule.TARGET, (because,))
    elif month.needed_a_day is None:
        yield Term(short(missing), Rule.TARGET, (f"{target} − {sold}.",))  # noqa: RUF001
    else:
        because = f"({target} − {sold}) ÷ {days_left}."  # noqa: RUF001
        yield Term(short(month.needed_a_day), Rule.TARGET, (because,))


def month_picture(
    section: str,
    chart: Chart,
    days: Days,
    on: date,
) -> Figure:
    """Return the picture of the month against its target, by the words that state its figures."""
    before = month_of(month_of(on).first - DAY)
    same = before.first + (on - month_of(on).first)
    drawn = []

    for day in days.days:
        if day.on <= on and (day.on in before or day.on in month_of(on)):
            drawn.append(days.stored(day.on, "mtd_revenue"))

    line = Term(
        chart.title,
        Rule.STORED,
        ("The lines join the sale of the month so far of each stored day of both months.",),
        tuple(drawn),
    )

    # The picture's words say where both lines end, and the target.
    candidates = [
        line,
        _dashboard(days, on, "mtd_revenue"),
        _dashboard(days, on, "target_revenue"),
    ]

    # The 31st has no day like it in most months before.
    if same in before:
        candidates.append(_dashboard(days, same, "mtd_revenue"))
    else:
        reason = f"The month before has no day {on.day}."
        candidates.append(Term(formatting.NOTHING, Rule.UNKNOWN, (reason,)))

    return terms.picture(section, chart, candidates)


def _dashboard(days: Days, on: date, metric: str) -> Term:
    return terms.dashboard(
        formatting.rupees(days.stored(on, metric).value),
        days,
        on,
        metric,
    )
