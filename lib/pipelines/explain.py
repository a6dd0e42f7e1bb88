"""Where the figures of a report come from: what was read when, by which run, and by which rule.

Reads only: it opens no run and writes no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from lib import dates, notify
from lib.config import Settings
from lib.dates import Period
from lib.db import jsonb, migrations, progress
from lib.db.engine import connect
from lib.domain.pipelines import PIPELINES
from lib.domain.stores import ALL
from lib.errors import UsageError
from lib.model import Pipeline, RunRef
from lib.reports.explain import choice, missing, pages, plain, text_lines
from lib.reports.explain.model import Page
from lib.reports.explain.provenance import SentMail


@dataclass(frozen=True)
class Question:
    """What somebody wants to know."""

    store_code: str
    pipeline: Pipeline
    period: Period
    #: A word of the figures' names; None for all of the report.
    figure: str | None
    #: Show the rows behind the lists: customers' data.
    with_rows: bool


def question(
    settings: Settings,
    store_code: str,
    on: date | None,
    period: tuple[Pipeline, Period] | None,
    *,
    figure: str | None,
    with_rows: bool,
) -> Question:
    """Return what a command line asks: about the period, else about the day, else yesterday."""
    if period is None:
        today = dates.today(settings.zone, dates.now())
        period = Pipeline.DAILY, dates.day_of(on or dates.report_day(today))

    return Question(
        store_code.strip().upper(),
        *period,
        figure,
        with_rows,
    )


def explain(
    settings: Settings,
    run_id: str,
    question: Question,
    *,
    as_json: bool,
) -> str:
    """Return the answer in words, or as one JSON object.

    Raise UsageError for a store that the database does not know, a period that is not over, and a
    figure that the report does not print; ConfigurationError for a pending migration.
    """
    now = dates.now()
    dates.require_complete(question.period, dates.today(settings.zone, now))
    engine = connect(settings.database_url, application_name=f"simplify explain {run_id}")

    try:
        # One snapshot, in which nothing can be written.
        reading = engine.execution_options(
            isolation_level="REPEATABLE READ",
            postgresql_readonly=True,
        )

        with reading.connect() as connection:
            migrations.require_current(connection)

            return _answer(connection, settings, question, now, as_json=as_json)
    finally:
        engine.dispose()


def _answer(
    connection: Connection,
    settings: Settings,
    question: Question,
    now: datetime,
    *,
    as_json: bool,
) -> str:
    if not missing.is_known(connection, question.store_code):
        raise UsageError(
            "--store names no store of the database; jobs.status names the stores,"
            " and ALL is the report of all of them"
        )

    page = _page(connection, settings, question, now)
    if page is None:
        reasons = missing.reasons(connection, question.store_code, question.period)
        return _json({"figures": [], "not_known": reasons}) if as_json else "\n".join(reasons)

    figures = choice.chosen(page.figures, question.figure)

    if as_json:
        return _json(plain.plain(page, figures, with_rows=question.with_rows))

    return "\n".join(
        text_lines.lines(
            page,
            figures,
            settings.zone,
            with_rows=question.with_rows,
        )
    )


def _page(
    connection: Connection,
    settings: Settings,
    question: Question,
    now: datetime,
) -> Page | None:
    run = _run(connection, settings, question, now)
    mails = list(_mails(connection, question))

    code, zone = question.store_code, settings.zone

    if code == ALL:
        stores = settings.report_stores
        return pages.combined_page(
            connection,
            run,
            question.period,
            stores,
            zone=zone,
            mails=mails,
        )

    if question.pipeline is Pipeline.DAILY:
        return pages.daily_page(
            connection,
            run,
            code,
            zone=zone,
            mails=mails,
        )

    return pages.period_page(
        connection,
        run,
        question.period,
        code,
        zone=zone,
        mails=mails,
    )


def _run(
    connection: Connection,
    settings: Settings,
    question: Question,
    now: datetime,
) -> RunRef:
    """Return the run that signs the report; where there is none, one that is never stored."""
    report_on = question.period.last
    signers = progress.signers(connection, question.pipeline, report_on)
    unmade = RunRef(
        question.pipeline,
        "none",
        settings.run_env,
        report_on,
        now,
    )

    return signers.get(question.store_code, unmade)


def _mails(connection: Connection, question: Question) -> Iterator[SentMail]:
    name = PIPELINES[question.pipeline].file_name(question.store_code, question.period)
    report_on = question.period.last

    for mail in notify.report_mails(connection, question.pipeline, report_on, name):
        yield SentMail(
            mail.sent_at,
            mail.readers,
            mail.is_certain,
            mail.figures,
        )


def _json(value: dict[str, Any]) -> str:
    return jsonb.dumps(value)
