"""The only clock and the only calendar of the project.

Days and periods are those of PIPELINE_TIMEZONE (Asia/Kolkata by default); instants are aware and in
UTC. Nothing but `now` reads the clock: everything else takes `today` or `now` as an argument
(lesson 12).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lib.errors import UsageError

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def iso_utc(at: datetime, timespec: str = "auto") -> str:
    """Return an aware instant as machines read it: `2025-11-15T03:00:00Z`.

    `timespec` is that of `datetime.isoformat`: `auto` has a fraction where there is one.
    """
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def minute(at: datetime) -> str:
    """Return an aware instant as people read it in messages: `2025-11-15 03:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def today(zone: ZoneInfo, at: datetime) -> date:
    """Return the calendar day of `zone` at the instant `at`."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone has no calendar day")

    return at.astimezone(zone).date()


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when the clock of `zone` shows the time `at` on that day; aware, in UTC.

    A time that comes twice, at the end of summer time, is the first one. One that the clock leaves
    out at its beginning is as long after midnight as it would be without the change.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def report_day(today: date) -> date:
    """Return T, the day the figures are about: the day before `today` (the run day)."""
    return today - DAY


@dataclass(frozen=True, order=True)
class Period:
    """Whole days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period cannot end ({self.last}) before it begins ({self.first})")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Yield every day, oldest first."""
        for offset in range(self.length):
            yield self.first + timedelta(days=offset)


def day_of(day: date) -> Period:
    """Return the period that is `day` alone."""
    return Period(day, day)


def week_of(day: date) -> Period:
    """Return the ISO week, Monday to Sunday, that contains `day`."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """Return the calendar month that contains `day`."""
    first = day.replace(day=1)
    # 31 days after the first of any month is a day of the next one.
    first_of_next = (first + timedelta(days=31)).replace(day=1)

    return Period(first, first_of_next - DAY)


def last_complete_week(today: date) -> Period:
    """Return the latest week whose Sunday is before `today`.

    On a Sunday that is the week that ended 7 days earlier.
    """
    return week_of(today - WEEK)


def last_complete_month(today: date) -> Period:
    """Return the latest calendar month that ended before `today`."""
    return month_of(today.replace(day=1) - DAY)


def complete(
    first: date,
    today: date,
    period_of: Callable[[date], Period],
) -> list[Period]:
    """Return the periods with a day on or after `first` that ended before `today`, oldest first.

    `period_of` returns the period that contains a day: `week_of`, `month_of`.
    """
    found = []

    # No period is asked for that begins today or later: at the calendar's end there is none.
    while first < today:
        period = period_of(first)
        if period.last >= today:
            break

        found.append(period)
        first = period.last + DAY

    return found


def parse_day(text: str) -> date:
    """Return the date that `2025-11-14` names. Raise UsageError for anything else."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise UsageError(f"{text!r} is not a date; write it like 2025-11-14")

    with _refused_unless_real(text):
        return date.fromisoformat(text)


def parse_time(text: str) -> time:
    """Return the time of day that `09:00` names. Raise UsageError for anything else."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise UsageError(f"{text!r} is not a time of day; write it like 09:00")

    hour, minute_of_hour = text.split(":")
    return time(int(hour), int(minute_of_hour))


def parse_week(text: str) -> Period:
    """Return the week of `2025-W46` (ISO 8601) or of a day inside it like `2025-11-14`.

    Raise UsageError for anything else.
    """
    if not re.fullmatch(r"\d{4}-(W\d{2}|\d{2}-\d{2})", text, re.ASCII):
        raise UsageError(
            f"{text!r} is not a week; "
            "write it like 2025-W46, or give a day inside it like 2025-11-14"
        )

    with _refused_unless_real(text):
        return week_of(date.fromisoformat(text))


def parse_month(text: str) -> Period:
    """Return the month of `2025-10` or of a day inside it like `2025-10-14`.

    Raise UsageError for anything else.
    """
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text, re.ASCII):
        raise UsageError(
            f"{text!r} is not a month; "
            "write it like 2025-10, or give a day inside it like 2025-10-14"
        )

    with _refused_unless_real(text):
        has_day = text.count("-") > 1
        return month_of(date.fromisoformat(text if has_day else f"{text}-01"))


def require_complete(period: Period, today: date) -> Period:
    """Return `period`. Raise UsageError if its last day is not over."""
    if period.last >= today:
        raise UsageError(
            f"the period {period} is not complete yet: today is {today}; "
            f"ask again after {period.last}"
        )

    return period


def week_label(period: Period) -> str:
    """Return `2025-W46` for the week that begins on `period.first`."""
    year, week, _ = period.first.isocalendar()
    return f"{year}-W{week:02d}"


def month_label(period: Period) -> str:
    """Return `2025-10` for the month that begins on `period.first`."""
    return f"{period.first:%Y-%m}"


@contextmanager
def _refused_unless_real(text: str) -> Iterator[None]:
    """Raise UsageError for what the calendar lacks: week 54, the 30th of February."""
    try:
        yield
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} does not exist in the calendar") from None
