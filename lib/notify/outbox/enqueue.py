"""Writes a plan into the outbox: what is owed to whom, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from lib.config.settings import Settings
from lib.domain.mail_states import LATE
from lib.model import Finding
from lib.notify.message import attachment_files
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Facts, RunSummaryRow
from lib.notify.outbox import digest, read_queries, rules, write_queries
from lib.notify.outbox.rules import Content, OutboxEntry
from lib.notify.plan import build, corrections, late, queries
from lib.notify.plan.build import MailPlan

#: Of Message-IDs that were made before REPORT_EMAIL_FROM was set.
NO_DOMAIN = "simplify.invalid"


def plan_notifications_for_run(
    connection: Connection,
    pipeline_name: str,
    run_id: str,
    *,
    settings: Settings,
) -> MailPlan:
    """Store what the run owes, in the caller's transaction; return the plan with all its findings.

    Idempotent: what is in the outbox already (from this run or another one of the same period) is
    not added again; only what is still pending gets the newer content.
    """
    write_queries.lock_planning(connection, pipeline_name)
    facts, plan = plan_of(
        connection,
        pipeline_name,
        run_id,
        settings=settings,
    )
    entries = _entries(connection, facts, plan, settings)

    _write(connection, [[entry] for entry in entries])
    return plan


def plan_digest(
    connection: Connection,
    pipeline_name: str,
    run_ids: Sequence[str],
    *,
    settings: Settings,
) -> dict[str, tuple[Finding, ...]]:
    """Store what several runs owe, as one mail for each profile and store with the same readers.

    `run_ids` are in the order of their periods. Return the findings about each. Idempotent as
    `plan_notifications_for_run`.
    """
    write_queries.lock_planning(connection, pipeline_name)
    findings: dict[str, tuple[Finding, ...]] = {}
    entries: list[OutboxEntry] = []

    for run_id in run_ids:
        facts, plan = plan_of(
            connection,
            pipeline_name,
            run_id,
            settings=settings,
        )
        findings[run_id] = plan.findings
        entries += _entries(connection, facts, plan, settings)

    _write(connection, digest.grouped(entries))
    return findings


def plan_late_reports(
    connection: Connection,
    pipeline_name: str,
    run_id: str,
    missing: Mapping[str, str],
    *,
    settings: Settings,
) -> int:
    """Store that readers of these stores are owed word that their report is late.

    `missing` has by store code why there is none. In the caller's transaction; return how many
    mails are new. Idempotent: who has got, or is owed, any mail about the store and report date is
    owed no such word. A report that is made before it went takes its place.
    """
    write_queries.lock_planning(connection, pipeline_name)
    facts = _with_settings(queries.read(connection, pipeline_name, run_id), settings)
    if facts.run is None:
        return 0

    domain = sender_domain(settings)
    entries = []

    for position, mail in enumerate(late.late_mails(facts, facts.run, missing)):
        key = rules.key(facts.run, mail)
        known = set()

        for row in read_queries.known(connection, key):
            known.add(row.recipient.casefold())

        owed = tuple(one for one in mail.envelope if one.mailbox.casefold() not in known)
        identity = rules.message_id([key], LATE, domain)
        content = Content(LATE, facts.run.run_id, identity)

        if owed:
            entries.append(
                OutboxEntry(
                    key,
                    mail,
                    owed,
                    content,
                    facts.run.finished_at,
                    position,
                )
            )

    _write(connection, [[entry] for entry in entries])
    return len(entries)


def plan_of(
    connection: Connection,
    pipeline_name: str,
    run_id: str,
    *,
    settings: Settings,
) -> tuple[Facts, MailPlan]:
    """Return the facts about a run and the plan that they make; stores nothing.

    The file of each report has been checked.
    """
    facts = queries.read(connection, pipeline_name, run_id)
    root = settings.volumes.reports_root
    facts = replace(facts, documents=attachment_files.with_problems(facts.documents, root))
    facts = _with_settings(facts, settings)

    return facts, build.build(facts, settings.command("notify"))


def _with_settings(
    facts: Facts,
    settings: Settings,
) -> Facts:
    return replace(
        facts,
        zone=settings.zone,
        has_answer=bool(settings.mail and settings.mail.reply_to),
    )


def sender_domain(settings: Settings) -> str:
    """Return the domain that Message-IDs are made under."""
    try:
        return addresses.sender(settings.mail.sender).domain if settings.mail else NO_DOMAIN
    except InvalidAddress:
        return NO_DOMAIN


def _entries(
    connection: Connection,
    facts: Facts,
    plan: MailPlan,
    settings: Settings,
) -> list[OutboxEntry]:
    """Return those of the plan's mails that somebody is still owed, in the order of sending.

    With the corrections of reports that were mailed with other figures.
    """
    if not facts.run:
        return []

    domain = sender_domain(settings)
    entries = []

    for position, mail in enumerate(plan.mails):
        content, owed = _content_and_owed(
            connection,
            facts,
            facts.run,
            mail,
            domain,
        )

        if content and owed:
            entries.append(
                OutboxEntry(
                    rules.key(facts.run, mail),
                    mail,
                    owed,
                    content,
                    facts.run.finished_at,
                    position,
                )
            )

        entries += _corrections(
            connection,
            facts.run,
            mail,
            domain,
            position,
        )

    return entries


def _corrections(
    connection: Connection,
    run: RunSummaryRow,
    mail: PlannedMail,
    domain: str,
    position: int,
) -> list[OutboxEntry]:
    """Return the mails that correct what readers of `mail` were told before; mostly none.

    One for all who were told the same. A forced run mails the report anew, so it corrects nothing.
    """
    report = next((one for one in mail.attachments if one.store_code == mail.store_code), None)
    if run.is_forced or mail.problem or report is None or not report.figures:
        return []

    key = rules.key(run, mail)
    known = read_queries.known(connection, key)
    mailed = read_queries.mailed_figures(connection, key, report.file_name)
    readers = {}

    for address in mail.envelope:
        readers[address.mailbox.casefold()] = address

    mails: dict[str, PlannedMail] = {}
    owed: dict[str, list[Address]] = {}

    for mailbox, said in mailed.items():
        found = corrections.corrections(said.figures, report.figures)
        reader = readers.get(mailbox.casefold())
        version = rules.correction_version(said, report.figures)

        if reader and found and rules.is_correction_owed(mailbox, version, known):
            mails[version] = corrections.corrected(mail, found)
            owed.setdefault(version, []).append(reader)

    entries = []

    for version, addressees in owed.items():
        identity = rules.message_id([key], version, domain)
        entries.append(
            OutboxEntry(
                key,
                mails[version],
                tuple(addressees),
                Content(version, run.run_id, identity),
                run.finished_at,
                position,
            )
        )

    return entries


def _content_and_owed(
    connection: Connection,
    facts: Facts,
    run: RunSummaryRow,
    mail: PlannedMail,
    domain: str,
) -> tuple[Content | None, tuple[addresses.Address, ...]]:
    """Withdraw the mail from those who are no readers any more; return who is still owed what."""
    key = rules.key(run, mail)
    # A mail that says that a report is late, or corrects one, has not brought it.
    known = []

    for row in read_queries.known(connection, key):
        if rules.brings_report(row.version):
            known.append(row)

    write_queries.withdraw(connection, key, mail)
    write_queries.delete_late(connection, key)

    version = rules.version(
        run,
        mail,
        facts.documents,
        known,
    )
    if version is None:
        return None, ()

    content = Content(
        version,
        run.run_id,
        rules.identity(key, version, domain, known),
    )
    return content, rules.owed(run, mail, content, known)


def _write(connection: Connection, mails: Iterable[Sequence[OutboxEntry]]) -> None:
    """Store each mail with the entries that it stands for: one, or several in a digest."""
    for entries in mails:
        newest = entries[-1]
        mail = newest.mail
        content = newest.content

        if len(entries) > 1:
            mail = digest.merged(entries, attachment_files.size_bytes)
            content = digest.content(entries)

        write_queries.store_message(
            connection,
            content.message_id,
            mail,
            dated_at=newest.dated_at,
            position=newest.position,
        )

        for entry in entries:
            owed = {}

            for address in entry.owed:
                owed[address] = rules.send_as(entry.mail, address)

            own = replace(entry.content, message_id=content.message_id)
            write_queries.enqueue(connection, entry.key, owed, own)

        # What each period had in the outbox by itself, before there was a digest.
        own_messages = {entry.content.message_id for entry in entries}
        write_queries.delete_unreferenced(connection, own_messages - {content.message_id})
