"""Delivers what earlier runs still owe, and takes a person's word for what no program can know."""

from __future__ import annotations

from collections.abc import Callable
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
from lib.notify import MailState, NotifyResult
from lib.run import MailsSent, amend, most_serious, queries


class Decision(StrEnum):
    """What a person says about mails that are uncertain or were refused."""

    RESEND = "resend"
    ACCEPT = "accept"


@dataclass(frozen=True)
class DeliveryRequest:
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
class _ReportDate:
    """One report date of a pipeline, and the run whose row says what becomes of its mails."""

    pipeline: str
    report_on: date
    #: None when no run of it has a row.
    run_id: str | None


def run(settings: Settings, request: DeliveryRequest) -> ExitCode:
    """Deliver what is owed.

    Return TEMPORARY while something still is, CONFIGURATION when that waits for a person.
    """
    engine = connect(settings.database_url, application_name="simplify notify")

    try:
        with engine.connect() as connection:
            migrations.require_current(connection)

        with log.phase(Phase.NOTIFY):
            dates_due = _report_dates(engine, request, settings.command)
            codes = []

            for one in dates_due:
                codes.append(_exit_code(engine, settings, one, request))

            if not codes:
                _log_what_waits(engine)
    finally:
        engine.dispose()

    return most_serious(codes)


def _exit_code(
    engine: Engine,
    settings: Settings,
    due: _ReportDate,
    request: DeliveryRequest,
) -> ExitCode:
    """Deliver what is owed about one report date; return how that ended."""
    try:
        result = _deliver(engine, settings, due, request)
    except notify.DeliveryInProgress as error:
        # Another process that delivers for this pipeline holds back no other pipeline's mails.
        log.warning(str(error))
        return error.exit_code

    if result.needs_person:
        return ExitCode.CONFIGURATION

    return ExitCode.TEMPORARY if result.status is Status.ERROR else ExitCode.OK


def _log_what_waits(engine: Engine) -> None:
    with engine.connect() as connection:
        count, first_at = notify.waiting(connection)

    if first_at is None:
        log.ok("no mail is due")
        return

    log.ok(
        f"no mail is due: {count} wait for their next attempt,"
        f" the first for {dates.minute(first_at)};"
        " --run-id, or --pipeline with --report-date, tries now"
    )


def _report_dates(
    engine: Engine,
    request: DeliveryRequest,
    command: Callable[[str], str],
) -> list[_ReportDate]:
    with engine.connect() as connection:
        if request.run_id:
            row = queries.row_of(connection, request.run_id)
            if row is None:
                raise UsageError(
                    f"there is no run {request.run_id} in pipeline_run_summaries;"
                    f" {command('status')} lists them"
                )

            report_on = row.report_date or row.started_at.date()
            return [_ReportDate(row.pipeline_name, report_on, row.run_id)]

        if request.pipeline and request.report_on:
            run_id = queries.latest(
                connection,
                request.pipeline,
                request.report_on,
            )
            if run_id is None:
                raise UsageError(
                    f"{request.pipeline} has no run for {request.report_on};"
                    f" {command('status')} lists the runs"
                )

            return [_ReportDate(request.pipeline, request.report_on, run_id)]

        due = notify.due(connection, dates.now())
        found = []

        for name, day in due:
            run_id = queries.latest(connection, name, day)
            found.append(_ReportDate(name, day, run_id))

        return found


def _deliver(
    engine: Engine,
    settings: Settings,
    due: _ReportDate,
    request: DeliveryRequest,
) -> NotifyResult:
    if request.decision:
        _decide(engine, due, request)

    with engine.connect() as connection:
        row = queries.row_of(connection, due.run_id) if due.run_id else None

    # The mails of a run that is still at work, or was killed, are its own to plan: here only what
    # it has in the outbox goes.
    if row is not None and row.overall_status != RUNNING:
        result = notify.send_notifications_for_run(
            due.pipeline,
            row.run_id,
            engine=engine,
            settings=settings,
        )
    else:
        result = notify.deliver_period(
            due.pipeline,
            due.report_on,
            due.run_id,
            engine=engine,
            settings=settings,
        )

    _record(engine, due, result)
    return result


def _decide(
    engine: Engine,
    due: _ReportDate,
    request: DeliveryRequest,
) -> None:
    is_arrived = request.decision is Decision.ACCEPT

    with engine.begin() as connection:
        decided = notify.decide(
            connection,
            due.pipeline,
            due.report_on,
            run_id=request.run_id,
            is_arrived=is_arrived,
        )

    if not decided:
        what = "uncertain" if is_arrived else "uncertain or refused"
        log.info(f"no mail of {due.pipeline} for {due.report_on} is {what}")
    elif is_arrived:
        log.ok(f"{decided} uncertain deliveries count as arrived from now on")
    else:
        log.ok(f"{decided} uncertain or refused deliveries are owed again")


def _record(
    engine: Engine,
    due: _ReportDate,
    result: NotifyResult,
) -> None:
    """Log what became of the mails and write it into the rows of the runs that wait for it."""
    for finding in result.findings:
        log.found(finding)

    for mail in result.mails:
        if mail.status is not Status.OK:
            log.ended(mail.status, f"mail {mail.name}: {mail.state}: {mail.reason}")

    if result.count(MailState.UNCERTAIN):
        log.warning(
            "look into the mailbox of a reader,"
            " then run this with --accept (it is there) or --resend (it is not)"
        )

    log.info(
        f"{due.pipeline} {due.report_on}: {result.message}",
        report_date=due.report_on,
    )

    with engine.begin() as connection:
        for run_id in _runs_to_amend(connection, due):
            amend(connection, run_id, _mails_sent(result))


def _runs_to_amend(connection: Connection, due: _ReportDate) -> set[str]:
    """Return the runs whose row says what became of the mails.

    Those that may be open for no other reason.
    """
    earlier = queries.earlier(
        connection,
        due.pipeline,
        due.report_on,
    )
    failed = set()

    for run in earlier:
        if run.status == Status.ERROR:
            failed.add(run.run_id)

    return failed | ({due.run_id} if due.run_id else set())


def _mails_sent(result: NotifyResult) -> MailsSent:
    severities = [finding.severity for finding in result.findings]
    statuses = [mail.status for mail in result.mails]

    for severity in severities:
        if severity is not Status.OK:
            statuses.append(severity)

    return MailsSent(
        tuple(statuses) or (Status.OK,),
        result.message,
        result.as_metrics(),
    )
