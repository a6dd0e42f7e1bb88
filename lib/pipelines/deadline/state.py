"""How the mails of the latest period of each pipeline stand against their deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from lib import dates
from lib.config import Settings
from lib.dates import DAY
from lib.domain.pipelines import PIPELINES, PipelineFacts
from lib.model import RUNNING, Pipeline
from lib.pipelines.deadline import queries
from lib.pipelines.deadline.forecast import (
    PastDurations,
    Progress,
    due_at,
    forecast,
    progress_of_row,
    rest_of,
)
from lib.pipelines.deadline.queries import LatestRun


@dataclass(frozen=True)
class DeadlineState:
    """When the mails of one report date must be, are expected to be and were out."""

    pipeline: Pipeline
    report_on: date
    due_at: datetime
    has_run: bool = False
    is_running: bool = False
    #: Of a run that has ended, as it was expected at its beginning. None where that is not known.
    expected_at: datetime | None = None
    #: Runs that say how long each phase usually takes.
    known_runs: int = 0
    #: No mail is left to send. Without an instant none was sent at all.
    are_out: bool = False
    out_at: datetime | None = None


def deadline_states(
    connection: Connection,
    settings: Settings,
    now: datetime,
) -> list[DeadlineState]:
    """Return how each pipeline with a deadline stands for its latest complete period."""
    today = dates.today(settings.zone, now)
    found = []

    for facts in PIPELINES.values():
        deadline = settings.deadlines.get(facts.job)

        if deadline is not None:
            on = _latest(facts, today)
            due = due_at(on, deadline, settings.zone)
            found.append(_state(connection, facts.pipeline, on, due, now))

    return found


def _latest(facts: PipelineFacts, today: date) -> date:
    """Return the last day of the latest period that is over."""
    return facts.period_of(today).first - DAY


def _state(
    connection: Connection,
    pipeline: Pipeline,
    on: date,
    due: datetime,
    now: datetime,
) -> DeadlineState:
    run = queries.latest_run(connection, pipeline, on)
    if run is None:
        return DeadlineState(pipeline, on, due)

    mails = queries.mails(connection, pipeline, on)
    history = queries.history(connection, pipeline, on)

    return DeadlineState(
        pipeline,
        on,
        due,
        has_run=True,
        is_running=run.status == RUNNING,
        expected_at=_expected_at(run, history, now),
        known_runs=len(history.durations_s),
        are_out=mails.are_out,
        out_at=mails.sent_at if mails.are_out else None,
    )


def _expected_at(run: LatestRun, history: PastDurations, now: datetime) -> datetime | None:
    if not history.is_known:
        return None

    shares = run.metrics.get("shares", {})
    if run.status != RUNNING:
        whole_s = sum(rest_of(history, Progress({}, (), shares)).values())
        return run.started_at + timedelta(seconds=whole_s)

    progress = progress_of_row(
        (now - run.started_at).total_seconds(),
        run.metrics.get("durations_s", {}),
        shares,
        history,
    )
    return forecast(now, now, history, progress).expected_at
