"""Plans and delivers: how a run notifies its readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Engine

from lib.config.settings import Settings
from lib.model import Finding
from lib.notify.delivery import deliver
from lib.notify.model.results import NotifyResult
from lib.notify.outbox import read_queries, rules
from lib.notify.outbox.enqueue import plan_digest, plan_notifications_for_run
from lib.notify.outbox.rules import Message
from lib.notify.plan import queries


def send_notifications_for_run(
    pipeline_name: str,
    run_id: str,
    *,
    engine: Engine,
    settings: Settings,
) -> NotifyResult:
    """Plan what the run owes, unless that was done, then deliver what its report date is owed.

    A mail that went is never sent again; what could not go stays in the outbox and the next call
    tries it. One mail's problem is that mail's outcome and no exception; only the database's errors
    and DeliveryInProgress are raised. Each mail is logged as it ends, the findings are the caller's
    to log.
    """
    with engine.begin() as connection:
        plan = plan_notifications_for_run(
            connection,
            pipeline_name,
            run_id,
            settings=settings,
        )
        report_on = queries.report_date(connection, run_id)

    if report_on is None:
        return NotifyResult(findings=plan.findings)

    return deliver_period(
        pipeline_name,
        report_on,
        run_id,
        plan.findings,
        engine=engine,
        settings=settings,
    )


def send_digest_for_runs(
    pipeline_name: str,
    run_ids: Sequence[str],
    *,
    engine: Engine,
    settings: Settings,
) -> dict[str, NotifyResult]:
    """Do the same for several runs, oldest period first, with one mail a profile and store.

    Return for each run what has become of all their mails, with the findings about that run.
    """
    with engine.begin() as connection:
        findings = plan_digest(
            connection,
            pipeline_name,
            run_ids,
            settings=settings,
        )
        dates = []

        for run_id in run_ids:
            dates.append(queries.report_date(connection, run_id))

    periods = list(dict.fromkeys(filter(None, dates)))
    stuck: set[str] = set()

    for report_on in periods:
        stuck |= deliver.deliver(
            engine,
            pipeline_name,
            settings.mail,
            report_on=report_on,
        )

    # A digest is a mail of several periods: it counts once.
    messages: dict[str, Message] = {}

    with engine.connect() as connection:
        for report_on in periods:
            for message in read_queries.of_period(
                connection,
                pipeline_name,
                report_on,
            ):
                messages[message.message_id] = message

    mails = tuple(
        rules.outcome(
            one,
            set(run_ids),
            stuck,
        )
        for one in messages.values()
    )
    found = {}

    for run_id in run_ids:
        found[run_id] = NotifyResult(mails, findings[run_id])

    return found


def deliver_period(
    pipeline_name: str,
    report_on: date,
    run_id: str | None,
    findings: Iterable[Finding] = (),
    *,
    engine: Engine,
    settings: Settings,
) -> NotifyResult:
    """Deliver what is owed about a period; return what has become of all its mails.

    `run_id` is the run that asks.
    """
    stuck = deliver.deliver(
        engine,
        pipeline_name,
        settings.mail,
        report_on=report_on,
    )

    with engine.connect() as connection:
        messages = read_queries.of_period(connection, pipeline_name, report_on)

    mails = tuple(
        rules.outcome(
            message,
            {run_id},
            stuck,
        )
        for message in messages
    )
    return NotifyResult(mails, tuple(findings))
