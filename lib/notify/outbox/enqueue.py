"""Writes a plan into the ledger: what is owed to whom, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from lib.config.settings import Settings
from lib.model import Finding
from lib.notify.message import attachment_files
from lib.notify.model import addresses
from lib.notify.model.addresses import InvalidAddress
from lib.notify.model.rows import Facts, Run
from lib.notify.outbox import digest, read_queries, rules, write_queries
from lib.notify.outbox.rules import Content, Promise
from lib.notify.plan import build, queries
from lib.notify.plan.build import Plan, PlannedMail

#: Of Message-IDs that were made before anybody said where our mail comes from.
NO_DOMAIN = "simplify.invalid"


def plan_notifications_for_run(
    connection: Connection, pipeline_name: str, run_id: str, *, settings: Settings
) -> Plan:
    """Store what the run owes, in the caller's transaction, and return the plan with all its findings.

    Idempotent: what was promised before (by this run or another one of the same period) is not
    promised again; only what is still pending gets the newer content.
    """
    write_queries.lock_planning(connection, pipeline_name)
    facts, plan = plan_of(connection, pipeline_name, run_id, settings=settings)
    _write(connection, [[promise] for promise in _promises(connection, facts, plan, settings)])

    return plan


def plan_digest(
    connection: Connection, pipeline_name: str, run_ids: Sequence[str], *, settings: Settings
) -> dict[str, tuple[Finding, ...]]:
    """Store what several runs owe, as one mail for each profile and store wherever the same people are owed it.

    `run_ids` are in the order of their periods. Returns the findings about each. Idempotent as
    `plan_notifications_for_run`.
    """
    write_queries.lock_planning(connection, pipeline_name)
    findings: dict[str, tuple[Finding, ...]] = {}
    promises: list[Promise] = []

    for run_id in run_ids:
        facts, plan = plan_of(connection, pipeline_name, run_id, settings=settings)
        findings[run_id] = plan.findings
        promises += _promises(connection, facts, plan, settings)

    _write(connection, digest.grouped(promises))
    return findings


def plan_of(
    connection: Connection, pipeline_name: str, run_id: str, *, settings: Settings
) -> tuple[Facts, Plan]:
    """Return the facts about a run and the plan that they make, with each report's file looked at; stores nothing."""
    facts = queries.read(connection, pipeline_name, run_id)
    facts = replace(
        facts, documents=attachment_files.looked_at(facts.documents, settings.volumes.reports_root)
    )

    return facts, build.build(facts)


def sender_domain(settings: Settings) -> str:
    """Return the domain that Message-IDs are made under."""
    try:
        return addresses.sender(settings.mail.sender).domain if settings.mail else NO_DOMAIN
    except InvalidAddress:
        return NO_DOMAIN


def _promises(
    connection: Connection, facts: Facts, plan: Plan, settings: Settings
) -> list[Promise]:
    """Return those of the plan's mails that somebody is still owed, in the order in which to send them."""
    if not facts.run:
        return []

    domain = sender_domain(settings)
    made = (
        _promise(connection, facts.run, mail, facts, position, domain)
        for position, mail in enumerate(plan.mails)
    )

    return [promise for promise in made if promise]


def _promise(  # noqa: PLR0917 - one value of each kind
    connection: Connection, run: Run, mail: PlannedMail, facts: Facts, position: int, domain: str
) -> Promise | None:
    key = rules.key(run, mail)
    known = read_queries.known(connection, key)
    write_queries.withdraw(connection, key, mail)

    version = rules.version(run, mail, facts.documents, known)
    if version is None:
        return None

    identity = rules.identity(key, version, domain, known)
    owed = rules.owed(run, mail, Content(version, run.run_id, identity), known)

    return (
        Promise(key, mail, owed, Content(version, run.run_id, identity), run.finished_at, position)
        if owed
        else None
    )


def _write(connection: Connection, mails: Iterable[Sequence[Promise]]) -> None:
    """Store each mail with the promises that it keeps: one, or several in a digest."""
    for promises in mails:
        mail, content = promises[-1].mail, promises[-1].content

        if len(promises) > 1:
            mail, content = (
                digest.merged(promises, attachment_files.size_bytes),
                digest.content(promises),
            )

        write_queries.store_message(
            connection,
            content.message_id,
            mail,
            dated_at=promises[-1].dated_at,
            position=promises[-1].position,
        )

        for promise in promises:
            promised = {address: rules.send_as(promise.mail, address) for address in promise.owed}
            own = replace(promise.content, message_id=content.message_id)
            write_queries.promise(connection, promise.key, promised, own)

        # What each period promised by itself, before there was a digest.
        write_queries.forget(
            connection, {promise.content.message_id for promise in promises} - {content.message_id}
        )
