"""The nouns of the overview, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lib.dates import (
    DAY,
    Period,
    last_complete_month,
    last_complete_week,
    month_label,
    month_of,
    week_label,
    week_of,
)
from lib.domain.mail_states import MailState
from lib.model import RUNNING, Pipeline, Status

#: How far back the grid goes.
DAYS, WEEKS, MONTHS = 35, 12, 12
#: Of the past days that lack reports, the latest.
LISTED_DAYS = 5
#: How long a mail that was refused for good is shown.
REFUSED_DAYS = 7

#: What a person adds to `jobs.notify`, by the state of a mail.
_DECISIONS: Mapping[str, str] = {
    MailState.UNCERTAIN: "--accept  # or --resend",
    MailState.FAILED: "--resend  # after correcting the recipient",
}


class State(StrEnum):
    """How a period of a pipeline stands."""

    #: Everything was made.
    CLOSED = "closed"
    #: A run left something to do.
    OWED = "owed"
    #: There is data, and no run has made anything of it.
    OPEN = "open"
    RUNNING = "running"
    #: Nothing is stored, and for a past day never will be: the portal shows yesterday only.
    #:
    #: Source: lesson 107.
    NO_DATA = "no data"


@dataclass(frozen=True)
class RunRow:
    """One row of `pipeline_run_summaries`."""

    pipeline: Pipeline
    run_id: str
    report_on: date
    status: str
    started_at: datetime
    finished_at: datetime
    closes: bool
    summary: str
    #: How the portal served the run's requests; empty where nothing is to be said about it.
    portal: str = ""


@dataclass(frozen=True)
class Owed:
    """Deliveries of one pipeline and report date that are owed, uncertain or were refused."""

    pipeline: str
    report_on: date
    state: str
    deliveries: int
    #: The stores that the mails are about, sorted; without the mail about the run.
    stores: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For people: `2 refused for good (T105, TS48)`."""
        state = "refused for good" if self.state == MailState.FAILED else self.state
        stores = f" ({', '.join(self.stores)})" if self.stores else ""

        return f"{self.deliveries} {state}{stores}"


@dataclass(frozen=True)
class Cell:
    """One square of the grid."""

    period: Period
    label: str
    state: State


@dataclass(frozen=True)
class Overview:
    """Everything that `jobs.status` tells, as of one moment."""

    at: datetime
    today: date
    #: The latest ones of each pipeline, newest first.
    runs: tuple[RunRow, ...]
    #: Oldest period first.
    grid: Mapping[Pipeline, tuple[Cell, ...]]
    mails: tuple[Owed, ...]
    #: Runs whose rows this look closed, because their process is gone.
    killed: tuple[str, ...]
    #: Commands, the most urgent one first.
    next_steps: tuple[str, ...]


def grid(
    today: date,
    days: Collection[date],
    runs: Collection[RunRow],
    closed: Mapping[Pipeline, Collection[date]],
) -> dict[Pipeline, tuple[Cell, ...]]:
    """Return how each recent period of each pipeline stands; `days` are those with data."""
    return {
        pipeline: tuple(
            Cell(period, label, _state(period, pipeline, days, runs, closed[pipeline]))
            for period, label in periods
        )
        for pipeline, periods in _periods(today).items()
    }


def past_days(today: date) -> Period:
    """Return the days of the grid that no daily run is about any more: the portal shows only yesterday.

    Source: lesson 107.
    """
    return Period(today - DAYS * DAY, today - 2 * DAY)


def _periods(today: date) -> dict[Pipeline, list[tuple[Period, str]]]:
    days = [today - number * DAY for number in range(DAYS, 0, -1)]
    return {
        Pipeline.DAILY: [(Period(day, day), day.isoformat()) for day in days],
        Pipeline.WEEKLY: [
            (week, week_label(week)) for week in _back(last_complete_week(today), week_of, WEEKS)
        ],
        Pipeline.MONTHLY: [
            (month, month_label(month))
            for month in _back(last_complete_month(today), month_of, MONTHS)
        ],
    }


def _back(latest: Period, containing: Callable[[date], Period], count: int) -> list[Period]:
    periods = [latest]
    while len(periods) < count:
        periods.append(containing(periods[-1].first - DAY))

    return periods[::-1]


def _state(
    period: Period,
    pipeline: Pipeline,
    days: Collection[date],
    runs: Collection[RunRow],
    closed: Collection[date],
) -> State:
    mine = [run for run in runs if run.pipeline is pipeline and run.report_on == period.last]
    if any(run.status == RUNNING for run in mine):
        return State.RUNNING

    if period.last in closed:
        return State.CLOSED

    if mine and max(mine, key=lambda run: run.started_at).status == Status.ERROR:
        return State.OWED

    return State.OPEN if any(day in days for day in period.days()) else State.NO_DATA


def next_steps(
    cells: Mapping[Pipeline, tuple[Cell, ...]],
    mails: Collection[Owed],
    unmade: Sequence[date] = (),
    *,
    has_history: bool,
) -> Iterator[str]:
    """Yield the commands that mend what the overview shows, the most urgent one first.

    `unmade` are past days that have figures and lack reports. No command closes such a day: what
    the portal did not show on its own day is gone.
    """
    if cells[Pipeline.DAILY][-1].state not in (State.CLOSED, State.RUNNING):
        yield "python -m jobs.daily"

    for pipeline, job in ((Pipeline.WEEKLY, "weekly"), (Pipeline.MONTHLY, "monthly")):
        if has_history and any(cell.state in (State.OPEN, State.OWED) for cell in cells[pipeline]):
            yield f"python -m jobs.{job}"

    for day in unmade[-LISTED_DAYS:]:
        yield f"python -m jobs.reports --date {day}  # what is stored of that day; it stays open"

    for owed in mails:
        command = f"python -m jobs.notify --pipeline {owed.pipeline} --report-date {owed.report_on}"
        yield f"{command} {_DECISIONS.get(owed.state, '')}".rstrip()
