"""Which periods a pipeline owes, and why it leaves the others out. Pure: facts in, plan out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from lib.dates import Period
from lib.pipelines.calendars import Calendar


class Why(StrEnum):
    """Why a complete period is not made now."""

    #: A run made the reports of every store that has data.
    CLOSED = "closed"
    #: No report store has a stored dashboard in it; late data opens it again.
    NO_DATA = "no data"
    #: It ended longer ago than CATCH_UP_MAX_AGE_DAYS.
    TOO_OLD = "too old"
    #: CATCH_UP_MAX_PERIODS older ones come first; running again does it.
    CAPPED = "over the cap"


@dataclass(frozen=True)
class History:
    """What the database knows of the past of one pipeline."""

    #: Those on which any report store has data.
    days: Collection[date]
    #: Report dates that a run closed.
    closed: Collection[date]
    #: Report dates without data of which people were told already.
    told: Collection[date]


@dataclass(frozen=True)
class Limits:
    """How much one run may catch up."""

    max_periods: int
    max_age_days: int
    #: The operator's word: periods before this day are left out, later ones are never too old.
    since: date | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be done, oldest first, and what is not."""

    periods: tuple[Period, ...]
    left_out: tuple[tuple[Period, Why], ...]

    def of(self, why: Why) -> list[Period]:
        """Return what is left out for this reason, oldest first."""
        return [period for period, reason in self.left_out if reason is why]


def plan(calendar: Calendar, history: History, today: date, limits: Limits) -> Plan:
    """Return every complete period from the first day with data that is owed, and the others with their reasons.

    A period without data is not owed; only the latest one is planned once, so that people learn of
    it.
    """
    if not history.days:
        return Plan((), ())

    first = max(min(history.days), limits.since or date.min)
    candidates = calendar.complete(first, today)
    judged = [
        (period, _judge(period, candidates[-1], history, today, limits)) for period in candidates
    ]
    owed = [period for period, why in judged if why is None]
    capped = set(owed[limits.max_periods :])

    return Plan(
        tuple(period for period in owed if period not in capped),
        tuple((period, why or Why.CAPPED) for period, why in judged if why or period in capped),
    )


def _judge(
    period: Period, latest: Period, history: History, today: date, limits: Limits
) -> Why | None:
    if period.last in history.closed:
        return Why.CLOSED

    if not any(day in history.days for day in period.days()) and (
        period != latest or period.last in history.told
    ):
        return Why.NO_DATA

    if limits.since is None and today - period.last > timedelta(days=limits.max_age_days):
        return Why.TOO_OLD

    return None


def describe(made: Plan, calendar: Calendar, limits: Limits) -> Iterator[str]:
    """Yield the plan in words: a line for each period to do and for each stretch that is left out for one reason."""
    for period in made.periods:
        yield f"to do: {calendar.label(period)} ({period})"

    for why, group in groupby(made.left_out, key=lambda one: one[1]):
        labels = [calendar.label(period) for period, _ in group]
        stretch = labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]} ({len(labels)})"
        yield f"left out: {stretch}: {_reason(why, limits)}"

    if not made.periods:
        yield "to do: nothing"


def _reason(why: Why, limits: Limits) -> str:
    match why:
        case Why.CLOSED:
            return "closed"
        case Why.NO_DATA:
            return "no report store has data; it stays open"
        case Why.TOO_OLD:
            return f"ended over {limits.max_age_days} days ago (CATCH_UP_MAX_AGE_DAYS); --since makes it all the same"
        case Why.CAPPED:
            return f"{limits.max_periods} periods are enough for one run (CATCH_UP_MAX_PERIODS); run again"
