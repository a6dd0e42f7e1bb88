"""Plan, then deliver: the one way in which a run tells people."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from lib import errors, log
from lib.config.settings import MailSettings, Settings
from lib.model import Status
from lib.notify import addresses, files, messages, plans, queries, smtp
from lib.notify.addresses import Address, InvalidAddress
from lib.notify.courier import Courier
from lib.notify.outcomes import Handover, MailOutcome, NotifyResult, not_sent, outcome
from lib.notify.plans import Plan, PlannedMail
from lib.notify.records import Run


def send_notifications_for_run(pipeline_name: str, run_id: str, *, engine: Engine, settings: Settings) -> NotifyResult:
    """Send every mail that the run owes, by its stored summary row, documents, profiles, templates and recipients.

    One mail's problem is that mail's outcome and no exception; only the database's errors are raised. Each mail is
    logged as it ends, the findings are the caller's to log. Nothing is written to the database: the caller stores
    `NotifyResult.as_metrics()` under `email` of the run's metrics. A second call sends again, under the same
    Message-IDs.
    """
    facts = queries.read(engine, pipeline_name, run_id)
    documents = files.looked_at(facts.documents, settings.volumes.reports_root)
    plan = plans.build(replace(facts, documents=documents))
    outcomes = _deliver(plan, facts.run, settings.mail) if facts.run else ()
    return NotifyResult(outcomes, plan.findings)


def _deliver(plan: Plan, run: Run, mail_settings: MailSettings | None) -> tuple[MailOutcome, ...]:
    if mail_settings is None:
        reason = "REPORT_EMAIL_SMTP_HOST or REPORT_EMAIL_FROM is not set"
        return tuple(_finished(mail, not_sent(mail, reason)) for mail in plan.mails)
    try:
        sender = addresses.sender(mail_settings.sender)
    except InvalidAddress as error:
        reason = f"REPORT_EMAIL_FROM cannot be used: {error}"
        return tuple(_finished(mail, not_sent(mail, reason)) for mail in plan.mails)
    with Courier(smtp.server(mail_settings)) as courier:
        return tuple(_finished(mail, _handed_over(mail, run, sender, courier)) for mail in plan.mails)


def _handed_over(mail: PlannedMail, run: Run, sender: Address, courier: Courier) -> Handover:
    if mail.problem:
        return not_sent(mail, mail.problem)
    try:
        message = _message(mail, run, sender)
    except errors.Interrupted:
        raise
    except (files.UnusableFile, messages.UnsendableMessage) as problem:
        return not_sent(mail, str(problem))
    except Exception as error:  # noqa: BLE001 - whatever a library finds wrong with one mail stops that mail only
        return not_sent(mail, f"the message cannot be built: {errors.describe(error)}")
    return courier.hand_over(sender.mailbox, [address.mailbox for address in mail.envelope], message)


def _message(mail: PlannedMail, run: Run, sender: Address) -> bytes:
    identity = messages.message_id(run.pipeline_name, run.run_id, mail, sender.domain)
    contents = [files.content(document) for document in mail.attachments]
    return messages.build(mail, sender=sender, identity=identity, dated_at=run.finished_at, contents=contents)


def _finished(mail: PlannedMail, handover: Handover) -> MailOutcome:
    """Return the outcome, having told it: at once, so that a killed run's log says how far it came."""
    result = outcome(mail, handover)
    people = ", ".join(map(str, mail.envelope))
    reason = f": {handover.reason}" if handover.reason else ""
    fields: log.Fields = {"store_code": mail.store_code} if mail.store_code else {}
    _LOGGERS[result.status](f"mail {mail.profile} to {people} {result.state}{reason}", **fields)
    return result


_LOGGERS = {Status.OK: log.ok, Status.WARNING: log.warning, Status.ERROR: log.error}
