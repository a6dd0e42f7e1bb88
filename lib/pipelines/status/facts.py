"""The values of the overview: how each recent period stands, and what ran and was mailed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter

from lib.dates import DAY, Period
from lib.domain.mail_states import MailState
from lib.domain.pipelines import PIPELINES, PipelineFacts
from lib.model import RUNNING, Pipeline, Status
from lib.pipelines.deadline import DeadlineState

#: How many periods back the grid goes.
DAYS = 35
COUNTS = {Pipeline.DAILY: DAYS, Pipeline.WEEKLY: 12, Pipeline.MONTHLY: 12}
#: How long a mail that was refused for good is shown.
REFUSED_DAYS = 7


class State(StrEnum):
    """How a period of a pipeline stands."""

    #: Everything was made.
    CLOSED = "closed"
    #: A run left something to do.
    OWED = "owed"
    #: There is data, and no run has made anything of it.
    OPEN = "open"
    RUNNING = "running"
    #: A past day of which something is missing for good: the portal shows only yesterday.
    #:
    #: Source: lesson 107.
    LOST = "lost"
    #: Nothing is stored: before the first day, or a period whose data may still come.
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
class MailGroup:
    """Mails of one pipeline and report date that are owed, uncertain or were refused."""

    pipeline: str
    report_on: date
    state: str
    deliveries: int
    #: The stores that the mails are about, sorted; without the mail about the run.
    stores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One square of the grid."""

    period: Period
    label: str
    state: State


@dataclass(frozen=True)
class Morning:
    """What the owners have got this morning."""

    #: The day that the reports are about.
    report_on: date
    #: The stores that get a daily report.
    stores: tuple[str, ...]
    #: By store that has no report, why, as far as it is known.
    missing: Mapping[str, str]
    #: A daily run of the day has begun.
    has_run: bool
    is_running: bool
    #: Stores whose mail about that day was refused for good.
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A job that a person can start because of what the overview shows, with its flags."""

    job: str
    flags: str = ""
    #: For people, behind the command.
    remark: str = ""
    #: Without it something stays undone. Otherwise a timer does it, or it may stay undone.
    is_required: bool = True

    def text(self, command: str) -> str:
        """Return the line to type; `command` is how the job is started here."""
        words = f"{command} {self.flags}".rstrip()
        return f"{words}  # {self.remark}" if self.remark else words


@dataclass(frozen=True)
class Telemetry:
    """What monitoring counts and nobody reads; what is not known has no entry."""

    #: When the last run ended that left nothing to do for its report date.
    successes: Mapping[Pipeline, datetime] = field(default_factory=dict)
    #: Seconds by phase of the last run that ended.
    durations_s: Mapping[Pipeline, Mapping[str, float]] = field(default_factory=dict)
    #: Of the last load, by bucket and by what became of them (`inserted` ... `rejected`).
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    """Everything that `jobs.status` shows, as of one moment."""

    at: datetime
    today: date
    #: The first line: how this morning stands.
    headline: str
    morning: Morning
    #: The latest ones of each pipeline, newest first.
    runs: tuple[RunRow, ...]
    #: Oldest period first.
    grid: Mapping[Pipeline, tuple[Cell, ...]]
    mails: tuple[MailGroup, ...]
    #: Pipelines whose combined report is made and read by nobody.
    unread: tuple[Pipeline, ...]
    #: Runs whose rows this look closed, because their process is gone.
    killed: tuple[str, ...]
    #: The most urgent one first; those that a person must take before those that one may take.
    steps: tuple[Step, ...]
    telemetry: Telemetry = Telemetry()
    #: Of pipelines that have a deadline, for their latest period.
    deadlines: tuple[DeadlineState, ...] = ()


def grid(
    today: date,
    days: Collection[date],
    runs: Collection[RunRow],
    closed: Mapping[Pipeline, Collection[date]],
    recoverable: Collection[date] = (),
) -> dict[Pipeline, tuple[Cell, ...]]:
    """Return how each recent period of each pipeline stands.

    `days` are those with data, `recoverable` past days for which something can still be done.
    """
    first_day = min(days, default=today)
    found = {}

    for pipeline, facts in PIPELINES.items():
        cells = []

        for period in _periods(facts, today):
            state = _state(period, pipeline, days, runs, closed[pipeline])
            is_past = pipeline is Pipeline.DAILY and period.last < today - DAY

            is_over = state not in {State.CLOSED, State.RUNNING} and period.last not in recoverable

            if is_past and is_over and period.last >= first_day:
                state = State.LOST

            cells.append(Cell(period, facts.label(period), state))

        found[pipeline] = tuple(cells)

    return found


def recoverable_days(
    unmade: Collection[date],
    mails: Collection[MailGroup],
) -> set[date]:
    """Return the days of daily runs with reports to make or mails that are not delivered."""
    found = set(unmade)

    for mail in mails:
        if mail.pipeline == Pipeline.DAILY:
            found.add(mail.report_on)

    return found


def past_days(today: date) -> Period:
    """Return the days of the grid that no daily run is about any more.

    The portal shows only yesterday.

    Source: lesson 107.
    """
    return Period(today - DAYS * DAY, today - 2 * DAY)


def morning(
    report_on: date,
    stores: tuple[str, ...],
    made: Collection[str],
    *,
    runs: Collection[RunRow],
    mails: Collection[MailGroup],
    reasons: Callable[[str], str],
) -> Morning:
    """Return how the reports of the day stand; `reasons` returns why a store has none."""
    mine = runs_of(runs, Pipeline.DAILY, report_on)
    refused: set[str] = set()

    for one in mails:
        if one.state == MailState.FAILED and one.report_on == report_on:
            refused.update(one.stores)

    return Morning(
        report_on,
        stores,
        {code: reasons(code) for code in stores if code not in made},
        has_run=bool(mine),
        is_running=any(run.status == RUNNING for run in mine),
        refused=tuple(sorted(refused)),
    )


def runs_of(
    runs: Iterable[RunRow],
    pipeline: Pipeline,
    report_on: date,
) -> list[RunRow]:
    """Return the runs of one pipeline about one report date, the oldest first."""
    found = []

    for run in runs:
        if run.pipeline is pipeline and run.report_on == report_on:
            found.append(run)

    return sorted(found, key=attrgetter("started_at"))


def _periods(facts: PipelineFacts, today: date) -> list[Period]:
    """Return the latest complete periods of a pipeline, the oldest first."""
    next_first = facts.period_of(today).first
    periods: list[Period] = []

    while len(periods) < COUNTS[facts.pipeline]:
        periods.append(facts.period_of(next_first - DAY))
        next_first = periods[-1].first

    return periods[::-1]


def _state(
    period: Period,
    pipeline: Pipeline,
    days: Collection[date],
    runs: Collection[RunRow],
    closed: Collection[date],
) -> State:
    mine = runs_of(runs, pipeline, period.last)

    if any(run.status == RUNNING for run in mine):
        return State.RUNNING

    if period.last in closed:
        return State.CLOSED

    if mine and mine[-1].status == Status.ERROR:
        return State.OWED

    if any(day in days for day in period.days()):
        return State.OPEN

    return State.NO_DATA
