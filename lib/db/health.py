"""Whether this database is fit for the jobs: what `jobs.db_check` asks. Reads only.

An *error* keeps a job from doing its work; a *warning* is something that people should know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, inspect, or_, select

from lib import dates
from lib.db import collation, migrations, privileges, references
from lib.db.errors import UnknownRevision
from lib.db.tables import (
    documents,
    email_templates,
    metadata,
    notification_profiles,
    notification_recipients,
    pipeline_run_summaries,
    pipelines,
    store_master,
)
from lib.domain.stores import ALL
from lib.model import RUNNING, Finding, Pipeline, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sqlalchemy import Connection, Row

    Question = Callable[[Connection], Iterator[Finding]]
    #: id, pipeline, code, env, scope and has_template.
    Profile = Row[tuple[int, str, str, str, str, bool]]

#: Longer than any run is allowed to take.
STALE_AFTER = timedelta(hours=6)
#: Rows that the server sends at once: years of a large chain do not fit into memory.
PATHS_AT_ONCE = 5000
#: The one template name that is sent (docs/reference/domain.md#notification-selection).
TEMPLATE = "default"


@dataclass(frozen=True)
class Check:
    """One question and what was found; no findings is the good answer."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        return Status.worst([finding.severity for finding in self.findings])


def examine(connection: Connection, report_stores: Collection[str] = ()) -> list[Check]:
    """Answer every question; those about rows only where the role may read tables that are there.

    `report_stores` are the store codes of REPORT_STORES_LIST: the tables do not know them before
    the first run.
    """
    checks: list[Check] = []

    for questions in (SCHEMA_CHECKS, row_checks(report_stores)):
        for name, question in questions.items():
            checks.append(Check(name, tuple(question(connection))))

        # "revisions" is told and stops nothing: the tables decide whether rows can be asked for
        if any(check.status is Status.ERROR for check in checks if check.name != "revisions"):
            break

    return checks


def _revisions(connection: Connection) -> Iterator[Finding]:
    """Nothing is pending. A newer database is fit, too: revisions only add."""
    if not privileges.may_read_revision(connection):
        yield Finding(Status.ERROR, "the revision cannot be read; see privileges")
        return

    try:
        waiting = migrations.pending(connection)
    except UnknownRevision as problem:
        yield Finding(Status.WARNING, str(problem))
        return

    for revision in waiting:
        yield Finding(
            Status.ERROR,
            f"{revision} is not applied; run: {migrations.COMMAND}",
        )

    if waiting:
        yield from privileges.lacking_to_migrate(connection)


def _tables(connection: Connection) -> Iterator[Finding]:
    there = set(inspect(connection).get_table_names())

    for name in sorted(set(metadata.tables) - there):
        yield Finding(Status.ERROR, f"the table {name} is missing")


def _pipelines(connection: Connection) -> Iterator[Finding]:
    codes = set(connection.execute(select(pipelines.c.code)).scalars())

    for code in sorted(set(Pipeline) - codes):
        text = f"the pipeline {code} has no row in pipelines, so its mails are never sent"
        yield Finding(Status.ERROR, text)

    for code in sorted(codes - set(Pipeline)):
        text = f"the pipeline {code} is in pipelines, but no job has that code"
        yield Finding(Status.WARNING, text)


def _profiles(connection: Connection) -> Iterator[Finding]:
    """Every pipeline has a mail about its run, and every active profile has something to send."""
    profiles = _active_profiles(connection)

    with_run_mail = {profile.pipeline for profile in profiles if profile.scope == "run"}

    for code in sorted(set(Pipeline) - with_run_mail):
        text = f"{code} has no active profile of scope run, so nobody hears how it went"
        yield Finding(Status.ERROR, text)

    for profile in profiles:
        if not profile.has_template:
            text = f"{_name(profile)} has no active template named {TEMPLATE}"
            yield Finding(Status.ERROR, text)


def _recipients(
    connection: Connection,
    report_stores: Collection[str],
) -> Iterator[Finding]:
    """Run mails need a "to" without a store; store mails one for each active and report store.

    Source: docs/reference/domain.md#notification-selection.
    """
    store_code = store_master.c.store_code
    active = connection.execute(select(store_code).where(store_master.c.is_active)).scalars()
    codes = sorted({*report_stores, *(code.upper() for code in active)})

    recipient = notification_recipients.c
    of_profile = select(func.upper(recipient.store_code), recipient.send_as)

    for profile in _active_profiles(connection):
        query = of_profile.where(recipient.profile_id == profile.id, recipient.is_active)

        rows = connection.execute(query).all()

        if profile.scope == "run" and (None, "to") not in map(tuple, rows):
            text = f'{_name(profile)} has no active "to" recipient without a store'
            yield Finding(Status.ERROR, text)

        reached = {store for store, _ in rows}
        if profile.scope == "store" and not reached & {None, ALL}:
            for code in codes:
                if code not in reached:
                    text = f"profile {profile.code} has no recipient"
                    text = f"{text}; add one in notification_recipients"
                    yield Finding(Status.WARNING, text, store_code=code)


def _combined_readers(connection: Connection) -> Iterator[Finding]:
    """The report of all stores of every pipeline has a reader."""
    recipient = notification_recipients.c
    has_reader = select(recipient.id).where(
        recipient.is_active,
        recipient.send_as != "bcc",
        or_(recipient.store_code.is_(None), func.upper(recipient.store_code) == ALL),
    )
    profiles = _active_profiles(connection)
    read: set[str] = set()

    for profile in profiles:
        query = has_reader.where(recipient.profile_id == profile.id).limit(1)

        if profile.scope == "combined" and connection.execute(query).first():
            read.add(profile.pipeline)

    # A pipeline without any profile is told of already.
    for code in sorted({profile.pipeline for profile in profiles} - read):
        text = f"the report of all stores ({ALL}) of {code} has no reader"
        text = f"{text}: no active profile of scope combined has a recipient"
        yield Finding(Status.WARNING, f"{text}; docs/how-to/add-a-recipient.md")


def _documents(connection: Connection) -> Iterator[Finding]:
    """Every document names a pipeline that exists."""
    code = documents.c.reference_id_1
    is_unknown = or_(code.is_(None), code.not_in(list(Pipeline)))

    query = (
        select(code, func.count())
        .where(and_(documents.c.reference_name_1 == "pipeline", is_unknown))
        .group_by(code)
        .order_by(code)
    )

    for name, count in connection.execute(query):
        text = f"{count} documents belong to the pipeline {name}, which no job has"
        yield Finding(Status.WARNING, text)


def _report_files(connection: Connection) -> Iterator[Finding]:
    """Every report that a row calls `ok` is on this disk; `jobs.prune` marks those it removed."""
    document = documents.c
    query = (
        select(document.file_path)
        .where(
            document.status == Status.OK,
            document.storage_backend == "fs",
            document.file_path.startswith("/"),
        )
        .order_by(document.id.desc())
    )

    options = {"yield_per": PATHS_AT_ONCE}
    paths = connection.execute(query, execution_options=options).scalars()

    missing = []

    for path in paths:
        if not Path(path).exists():
            missing.append(path)

    if missing:
        text = f"{len(missing)} reports are not where documents says, for example {missing[0]}"
        yield Finding(
            Status.WARNING,
            f"{text}; docs/how-to/keep-the-disk-free.md says how they are made again",
        )


def _references(connection: Connection) -> Iterator[Finding]:
    """Every document and delivery has its run, and the server knows it."""
    repair = "python -m jobs.db_check --repair-orphans"

    orphans = references.orphans(connection)

    for table, count in orphans.items():
        text = f"{count} rows of {table} belong to a run without a row; repair: {repair}"
        yield Finding(Status.WARNING, text)

    for name, table in references.not_validated(connection).items():
        if table not in orphans:
            yield Finding(Status.WARNING, f"{name} is not validated; run: {repair}")


def _running(connection: Connection) -> Iterator[Finding]:
    """No run says that it is running for longer than any run takes."""
    run = pipeline_run_summaries.c

    query = (
        select(run.pipeline_name, run.run_id, run.started_at)
        .where(run.overall_status == RUNNING, run.started_at < func.now() - STALE_AFTER)
        .order_by(run.started_at)
    )

    for name, run_id, started_at in connection.execute(query):
        since = dates.minute(started_at)
        text = f"run {run_id} of {name} says running since {since}"
        yield Finding(Status.WARNING, f"{text}; its next run closes it if it was killed")


SCHEMA_CHECKS: dict[str, Question] = {
    "revisions": _revisions,
    "tables": _tables,
    "privileges": privileges.lacking,
    "order of texts": collation.outdated,
}


def row_checks(report_stores: Collection[str]) -> Mapping[str, Question]:
    """Return the questions about rows by name, in the order in which they are asked."""
    return {
        "pipelines": _pipelines,
        "profiles and templates": _profiles,
        "recipients": partial(_recipients, report_stores=report_stores),
        "readers of all stores": _combined_readers,
        "documents": _documents,
        "report files": _report_files,
        "runs of documents and deliveries": _references,
        "running runs": _running,
    }


def _active_profiles(connection: Connection) -> list[Profile]:
    """Return the active profiles of the pipelines that have a job."""
    profile, template = notification_profiles.c, email_templates.c
    has_template = exists().where(
        template.profile_id == profile.id,
        template.name == TEMPLATE,
        template.is_active,
    )

    query = (
        select(
            profile.id,
            pipelines.c.code.label("pipeline"),
            profile.code,
            profile.env,
            profile.scope,
            has_template.label("has_template"),
        )
        .join_from(notification_profiles, pipelines)
        .where(profile.is_active, pipelines.c.code.in_(list(Pipeline)))
        .order_by("pipeline", profile.code)
    )

    return list(connection.execute(query))


def _name(profile: Profile) -> str:
    return f"{profile.pipeline}/{profile.code} ({profile.env})"
