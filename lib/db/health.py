"""Is this database fit for the jobs? What `jobs.db_check` asks; reads only, changes nothing.

An *error* keeps a job from doing its work; a *warning* is something that people should know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, inspect, or_, select

from lib.db import migrations, references
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
    """Answer every question; those about rows only when the tables are there.

    `report_stores` are the store codes of REPORT_STORES_LIST: the tables do not know them before the first run.
    """
    checks = [_check("revisions", _revisions, connection), _check("tables", _tables, connection)]
    if checks[-1].status is Status.OK:
        checks += [
            _check(name, question, connection)
            for name, question in row_checks(report_stores).items()
        ]

    return checks


def _check(
    name: str, question: Callable[[Connection], Iterator[Finding]], connection: Connection
) -> Check:
    return Check(name, tuple(question(connection)))


def _revisions(connection: Connection) -> Iterator[Finding]:
    """Nothing is pending. A newer database is fit, too: revisions only add."""
    try:
        waiting = migrations.pending(connection)
    except UnknownRevision as problem:
        yield Finding(Status.WARNING, str(problem))
        return

    for revision in waiting:
        yield Finding(Status.ERROR, f"{revision} is not applied; run: {migrations.COMMAND}")


def _tables(connection: Connection) -> Iterator[Finding]:
    there = set(inspect(connection).get_table_names())
    for name in sorted(set(metadata.tables) - there):
        yield Finding(Status.ERROR, f"the table {name} is missing")


def _pipelines(connection: Connection) -> Iterator[Finding]:
    codes = set(connection.execute(select(pipelines.c.code)).scalars())
    for code in sorted(set(Pipeline) - codes):
        yield Finding(
            Status.ERROR,
            f"the pipeline {code} has no row in pipelines, so its mails are never sent",
        )

    for code in sorted(codes - set(Pipeline)):
        yield Finding(
            Status.WARNING, f"the pipeline {code} is in pipelines, but no job has that code"
        )


def _profiles(connection: Connection) -> Iterator[Finding]:
    """Every pipeline tells somebody how it went, and every active profile has something to send."""
    profiles = _active_profiles(connection)
    for code in sorted(
        set(Pipeline) - {profile.pipeline for profile in profiles if profile.scope == "run"}
    ):
        yield Finding(
            Status.ERROR, f"{code} has no active profile of scope run, so nobody hears how it went"
        )

    for profile in profiles:
        if not profile.has_template:
            yield Finding(Status.ERROR, f"{_name(profile)} has no active template named {TEMPLATE}")


def _recipients(connection: Connection, report_stores: Collection[str]) -> Iterator[Finding]:
    """Run mails need a "to" without a store; store mails a reader for every active store and every report store."""
    active = connection.execute(select(store_master.c.store_code).where(store_master.c.is_active))
    codes = sorted({*report_stores, *(code.upper() for code in active.scalars())})

    for profile in _active_profiles(connection):
        rows = connection.execute(
            select(
                func.upper(notification_recipients.c.store_code), notification_recipients.c.send_as
            ).where(
                notification_recipients.c.profile_id == profile.id,
                notification_recipients.c.is_active,
            )
        ).all()
        if profile.scope == "run" and (None, "to") not in map(tuple, rows):
            yield Finding(
                Status.ERROR, f'{_name(profile)} has no active "to" recipient without a store'
            )

        reached = {store for store, _ in rows}
        if profile.scope == "store" and not reached & {None, ALL}:
            for code in (code for code in codes if code not in reached):
                text = (
                    f"profile {profile.code} has no recipient; add one in notification_recipients"
                )
                yield Finding(Status.WARNING, text, store_code=code)


def _documents(connection: Connection) -> Iterator[Finding]:
    """Every document names a pipeline that exists."""
    code = documents.c.reference_id_1

    strange = and_(
        documents.c.reference_name_1 == "pipeline", or_(code.is_(None), code.not_in(list(Pipeline)))
    )
    for name, count in connection.execute(
        select(code, func.count()).where(strange).group_by(code).order_by(code)
    ):
        yield Finding(
            Status.WARNING, f"{count} documents belong to the pipeline {name}, which no job has"
        )


def _report_files(connection: Connection) -> Iterator[Finding]:
    """Every report that a row calls `ok` is on this disk; of those that `jobs.prune` took away the rows say so."""
    document = documents.c
    claimed = (
        document.status == Status.OK,
        document.storage_backend == "fs",
        document.file_path.startswith("/"),
    )

    query = select(document.file_path).where(*claimed).order_by(document.id.desc())
    paths = connection.execute(query, execution_options={"yield_per": PATHS_AT_ONCE}).scalars()

    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        text = f"{len(missing)} reports are not where documents says, for example {missing[0]}"
        yield Finding(
            Status.WARNING,
            f"{text}; docs/how-to/keep-the-disk-free.md says how they are made again",
        )


def _references(connection: Connection) -> Iterator[Finding]:
    """Every document and delivery has its run, and the server knows it."""
    orphans = references.orphans(connection)
    for table, count in orphans.items():
        text = f"{count} rows of {table} belong to a run without a row; repair: python -m jobs.db_check --repair-orphans"
        yield Finding(Status.WARNING, text)

    for name, table in references.unproven(connection).items():
        if table not in orphans:
            text = f"{name} is not validated; run: python -m jobs.db_check --repair-orphans"
            yield Finding(Status.WARNING, text)


def _running(connection: Connection) -> Iterator[Finding]:
    """No run says that it is running for longer than any run takes."""
    run = pipeline_run_summaries.c

    stale = select(run.pipeline_name, run.run_id, run.started_at).where(
        run.overall_status == RUNNING, run.started_at < func.now() - STALE_AFTER
    )
    for name, run_id, started_at in connection.execute(stale.order_by(run.started_at)):
        since = f"{started_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(
            Status.WARNING,
            f"run {run_id} of {name} says running since {since}; its next run closes it if it was killed",
        )


def row_checks(
    report_stores: Collection[str],
) -> Mapping[str, Callable[[Connection], Iterator[Finding]]]:
    """Return the questions about rows by name, in the order in which they are asked."""
    return {
        "pipelines": _pipelines,
        "profiles and templates": _profiles,
        "recipients": partial(_recipients, report_stores=report_stores),
        "documents": _documents,
        "report files": _report_files,
        "runs of documents and deliveries": _references,
        "running runs": _running,
    }


def _active_profiles(connection: Connection) -> list[Row[tuple[int, str, str, str, str, bool]]]:
    """Return id, pipeline, code, env, scope and has_template of the active profiles of the pipelines we run."""
    profile, template = notification_profiles.c, email_templates.c
    has_template = exists().where(
        template.profile_id == profile.id, template.name == TEMPLATE, template.is_active
    )
    columns = (
        profile.id,
        pipelines.c.code.label("pipeline"),
        profile.code,
        profile.env,
        profile.scope,
    )

    query = select(*columns, has_template.label("has_template")).join_from(
        notification_profiles, pipelines
    )
    return list(
        connection.execute(
            query.where(profile.is_active, pipelines.c.code.in_(list(Pipeline))).order_by(
                "pipeline", profile.code
            )
        )
    )


def _name(profile: Row[tuple[int, str, str, str, str, bool]]) -> str:
    return f"{profile.pipeline}/{profile.code} ({profile.env})"
