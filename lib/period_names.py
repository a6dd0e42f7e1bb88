"""Days, weeks and months as people read them in subjects, lists and file names. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from lib.dates import Period, month_of, week_of
from lib.model import Pipeline

_DASH = "\N{EN DASH}"
_NOON = 12


def period_name(
    pipeline_code: str,
    report_on: date,
    *,
    with_year: bool = False,
) -> str:
    """Return `Sat 28 Nov`, `16-22 Nov` or `Nov 2026` for the period that ends on `report_on`.

    The dash of a week is a long one. A month always has its year. A day of a pipeline that is none
    of ours is `28 Nov`.
    """
    match pipeline_code:
        case Pipeline.WEEKLY:
            week = week_of(report_on)
            return span_name(week.first, week.last, with_year=with_year)
        case Pipeline.MONTHLY:
            return f"{report_on:%b %Y}"
        case Pipeline.DAILY:
            return f"{report_on:%a} {_day(report_on, with_year=with_year)}"

    return _day(report_on, with_year=with_year)


def instant_name(at: datetime, zone: ZoneInfo) -> str:
    """Return an aware instant on the wall clock of `zone`: `29 Nov, 8:02 am IST`."""
    local = at.astimezone(zone)
    hour = local.hour % _NOON or _NOON
    half = "am" if local.hour < _NOON else "pm"

    return f"{_day(local.date())}, {hour}:{local:%M} {half} {local:%Z}"


def span_name(
    first: date,
    last: date,
    *,
    with_year: bool = False,
) -> str:
    """Return days from `first` to `last` as `16-22 Nov` or `30 Nov - 6 Dec`, with long dashes.

    A whole month is `Nov 2026`.
    """
    if Period(first, last) == month_of(first):
        return f"{first:%b %Y}"

    end = _day(last, with_year=with_year)

    if first.year != last.year and with_year:
        return f"{_day(first, with_year=True)} {_DASH} {end}"

    if first.month != last.month:
        return f"{_day(first)} {_DASH} {end}"

    return f"{first.day}{_DASH}{end}"


def _day(
    day: date,
    *,
    with_year: bool = False,
) -> str:
    text = f"{day.day} {day:%b}"
    return f"{text} {day.year}" if with_year else text
