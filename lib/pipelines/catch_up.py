"""The periods that a pipeline owes, and why it leaves the others out. Pure: facts in, plan out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from lib.dates import DAY, Period
from lib.domain.pipelines import PipelineFacts


class Why(StrEnum):
    """Why a complete period is not made now."""

    #: A run made the reports of every store that has data.
    CLOSED = "closed"
    #: No report store has a stored dashboard in it; late data opens it again.
    NO_DATA = "no data"
    #: The daily run of its last day is owed, and the portal still shows that day.
    AWAITED = "awaited"
    #: It ended longer ago than CATCH_UP_MAX_AGE_DAYS.
    TOO_OLD = "too old"
    #: CATCH_UP_MAX_PERIODS older ones come first; running again makes it.
    CAPPED = "over the cap"


@dataclass(frozen=True)
class History:
    """What the database knows of the past of one pipeline."""

    #: Those on which any report store has data.
    days: Collection[date]
    #: Report dates that a run closed.
    closed: Collection[date]
    #: Report dates of which people know that there are no data.
    known_empty: Collection[date]
    #: Yesterday's data can still come: its daily run is owed.
    awaits_yesterday: bool = False


@dataclass(frozen=True)
class Limits:
    """How much one run may catch up."""

    max_periods: int
    max_age_days: int
    #: The operator's word: periods before this day are left out, later ones are never too old.
    since: date | None = None


@dataclass(frozen=True)
class CatchUpPlan:
    """What is to be done, oldest first, and what is not."""

    periods: tuple[Period, ...]
    left_out: tuple[tuple[Period, Why], ...]

    def left_out_as(self, why: Why) -> list[Period]:
        """Return the periods that are left out for this reason, oldest first."""
        found = []

        for period, reason in self.left_out:
            if reason is why:
                found.append(period)

        return found


def plan(
    calendar: PipelineFacts,
    history: History,
    today: date,
    limits: Limits,
) -> CatchUpPlan:
    """Return every complete period from the first day with data on that is owed.

    The others are left out, each with its reason. A period without data is not owed; only the
    latest one is planned once, so that people learn of it.
    """
    if not history.days:
        return CatchUpPlan((), ())

    first = max(min(history.days), limits.since or date.min)
    candidates = calendar.complete(first, today)

    planned: list[Period] = []
    left_out: list[tuple[Period, Why]] = []

    for period in candidates:
        is_latest = period == candidates[-1]
        why = _judge(period, history, today, limits, is_latest=is_latest)

        if why is None and len(planned) == limits.max_periods:
            why = Why.CAPPED

        if why is None:
            planned.append(period)
        else:
            left_out.append((period, why))

    return CatchUpPlan(tuple(planned), tuple(left_out))


def plan_one(
    period: Period,
    history: History,
    today: date,
    *,
    force: bool,
) -> CatchUpPlan:
    """Return the plan for the one period that an operator chose; `force` makes it in any case."""
    why = None
    if not force:
        if period.last in history.closed:
            why = Why.CLOSED
        elif _is_awaited(period, history, today):
            why = Why.AWAITED

    if why is None:
        return CatchUpPlan((period,), ())

    return CatchUpPlan((), ((period, why),))


def _judge(
    period: Period,
    history: History,
    today: date,
    limits: Limits,
    *,
    is_latest: bool,
) -> Why | None:
    """Return why the period is not made; None when it is owed."""
    if period.last in history.closed:
        return Why.CLOSED

    if _is_awaited(period, history, today):
        return Why.AWAITED

    has_data = any(day in history.days for day in period.days())
    is_news = is_latest and period.last not in history.known_empty
    if not has_data and not is_news:
        return Why.NO_DATA

    if limits.since is None and today - period.last > timedelta(days=limits.max_age_days):
        return Why.TOO_OLD

    return None


def _is_awaited(period: Period, history: History, today: date) -> bool:
    # The portal shows yesterday only, so from the second day on nothing more can come.
    return history.awaits_yesterday and period.last == today - DAY


def describe(
    made: CatchUpPlan,
    calendar: PipelineFacts,
    limits: Limits,
) -> Iterator[str]:
    """Yield a line for each period to do, and for each stretch left out for one reason."""
    for period in made.periods:
        yield f"to do: {calendar.label(period)} ({period})"

    for why, group in groupby(made.left_out, key=lambda one: one[1]):
        periods = [period for period, _ in group]
        stretch = calendar.label(periods[0])
        if len(periods) > 1:
            stretch += f" … {calendar.label(periods[-1])} ({len(periods)})"

        yield f"left out: {stretch}: {_reason(why, periods[-1], limits)}"

    if not made.periods:
        yield "to do: nothing"


def _reason(why: Why, period: Period, limits: Limits) -> str:
    match why:
        case Why.CLOSED:
            return "closed"
        case Why.NO_DATA:
            return "no report store has data; it stays open"
        case Why.AWAITED:
            return (
                f"waits for the daily run of {period.last}, whose data the portal still shows; "
                "it is made after that run, or tomorrow without that day"
            )
        case Why.TOO_OLD:
            limit = f"over {limits.max_age_days} days ago (CATCH_UP_MAX_AGE_DAYS)"
            return f"ended {limit}; --since makes it all the same"
        case Why.CAPPED:
            enough = f"{limits.max_periods} periods are enough for one run (CATCH_UP_MAX_PERIODS)"
            return f"{enough}; run again"
