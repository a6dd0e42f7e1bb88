"""Delivers what earlier runs still owe, and lets a person decide what no program can know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, Engine

from lib import dates, log, notify
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, UsageError
from lib.model import RUNNING, Phase, Status
from lib.notify import NotifyResult
from lib.run import MailsSent, amend, most_serious, queries


class Decision(StrEnum):
    """What a person says about mails of which nobody knows whether they arrived."""

    RESEND = "resend"
    ACCEPT = "accept"


@dataclass(frozen=True)
class Choice:
    """Whose mails; without a run or a date, whatever is due of every pipeline."""

    run_id: str | None = None
    pipeline: str | None = None
    report_on: date | None = None
    decision: Decision | None = None

    def __post_init__(self) -> None:
        if (self.pipeline is None) != (self.report_on is None) or (self.run_id and self.pipeline):
            raise UsageError(
                "give --run-id, or --pipeline and --report-date together, or none of them"
            )

        if self.decision and not (self.run_id or self.pipeline):
            raise UsageError(f"--{self.decision} needs --run-id, or --pipeline and --report-date")


@dataclass(frozen=True)
class _Period:
    pipeline: str
    report_on: date
    #: The run that the period's mails are told of; None when no run of it has a row.
    run_id: str | None


def run(settings: Settings, choice: Choice) -> ExitCode:
    """Deliver what is owed; TEMPORARY while something still is, CONFIGURATION when that waits for a person."""
    engine = connect(settings.database_url, application_name="simplify notify")

    try:
        with engine.connect() as connection:
            migrations.require_current(connection)

        with log.phase(Phase.NOTIFY):
            codes = [
                _ending(engine, settings, period, choice) for period in _periods(engine, choice)
            ]
            if not codes:
                _tell_what_waits(engine)
    finally:
        engine.dispose()

    return most_serious(codes)


def _ending(engine: Engine, settings: Settings, period: _Period, choice: Choice) -> ExitCode:
    """Deliver what is owed about one period; whoever delivers for its pipeline now keeps nobody else's mails back."""
    try:
        result = _deliver(engine, settings, period, choice)
    except notify.DeliveryInProgress as error:
        log.warning(str(error))
        return error.exit_code

    if result.needs_person:
        return ExitCode.CONFIGURATION

    return ExitCode.TEMPORARY if result.status is Status.ERROR else ExitCode.OK


def _tell_what_waits(engine: Engine) -> None:
    with engine.connect() as connection:
        count, first_at = notify.waiting(connection)

    if first_at is None:
        log.ok("no mail is due")
        return

    now = "--run-id, or --pipeline with --report-date, tries now"
    log.ok(
        f"no mail is due: {count} wait for their next attempt, the first for {first_at:%Y-%m-%d %H:%M %Z}; {now}"
    )


def _periods(engine: Engine, choice: Choice) -> list[_Period]:
    with engine.connect() as connection:
        if choice.run_id:
            row = queries.row_of(connection, choice.run_id)
            if row is None:
                raise UsageError(
                    f"there is no run {choice.run_id} in pipeline_run_summaries; jobs.status lists them"
                )

            return [
                _Period(row.pipeline_name, row.report_date or row.started_at.date(), row.run_id)
            ]

        if choice.pipeline and choice.report_on:
            run_id = queries.latest(connection, choice.pipeline, choice.report_on)
            if run_id is None:
                raise UsageError(
                    f"{choice.pipeline} has no run for {choice.report_on}; jobs.status lists the runs"
                )

            return [_Period(choice.pipeline, choice.report_on, run_id)]

        due = notify.due(connection, dates.now())
        return [_Period(name, day, queries.latest(connection, name, day)) for name, day in due]


def _deliver(engine: Engine, settings: Settings, period: _Period, choice: Choice) -> NotifyResult:
    if choice.decision:
        _decide(engine, period, choice)

    with engine.connect() as connection:
        row = queries.row_of(connection, period.run_id) if period.run_id else None

    # The mails of a run that is still at work, or was killed, are its own to plan: here only what
    # it has promised goes.
    if row is not None and row.overall_status != RUNNING:
        result = notify.send_notifications_for_run(
            period.pipeline, row.run_id, engine=engine, settings=settings
        )
    else:
        result = notify.deliver_period(
            period.pipeline, period.report_on, period.run_id, engine=engine, settings=settings
        )

    _tell(engine, period, result)
    return result


def _decide(engine: Engine, period: _Period, choice: Choice) -> None:
    is_arrived = choice.decision is Decision.ACCEPT

    with engine.begin() as connection:
        decided = notify.decide(
            connection,
            period.pipeline,
            period.report_on,
            run_id=choice.run_id,
            is_arrived=is_arrived,
        )

    if not decided:
        log.info(f"no mail of {period.pipeline} for {period.report_on} is uncertain")
    elif is_arrived:
        log.ok(f"{decided} uncertain deliveries count as arrived from now on")
    else:
        log.ok(f"{decided} uncertain deliveries are owed again")


def _tell(engine: Engine, period: _Period, result: NotifyResult) -> None:
    for finding in result.findings:
        log.found(finding)

    for mail in result.mails:
        if mail.status is not Status.OK:
            log.ended(mail.status, f"mail {mail.name}: {mail.state}: {mail.reason}")

    if result.count(notify.MailState.UNCERTAIN):
        log.warning(
            "look into the mailbox of a reader, then run this with --accept (it is there) or --resend (it is not)"
        )

    log.info(
        f"{period.pipeline} {period.report_on}: {result.message}", report_date=period.report_on
    )

    with engine.begin() as connection:
        for run_id in _told_of(connection, period):
            amend(connection, run_id, _telling(result))


def _told_of(connection: Connection, period: _Period) -> set[str]:
    """Return the runs whose row says what became of the period's mails: those that may be open for no other reason."""
    earlier = queries.earlier(connection, period.pipeline, period.report_on)
    failed = {run.run_id for run in earlier if run.status == Status.ERROR}

    return failed | ({period.run_id} if period.run_id else set())


def _telling(result: NotifyResult) -> MailsSent:
    worth_reading = [
        finding.severity for finding in result.findings if finding.severity is not Status.OK
    ]
    statuses = [mail.status for mail in result.mails] + worth_reading

    return MailsSent(tuple(statuses) or (Status.OK,), result.message, result.as_metrics())
