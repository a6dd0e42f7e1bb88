"""The first lines of the daily page: the day's sale, the month against its target, the backlog.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lib import formatting
from lib.dates import DAY, month_of
from lib.domain.headline import Age, Headline, Missing, Sale, Undelivered
from lib.reports.daily import charts
from lib.reports.view.key_figures import KeyFigure, change_text, gauge_of, left_text, target_text


def key_figures(
    headline: Headline,
    *,
    is_of_yesterday: bool,
) -> tuple[KeyFigure, ...]:
    """Return the three amounts of the page, in its order."""
    day = "Yesterday’s sale" if is_of_yesterday else f"Sale of {headline.on:%A}"  # noqa: RUF001

    return (
        KeyFigure(
            day,
            formatting.short_rupees(headline.sale.rupees),
            tuple(_sale_lines(headline)),
            chart=charts.same_weekday(headline),
        ),
        KeyFigure(
            f"{headline.on:%B} so far",
            formatting.short_rupees(headline.month.to_date),
            tuple(_month_lines(headline)),
            gauge_of(headline.month),
        ),
        KeyFigure(
            "Not delivered",
            _undelivered_value(headline.undelivered),
            tuple(_undelivered_lines(headline)),
        ),
    )


def _sale_lines(headline: Headline) -> Iterator[str]:
    sale = headline.sale

    if sale.rupees is None:
        yield headline.missing[Missing.SALE]
    elif sale.rupees < 0:
        yield "More was paid back than sold."

    if sale.usual is None:
        yield headline.missing[Missing.USUAL_SALE]
        return

    usual = formatting.short_rupees(sale.usual)
    changed = change_text(sale.rupees, sale.usual)
    yield f"usual {headline.on:%A} {usual}{_of_how_many(sale)}"

    if changed:
        yield changed


def _of_how_many(sale: Sale) -> str:
    known, asked = len(sale.before), len(sale.days) - 1
    if known == asked:
        return ""

    return f" ({known} of {asked} known)"


def _month_lines(headline: Headline) -> Iterator[str]:
    month = headline.month

    if month.to_date is None:
        yield headline.missing[Missing.MONTH_TO_DATE]

    if month.target is None:
        yield headline.missing[Missing.TARGET]
    else:
        yield target_text(month)

    if (left := left_text(month)) is not None:
        yield left

    if month.last_month_to_date is not None:
        amount = formatting.short_rupees(month.last_month_to_date)
        changed = change_text(month.to_date, month.last_month_to_date)
        same_day = formatting.short_day(_a_month_before(month.on))
        yield f"by {same_day} {amount}{': now ' if changed else ''}{changed}"


def _a_month_before(on: date) -> date:
    """Return the same day of the month before, or its last one."""
    before = month_of(month_of(on).first - DAY)

    return before.first.replace(day=min(on.day, before.last.day))


def _undelivered_value(undelivered: Undelivered | None) -> str:
    if undelivered is None:
        return formatting.NOTHING

    return formatting.short_rupees(undelivered.rupees)


def _undelivered_lines(headline: Headline) -> Iterator[str]:
    found = headline.undelivered
    if found is None:
        yield headline.missing[Missing.UNDELIVERED]
        return

    orders = formatting.counted(found.orders, "order")
    as_of = "" if found.as_of == headline.on else f", as of {formatting.short_day(found.as_of)}"
    yield f"in {orders}{as_of}"

    if found.without_amount:
        yield f"{formatting.count(found.without_amount)} of them without an amount"

    yield from _late_lines(found)

    if found.earlier is not None:
        rupees = formatting.short_rupees(found.earlier.rupees)
        until = formatting.short_day(found.earlier.listed_until)
        orders = formatting.counted(found.earlier.orders, "order")
        yield f"and {rupees} in {orders} listed until {until}"


def _late_lines(found: Undelivered) -> Iterator[str]:
    over = found.of(Age.OVER_10_DAYS)

    if over.orders:
        rupees = formatting.short_rupees(over.rupees)
        yield f"{formatting.count(over.orders)} over 10 days late, {rupees}"
    elif found.late:
        yield f"{formatting.count(found.late)} late, none over 10 days"
    elif found.orders:
        yield "none is known to be late"

    if found.oldest is not None:
        days = formatting.counted(found.oldest.days_late, "day")
        yield f"oldest {found.oldest.order_id}, {days}"
