"""Writes into the outbox that a form could not be read: once for each PDF and sender."""

from __future__ import annotations

from sqlalchemy import Connection

from lib import dates
from lib.config.settings import Settings
from lib.domain.mail_states import RETURNED_FORM
from lib.model import Pipeline
from lib.notify.outbox import rules, write_queries
from lib.notify.outbox.enqueue import sender_domain
from lib.notify.outbox.rules import Content, Key
from lib.notify.plan import reader_queries, refused_form
from lib.notify.plan.refused_form import RefusedForm


def plan_refused_form(
    connection: Connection,
    refused: RefusedForm,
    *,
    settings: Settings,
) -> bool:
    """Store that the sender is owed the reason, in the caller's transaction; True if that is new.

    The mail is one of the newest daily run; before the first nothing was mailed, so nobody answers.
    `jobs.notify` sends it.
    """
    newest = reader_queries.latest_run(connection)
    if newest is None:
        return False

    run_id, report_on = newest
    mail = refused_form.mail(refused)
    key = Key(Pipeline.DAILY, report_on, mail.profile, mail.profile_env, "")
    version = RETURNED_FORM + refused.digest[:16]
    identity = rules.message_id(
        [key],
        f"{version} {refused.sender.mailbox.lower()}",
        sender_domain(settings),
    )

    write_queries.lock_planning(connection, Pipeline.DAILY)
    return write_queries.enqueue_once(
        connection,
        key,
        refused.sender,
        mail,
        Content(version, run_id, identity),
        dated_at=dates.now(),
    )
