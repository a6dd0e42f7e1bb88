"""Writes a run's plan into the ledger: what is owed to whom, before anything is sent."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from lib.config.settings import Settings
from lib.notify import addresses, files, ledger, ledger_queries, plans, queries
from lib.notify.addresses import InvalidAddress
from lib.notify.ledger import Content, Delivery, Key
from lib.notify.plans import Plan, PlannedMail
from lib.notify.records import Facts

NO_DOMAIN = "simplify.invalid"
"""Of Message-IDs that were made before anybody said where our mail comes from."""


def plan_notifications_for_run(connection: Connection, pipeline_name: str, run_id: str, *, settings: Settings) -> Plan:
    """Store what the run owes, in the caller's transaction, and return the plan with all its findings.

    Idempotent: what was promised before (by this run or another one of the same period) is not promised again; only
    what is still pending gets the newer content.
    """
    ledger_queries.lock_planning(connection, pipeline_name)
    facts, plan = plan_of(connection, pipeline_name, run_id, settings=settings)
    if facts.run:
        domain = sender_domain(settings)
        for position, mail in enumerate(plan.mails):
            _store(connection, facts, mail, position, domain)
    return plan


def plan_of(connection: Connection, pipeline_name: str, run_id: str, *, settings: Settings) -> tuple[Facts, Plan]:
    """Return the facts about a run and the plan that they make, with each report's file looked at; stores nothing."""
    facts = queries.read(connection, pipeline_name, run_id)
    facts = replace(facts, documents=files.looked_at(facts.documents, settings.volumes.reports_root))
    return facts, plans.build(facts)


def sender_domain(settings: Settings) -> str:
    """Return the domain that Message-IDs are made under."""
    try:
        return addresses.sender(settings.mail.sender).domain if settings.mail else NO_DOMAIN
    except InvalidAddress:
        return NO_DOMAIN


def _store(connection: Connection, facts: Facts, mail: PlannedMail, position: int, domain: str) -> None:
    if facts.run is None:
        return
    key = ledger.key(facts.run, mail)
    known = ledger_queries.known(connection, key)
    ledger_queries.withdraw(connection, key, mail)
    version = ledger.version(facts.run, mail, facts.documents, known)
    if version is None or not (owed := ledger.owed(facts.run, mail, version, known)):
        return
    identity = _identity(key, version, known, domain)
    ledger_queries.store_message(connection, identity, mail, dated_at=facts.run.finished_at, position=position)
    promised = {address: ledger.send_as(mail, address) for address in owed}
    ledger_queries.promise(connection, key, promised, Content(version, facts.run.run_id, identity))


def _identity(key: Key, version: str, known: list[Delivery], domain: str) -> str:
    """Keep the Message-ID that the mail has, also when the sender's domain was changed since."""
    planned = (row.message_id for row in known if row.version == version)
    return next(planned, None) or ledger.message_id([key], version, domain)
